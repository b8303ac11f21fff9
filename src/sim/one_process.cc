// sim/one_process.cc: forks that take time, programs that die when they please, hooks.

#include "sim/one_process.h"

#include <algorithm>

#include "base/overloaded.h"

namespace lares::sim {

using namespace supervise;

namespace {

char const* words_for(Hook hook) {
    switch (hook) {
    case Hook::pre_start:
        return "pre_start";
    case Hook::post_start:
        return "post_start";
    case Hook::pre_stop:
        return "pre_stop";
    case Hook::post_stop:
        return "post_stop";
    }
    return "?";
}

}  // namespace

OneProcess::OneProcess(Policy policy, std::function<Life()> program,
                       std::function<HookLife(Hook)> hook)
    : policy_(std::move(policy)), program_(std::move(program)), hook_(std::move(hook)) {}

void OneProcess::feed(Event const& event) {
    auto [next, actions] = supervise::step(process_, policy_, event, now_);
    process_ = std::move(next);
    bool deadline = std::holds_alternative<DeadlinePassed>(event);
    if (deadline && process_.deadline && *process_.deadline < now_) complain("a deadline is left");
    for (auto const& action : actions) perform(action);
}

void OneProcess::restart(bool automatic) {
    feed(RestartAsked{automatic ? "restart asked by a watch" : "restart asked", automatic});
}

void OneProcess::run_for(Duration span) {
    Instant end = now_ + span;
    int at_once = 0;
    while (auto next = next_due()) {
        if (*next > end) break;
        at_once = *next > now_ ? 0 : at_once + 1;
        if (at_once > 10'000) return complain("time stands still");
        now_ = std::max(now_, *next);
        deliver_next();
    }
    now_ = end;
}

std::optional<Instant> OneProcess::next_due() const {
    std::optional<Instant> first = process_.deadline;
    if (!due_.empty() && (!first || due_.begin()->first < *first)) first = due_.begin()->first;
    return first;
}

void OneProcess::deliver_next() {
    bool deadline_due = process_.deadline && *process_.deadline <= now_;
    bool kernel_due = !due_.empty() && due_.begin()->first <= now_;
    if (deadline_due && (deadline_first_ || !kernel_due)) return feed(DeadlinePassed{});
    auto what = std::move(due_.begin()->second);
    due_.erase(due_.begin());
    what();
}

void OneProcess::perform(Action const& action) {
    std::visit(Overloaded{
                   [&](Spawn) { spawn(); },
                   [&](Signal const& s) { signal(s); },
                   [&](RunHook const& h) { run_hook(h.hook); },
                   [&](CancelHook const& h) { cancel_hook(h.hook); },
                   [&](Announce const& a) { announce(a); },
               },
               action);
}

void OneProcess::announce(Announce const& a) {
    walked_.insert({a.from, a.to});
    announced_.push_back(a);
    std::string words = std::string(name(a.to)) + ": " + a.why;
    history_.push_back(std::to_string(now_.time_since_epoch().count()) + " " + words);
    deeds_.push_back(std::move(words));
}

void OneProcess::spawn() {
    if (forking_ || dies_at_) complain("a second spawn while one is under way");
    forking_ = true;
    life_ = program_();
    deeds_.push_back("spawn");
    at(now_ + life_.fork_takes, [this] { finish_fork(); });
}

void OneProcess::finish_fork() {
    forking_ = false;
    if (!life_.spawn_error.empty()) return feed(SpawnFailed{life_.spawn_error});
    spawned_ += 1;
    die(now_ + life_.lives, Exited{life_.code});
    if (life_.ready_after && *life_.ready_after < life_.lives)
        at(now_ + *life_.ready_after, [this, serial = spawned_] {
            if (serial == spawned_ && dies_at_) feed(ReadySeen{});
        });
    feed(Spawned{spawned_, now_});
}

/// Promises the death of the process alive now; an earlier promise is void.
void OneProcess::die(Instant when, Exited how) {
    dies_at_ = when;
    how.at = when;
    at(when + life_.told_late, [this, how, promise = ++deaths_] {
        if (promise != deaths_) return;
        dies_at_.reset();
        feed(how);
    });
}

void OneProcess::signal(Signal s) {
    deeds_.push_back("signal " + std::to_string(s.number) + (s.last_rung ? ", the last" : ""));
    if (!dies_at_) return complain("a signal to nobody");
    Instant when = now_ + (s.number == 9 ? Duration(0) : life_.dies_in);
    if ((s.number != 9 && life_.ignores_term) || *dies_at_ <= when) return;
    die(when, Exited{-1, s.number});
}

void OneProcess::run_hook(Hook hook) {
    deeds_.push_back(std::string("run ") + words_for(hook));
    if (hooks_.contains(hook)) complain("a hook twice at a time");
    HookLife life = hook_ ? hook_(hook) : HookLife{};
    hooks_[hook] = {++hook_serial_, life.ignores_cancel};
    at(now_ + life.takes, [this, hook, serial = hook_serial_, ok = life.ok] {
        finish_hook(hook, serial, ok, "exited with 1");
    });
}

void OneProcess::finish_hook(Hook hook, int serial, bool ok, std::string why) {
    auto run = hooks_.find(hook);
    if (run == hooks_.end() || run->second.serial != serial) return;
    hooks_.erase(run);
    deeds_.push_back(std::string(words_for(hook)) + (ok ? " ended" : " failed"));
    feed(HookDone{hook, ok, ok ? "" : std::move(why)});
}

void OneProcess::cancel_hook(Hook hook) {
    deeds_.push_back(std::string("cancel ") + words_for(hook));
    auto run = hooks_.find(hook);
    if (run == hooks_.end()) return complain("cancels a hook that does not run");
    if (run->second.ignores_cancel) return;
    at(now_, [this, hook, serial = run->second.serial] {
        finish_hook(hook, serial, /*ok=*/false, "killed by SIGKILL");
    });
}

void OneProcess::complain(std::string words) {
    complaints_.push_back(std::to_string(now_.time_since_epoch().count()) + " " + words);
}

}  // namespace lares::sim
