// core/supervise.cc: the supervision state machine. One function a kind of event.
//
// The Writer holds the Step that is being built; functions above the line "events" take one piece
// of the way (begin a start, fail it, send the next signal), those below answer one event each.

#include "core/supervise.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "base/signals.h"
#include "core/in_words.h"
#include "core/restarts.h"

namespace lares::supervise {

namespace {

// clang-format off
constexpr Edge all_edges[] = {
    {State::stopped,  State::starting, "start asked"},
    {State::exited,   State::starting, "start asked, or its restart is due"},
    {State::fatal,    State::starting, "start asked"},
    {State::backoff,  State::starting, "the next try is due, or restart asked"},
    {State::starting, State::running,  "stayed up for startsecs and, if asked for, said it is ready"},
    {State::starting, State::backoff,  "pre_start failed, could not be spawned, or exited too soon"},
    {State::starting, State::stopping, "stop or restart asked, or not ready in time"},
    {State::running,  State::stopping, "stop or restart asked"},
    {State::running,  State::exited,   "exited by itself"},
    {State::running,  State::backoff,  "proved to have exited too soon, learned late"},
    {State::backoff,  State::stopped,  "stop asked"},
    {State::backoff,  State::fatal,    "startretries or the restart window used up"},
    {State::exited,   State::stopped,  "stop asked while a restart waited"},
    {State::exited,   State::fatal,    "the restart window is used up"},
    {State::stopping, State::stopped,  "gone after a stop"},
    {State::stopping, State::backoff,  "gone after it was not ready in time"},
    {State::stopping, State::fatal,    "gone after the restart window was used up"},
};
// clang-format on

/// A run this long shows that the program works: the next crash is a first one (Process::exits).
constexpr Duration proves_itself = std::chrono::minutes(10);
/// KILL is not sent again more often than this, whatever the ladder says.
constexpr Duration shortest_repeat = std::chrono::seconds(1);
/// Where counts of endless retries stop growing; delays have met their maximum long before.
constexpr int most_counted = 1'000'000;

/// Builds one Step: moves along checked edges and collects actions.
struct Writer {
    Process p;
    Policy const& policy;
    Instant const now;
    unsigned const random;
    std::vector<Action> actions;

    void enter(State to, std::string why, bool expected = true);
    void act(Action action) { actions.push_back(std::move(action)); }
};

void Writer::enter(State to, std::string why, bool expected) {
    State from = p.state;
    CHECK(std::ranges::any_of(all_edges,
                              [&](Edge const& e) { return e.from == from && e.to == to; }));
    p.state = to;
    p.deadline.reset();
    bool tries_matter = to == State::starting || to == State::backoff;
    act(Announce{from, to, std::move(why), tries_matter ? p.failures : 0, expected});
    if (from != State::running) return;
    if (p.post_start_runs && !p.post_start_due) act(CancelHook{Hook::post_start});
    p.post_start_due = false;
}

// Words.

std::string end_in_words(Exited const& e) {
    if (e.is_unseen) return "ended, nobody saw how,";
    if (e.code >= 0) return "exited with " + std::to_string(e.code);
    return "killed by " + signal_name(e.signal) + (e.core_dumped ? " (core dumped)" : "");
}

std::string count_in_words(int count, std::string const& one, std::string const& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string window_in_words(RestartWindow const& window) {
    return "restarted " + count_in_words(window.count, "time", "times") + " within " +
           in_words(window.span) + ", giving up";
}

std::string try_in_words(Process const& p, Policy const& policy) {
    std::string words = "try " + std::to_string(p.failures + 1);
    if (policy.startretries >= 0) words += " of " + std::to_string(policy.startretries + 1);
    return words;
}

// Starting.

void spawn(Writer& w) {
    w.p.spawning = true;
    w.act(Spawn{});
}

/// What comes before a spawn, when post_stop of the last run does not hold it up any more.
void prepare(Writer& w) {
    if (!w.policy.has_pre_start) return spawn(w);
    w.p.waiting_for = Hook::pre_start;
    w.act(RunHook{Hook::pre_start});
}

void begin(Writer& w, std::string why) {
    w.p.ready = false;
    w.p.end_why.clear();
    w.p.end_expected = true;
    w.enter(State::starting, std::move(why));
    if (!w.p.post_stop_runs) prepare(w);
}

void begin_by_itself(Writer& w, std::string why) {
    note_restart(w.p.restarts, w.policy.window, w.now);
    begin(w, std::move(why));
}

/// Nothing is alive any more, and what was tried has failed.
/// @param bare  the same as `why` without times, for the message that gives up.
void fail_start(Writer& w, std::string why, std::string const& bare) {
    Process& p = w.p;
    p.failures = std::min(p.failures + 1, most_counted);
    Instant due = later(w.now, delay_after_failure(w.policy, p.failures, w.random));
    bool used_up = w.policy.startretries >= 0 && p.failures > w.policy.startretries;
    if (used_up || !window_allows(p.restarts, w.policy.window, due)) {
        w.enter(State::backoff, std::move(why));
        std::string tries = count_in_words(p.failures, "try", "tries");
        return w.enter(State::fatal, used_up ? "gave up after " + tries + ": " + bare
                                             : window_in_words(w.policy.window));
    }
    w.enter(State::backoff, why + ", retrying in " + in_words(due - w.now));
    p.deadline = due;
}

bool is_ready_enough(Writer const& w) { return !w.policy.ready_within || w.p.ready; }

Instant up_long_enough_at(Writer const& w) { return later(*w.p.spawned_at, w.policy.startsecs); }

std::string up_in_words(Writer const& w) {
    if (w.policy.ready_within) return "ready after " + in_words(w.now - *w.p.spawned_at);
    if (w.policy.startsecs <= Duration(0)) return "started";
    return "stayed up for " + in_words(w.policy.startsecs);
}

void announce_running(Writer& w) {
    w.p.failures_before = std::exchange(w.p.failures, 0);
    w.p.running_since = w.now;
    w.enter(State::running, up_in_words(w));
}

void come_up(Writer& w) {
    announce_running(w);
    if (!w.policy.has_post_start) return;
    if (w.p.post_start_runs) {
        w.p.post_start_due = true;
        return;
    }
    w.p.post_start_runs = true;
    w.act(RunHook{Hook::post_start});
}

// Stopping.

/// The next rung of the ladder, and those behind it that need not wait.
void signal_next(Writer& w) {
    auto const& ladder = w.policy.stop_ladder;
    CHECK(!ladder.empty());
    int last = static_cast<int>(ladder.size()) - 1;
    for (;;) {
        int rung = std::min(w.p.rung, last);  // a reload may have shortened the ladder
        StopStep const& step = ladder[static_cast<std::size_t>(rung)];
        w.act(Signal{step.signal, rung == last});
        w.p.rung = std::min(rung + 1, last);
        Duration wait = rung == last ? std::max(step.wait, shortest_repeat) : step.wait;
        w.p.deadline = later(w.now, wait);
        if (wait > Duration(0)) return;
    }
}

/// In STOPPING, when nothing is alive and no hook is waited for.
void gone(Writer& w) {
    Process& p = w.p;
    std::string why = p.stopping_why + (p.end_why.empty() ? "" : ": " + p.end_why);
    switch (p.after) {
    case After::backoff:
        return fail_start(w, p.stopping_why, p.stopping_why);
    case After::fatal:
        return w.enter(State::fatal, p.stopping_why);
    case After::stopped:
        w.enter(State::stopped, std::move(why), p.end_expected);
        if (std::exchange(p.start_again, false)) begin(w, p.stopping_why);
        return;
    }
}

void begin_stopping(Writer& w, After after, std::string why) {
    Process& p = w.p;
    bool was_up = p.state == State::running;
    p.rung = 0;
    p.start_again = false;
    p.after = after;
    p.stopping_why = why;
    w.enter(State::stopping, std::move(why));
    if (p.waiting_for == Hook::pre_start) return w.act(CancelHook{Hook::pre_start});
    // A stop can come between Spawn and Spawned: the signal is then sent on Spawned.
    if (p.spawning) return;
    if (p.pid == 0) return gone(w);  // it waited for post_stop of the last run
    if (!was_up || !w.policy.has_pre_stop) return signal_next(w);
    p.waiting_for = Hook::pre_stop;
    w.act(RunHook{Hook::pre_stop});
}

/// STARTING and alive: goes on if what is waited for has come, gives up if it came too late.
void advance(Writer& w) {
    Process& p = w.p;
    bool up_long_enough = up_long_enough_at(w) <= w.now;
    if (is_ready_enough(w) && up_long_enough) return come_up(w);
    p.deadline =
        is_ready_enough(w) ? up_long_enough_at(w) : later(*p.spawned_at, *w.policy.ready_within);
    if (is_ready_enough(w) || *p.deadline > w.now) return;
    begin_stopping(w, After::backoff, "not ready within " + in_words(*w.policy.ready_within));
}

// Ends.

/// RUNNING and gone by itself: rests in EXITED, or starts again now or later.
void end_run(Writer& w, Duration up_for, std::string why) {
    Process& p = w.p;
    bool again = w.policy.restart == Restart::always ||
                 (w.policy.restart == Restart::unexpected && !p.end_expected);
    if (!again) return w.enter(State::exited, std::move(why), p.end_expected);
    if (up_for >= std::min(proves_itself, w.policy.restart_max_delay)) p.exits = 0;
    p.exits = std::min(p.exits + 1, most_counted);
    Duration delay = delay_after_exit(w.policy, p.exits, up_for, w.random);
    if (!window_allows(p.restarts, w.policy.window, later(w.now, delay))) {
        w.enter(State::exited, std::move(why), p.end_expected);
        return w.enter(State::fatal, window_in_words(w.policy.window));
    }
    if (delay > Duration(0)) {
        why += ", restarting in " + in_words(delay);
        w.enter(State::exited, std::move(why), p.end_expected);
        p.deadline = later(w.now, delay);
        return;
    }
    w.enter(State::exited, why, p.end_expected);
    begin_by_itself(w, "restarting: " + why);
}

bool is_expected(Policy const& policy, Exited const& e) {
    return e.code >= 0 && std::ranges::find(policy.exit_codes, e.code) != policy.exit_codes.end();
}

// Events.

void on_exited(Writer& w, Exited const& e) {
    Process& p = w.p;
    if (p.pid == 0) return;  // stale
    p.pid = 0;
    p.end_why = end_in_words(e);
    p.end_expected = is_expected(w.policy, e);
    if (w.policy.has_post_stop) {
        p.post_stop_runs = true;
        w.act(RunHook{Hook::post_stop});
    }
    // Judged by when it really ended, not by what we had noticed until then.
    Instant at = e.at == Instant{} ? w.now : std::min(e.at, w.now);
    Duration up_for = std::max(at - *p.spawned_at, Duration(0));
    bool up_long_enough = up_for >= w.policy.startsecs;
    std::string why = p.end_why + " after " + in_words(up_for);
    switch (p.state) {
    case State::starting:
        if (!up_long_enough || !is_ready_enough(w)) return fail_start(w, why, p.end_why);
        announce_running(w);  // without post_start: what it would greet is gone
        return end_run(w, up_for, std::move(why));
    case State::running:
        if (up_long_enough || at >= *p.running_since) return end_run(w, up_for, std::move(why));
        p.failures = p.failures_before;
        return fail_start(w, why, p.end_why);
    case State::stopping:
        p.deadline.reset();
        if (!p.waiting_for) gone(w);  // else pre_stop may end what it has begun
        return;
    case State::stopped:
    case State::backoff:
    case State::exited:
    case State::fatal:
        return;
    }
}

void on_spawned(Writer& w, Spawned const& e) {
    Process& p = w.p;
    if (!std::exchange(p.spawning, false)) return;
    p.pid = e.pid;
    p.spawned_at = e.at == Instant{} ? w.now : std::min(e.at, w.now);
    if (p.state == State::stopping) return signal_next(w);
    if (w.policy.startsecs <= Duration(0) && is_ready_enough(w)) return come_up(w);
    // Even if startsecs are over already: its exit may be known and wait behind this event.
    p.deadline =
        is_ready_enough(w) ? up_long_enough_at(w) : later(*p.spawned_at, *w.policy.ready_within);
}

void on_spawn_failed(Writer& w, SpawnFailed const& e) {
    if (!std::exchange(w.p.spawning, false)) return;
    if (w.p.state == State::starting) return fail_start(w, e.why, e.why);
    w.p.end_why = e.why;
    gone(w);
}

void on_ready_seen(Writer& w) {
    if (w.p.pid == 0 && !w.p.spawning) return;  // stale
    w.p.ready = true;
    if (w.p.state == State::starting && w.p.pid != 0) advance(w);
}

void on_pre_start_done(Writer& w, HookDone const& e) {
    if (w.p.waiting_for != Hook::pre_start) return;
    w.p.waiting_for.reset();
    if (w.p.state == State::stopping) return gone(w);
    if (e.ok) return spawn(w);
    fail_start(w, "pre_start " + e.why, "pre_start " + e.why);
}

void on_pre_stop_done(Writer& w) {
    if (w.p.waiting_for != Hook::pre_stop) return;
    w.p.waiting_for.reset();
    if (w.p.pid != 0) return signal_next(w);
    gone(w);
}

void on_post_stop_done(Writer& w) {
    if (!std::exchange(w.p.post_stop_runs, false)) return;
    if (w.p.state == State::starting) prepare(w);
}

void on_post_start_done(Writer& w) {
    w.p.post_start_runs = std::exchange(w.p.post_start_due, false);
    if (w.p.post_start_runs) w.act(RunHook{Hook::post_start});
}

void on_hook_done(Writer& w, HookDone const& e) {
    switch (e.hook) {
    case Hook::pre_start:
        return on_pre_start_done(w, e);
    case Hook::post_start:
        return on_post_start_done(w);
    case Hook::pre_stop:
        return on_pre_stop_done(w);
    case Hook::post_stop:
        return on_post_stop_done(w);
    }
}

void on_deadline(Writer& w) {
    Process& p = w.p;
    if (!p.deadline || *p.deadline > w.now) return;
    switch (p.state) {
    case State::starting:
        return advance(w);
    case State::backoff:
        return begin_by_itself(w, try_in_words(p, w.policy));
    case State::exited:
        return begin_by_itself(w, "restarting: " + p.end_why);
    case State::stopping:
        return signal_next(w);
    case State::stopped:
    case State::running:
    case State::fatal:
        return;
    }
}

void count_anew(Process& p) {
    p.failures = 0;
    p.exits = 0;
    p.restarts.clear();
}

/// In STOPPING: what was to follow gives way to a start.
void start_once_gone(Process& p) {
    count_anew(p);
    p.after = After::stopped;
    p.start_again = true;
}

void on_start(Writer& w, std::string why) {
    switch (w.p.state) {
    case State::stopped:
    case State::exited:
    case State::fatal:
        count_anew(w.p);
        return begin(w, std::move(why));
    case State::stopping:
        return start_once_gone(w.p);
    case State::starting:
    case State::running:
    case State::backoff:
        return;
    }
}

void on_stop(Writer& w, StopAsked const& e) {
    Process& p = w.p;
    switch (p.state) {
    case State::backoff:
        return w.enter(State::stopped, e.why);
    case State::exited:
        if (p.deadline) w.enter(State::stopped, e.why);
        return;
    case State::starting:
    case State::running:
        return begin_stopping(w, After::stopped, e.why);
    case State::stopping:
        if (p.after == After::stopped && !p.start_again) return;
        p.after = After::stopped;
        p.start_again = false;
        p.stopping_why = e.why;
        return;
    case State::stopped:
    case State::fatal:
        return;
    }
}

/// Whether what is up now has begun: nothing has while STARTING still waits for post_stop.
bool has_begun(Process const& p) { return p.pid != 0 || p.spawning || p.waiting_for.has_value(); }

void restart_what_is_up(Writer& w, std::string why) {
    if (!has_begun(w.p)) return;
    begin_stopping(w, After::stopped, std::move(why));
    w.p.start_again = true;
}

void on_restart_by_itself(Writer& w, RestartAsked const& e) {
    Process& p = w.p;
    if (!is_up(p.state) || (p.state == State::starting && !has_begun(p))) return;
    bool allowed = window_allows(p.restarts, w.policy.window, w.now);
    std::string words = window_in_words(w.policy.window);
    if (p.state == State::backoff)
        return allowed ? begin_by_itself(w, e.why) : w.enter(State::fatal, words);
    if (!allowed) return begin_stopping(w, After::fatal, words);
    note_restart(p.restarts, w.policy.window, w.now);
    restart_what_is_up(w, e.why);
}

void on_restart(Writer& w, RestartAsked const& e) {
    if (e.automatic) return on_restart_by_itself(w, e);
    switch (w.p.state) {
    case State::stopped:
    case State::exited:
    case State::fatal:
        return on_start(w, e.why);
    case State::backoff:
        count_anew(w.p);
        return begin(w, e.why);
    case State::starting:
    case State::running:
        count_anew(w.p);
        return restart_what_is_up(w, e.why);
    case State::stopping:
        start_once_gone(w.p);
        w.p.stopping_why = e.why;
        return;
    }
}

}  // namespace

Step step(Process const& process, Policy const& policy, Event const& event, Instant now,
          unsigned random) {
    Writer w{process, policy, now, random, {}};
    std::visit(Overloaded{
                   [&](StartAsked) { on_start(w, "start asked"); },
                   [&](StopAsked const& e) { on_stop(w, e); },
                   [&](RestartAsked const& e) { on_restart(w, e); },
                   [&](Spawned const& e) { on_spawned(w, e); },
                   [&](SpawnFailed const& e) { on_spawn_failed(w, e); },
                   [&](Exited const& e) { on_exited(w, e); },
                   [&](ReadySeen) { on_ready_seen(w); },
                   [&](HookDone const& e) { on_hook_done(w, e); },
                   [&](DeadlinePassed) { on_deadline(w); },
               },
               event);
    return {std::move(w.p), std::move(w.actions)};
}

std::span<Edge const> edges() { return all_edges; }

}  // namespace lares::supervise
