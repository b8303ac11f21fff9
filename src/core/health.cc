// core/health.cc: the machine that asks, waits for an answer, and counts.

#include "core/health.h"

#include <algorithm>

#include "base/overloaded.h"
#include "core/in_words.h"

namespace lares::health {

namespace {

/// Between the starts of two probes, whatever the plan says: a probe that fails at once must not
/// keep the loop busy.
constexpr Duration shortest_pause = std::chrono::milliseconds(10);

struct Writer {
    Watch watch;
    Plan const& plan;
    Instant const now;
    std::vector<Action> actions;

    void act(Action action) { actions.push_back(std::move(action)); }
};

void end(Writer& w) {
    if (w.watch.asking) w.act(Abandon{});
    w.watch = {};
}

void begin(Writer& w) {
    end(w);
    w.watch.active = true;
    w.watch.deadline = w.now + std::max(w.plan.first, Duration(0));
}

void ask(Writer& w) {
    w.watch.asking = true;
    w.watch.asked_at = w.now;
    w.watch.deadline = w.now + std::max(w.plan.timeout, shortest_pause);
    w.act(Ask{});
}

std::string illness(Watch const& watch) {
    bool one = watch.failures == 1;
    return std::to_string(watch.failures) + (one ? " probe" : " probes") +
           " failed, last: " + watch.last_why;
}

void fail(Writer& w, std::string why) {
    w.watch.failures = std::min(w.watch.failures + 1, 1'000'000);
    w.watch.last_why = std::move(why);
    bool ill = w.plan.purpose == Purpose::liveness && w.watch.failures >= w.plan.failures_allowed;
    if (!ill) return;
    w.act(Ill{illness(w.watch)});
    w.watch.failures = 0;  // asks on: who was told and did nothing is told again
}

void succeed(Writer& w) {
    w.watch.failures = 0;
    w.watch.last_why.clear();
    if (w.plan.purpose == Purpose::liveness) return;
    w.watch.active = false;
    w.watch.deadline.reset();
    w.act(Ready{});
}

void conclude(Writer& w, Answer const& answer) {
    w.watch.asking = false;
    Instant next = w.watch.asked_at + std::max(w.plan.every, shortest_pause);
    w.watch.deadline = std::max(next, w.now);
    if (answer.ok) return succeed(w);
    fail(w, answer.why);
}

void on_deadline(Writer& w) {
    if (!w.watch.deadline || *w.watch.deadline > w.now) return;
    if (!w.watch.asking) return ask(w);
    w.act(Abandon{});
    conclude(w, {false, "no answer within " + in_words(w.plan.timeout)});
}

}  // namespace

Step step(Watch const& watch, Plan const& plan, Event const& event, Instant now) {
    Writer w{watch, plan, now, {}};
    std::visit(Overloaded{
                   [&](Begin) { begin(w); },
                   [&](End) { end(w); },
                   [&](Answer const& answer) {
                       if (w.watch.asking) conclude(w, answer);
                   },
                   [&](DeadlinePassed) { on_deadline(w); },
               },
               event);
    return {std::move(w.watch), std::move(w.actions)};
}

}  // namespace lares::health
