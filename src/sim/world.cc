// sim/world.cc: one turn after the other.

#include "sim/world.h"

#include <algorithm>

#include "base/overloaded.h"

namespace lares::sim {

namespace {

/// More turns than this without time going on are a loop that never sleeps.
constexpr int most_turns_at_once = 1'000;

}  // namespace

World::World(WorldSettings settings) : kernel(settings.seed), settings_(settings) {}

void World::connect(ports::Inbox& inbox, std::function<void()> turn) {
    inbox_ = &inbox;
    turn_ = std::move(turn);
}

void World::run_for(Duration span) {
    run_until([] { return false; }, span);
}

bool World::run_until(std::function<bool()> const& done, Duration span) {
    Instant end = now() + span;
    while (auto next = next_turn_at()) {
        if (*next > end) break;
        turns_at_once_ = *next > now() ? 0 : turns_at_once_ + 1;
        if (turns_at_once_ > most_turns_at_once) {
            kernel.complain("time stands still");
            return false;
        }
        bool late = settings_.late_at_most > Duration(0) && kernel.pick(4) == 0;
        Duration lateness(late ? kernel.pick(static_cast<int>(settings_.late_at_most.count()) + 1)
                               : 0);
        turn(std::min(*next + lateness, end));
        if (done()) return true;
    }
    kernel.run_until(end);
    return false;
}

std::optional<Instant> World::next_turn_at() const {
    if (kernel.has_news()) return now();
    std::optional<Instant> next = kernel.next_due();
    auto wake = clock.wake();
    if (wake && (!next || *wake < *next)) next = wake;
    if (next) next = std::max(*next, now());
    return next;
}

void World::turn(Instant at) {
    kernel.run_until(at);
    bool woken = clock.wake() && *clock.wake() <= now();
    if (!kernel.has_news() && !woken) return;  // the kernel did something that nobody hears of
    if (woken) clock.woken();
    kernel.next_turn();
    for (auto& news : kernel.take_news())
        std::visit(Overloaded{
                       [&](ports::Event& event) {
                           if (inbox_) inbox_->push(std::move(event));
                       },
                       [](std::function<void()> const& callback) { callback(); },
                   },
                   news);
    if (turn_) turn_();
}

void World::crash() {
    kernel.note("the daemon is killed");
    inbox_ = nullptr;
    turn_ = nullptr;
    kernel.begin_life();
    clock.woken();
    processes.crash();
    logs.crash();
    probes.crash();
    folders.crash();
    worker.crash();
    wire.crash();
    memory.crash();
    store.crash();
    intake.crash();
}

void World::raise(int signal) {
    kernel.note("the daemon gets signal " + std::to_string(signal));
    kernel.tell({}, ports::SignalReceived{signal});
}

std::string World::report() const {
    std::string words = "seed " + std::to_string(settings_.seed) + "\n";
    auto const& notes = kernel.notes();
    std::size_t first = notes.size() > 20 ? notes.size() - 20 : 0;
    for (std::size_t i = first; i < notes.size(); ++i) words += "  " + notes[i] + "\n";
    return words;
}

}  // namespace lares::sim
