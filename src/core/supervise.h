// core/supervise.h: what one supervised process should do next.
//
// Pure: no clock, no system call, no log. daemon/ feeds it what happened and carries out what it
// asks; sim/ does the same with a virtual clock. States and their names are supervisord's
// (supervisor docs, "Process States"), so that XML-RPC clients written for it still understand us.
// It knows one process; who may start before whom is core/wishes.h.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "core/policy.h"

namespace lares::supervise {

enum class State { stopped, starting, running, backoff, stopping, exited, fatal };

/// A command run at a turning point. pre_start must succeed before the spawn, else the start has
/// failed; pre_stop ends before the first signal (its result is only told) and is run only for a
/// process that came up; post_stop is run after every end of a process that was spawned and ends
/// before the next start; post_start delays nothing and is cancelled when its process leaves
/// RUNNING. The daemon kills a hook at its time limit, so every hook asked for is answered by one
/// HookDone. Of each hook at most one is under way.
enum class Hook { pre_start, post_start, pre_stop, post_stop };

/// See Process::after.
enum class After { stopped, backoff, fatal };

/// One process as the machine sees it. `deadline` is when the current state times out, if it does.
struct Process {
    State state = State::stopped;
    int pid = 0;       // 0 when none is alive
    int failures = 0;  // consecutive failed starts, for startretries and the delay
    /// Consecutive automatic restarts after RUNNING, for restart_backoff only. A run of ten minutes
    /// (or restart_max_delay, if shorter) begins the count anew, as Kubernetes does.
    int exits = 0;
    bool ready = false;                 // ReadySeen since the last spawn
    bool spawning = false;              // a Spawn was asked and not yet answered
    bool start_again = false;           // in STOPPING: start once it is gone
    int rung = 0;                       // in STOPPING: the next rung of the ladder
    std::optional<Hook> waiting_for;    // pre_start or pre_stop under way: the state waits for it
    bool post_stop_runs = false;        // the next spawn waits for it
    std::optional<Instant> spawned_at;  // of the last spawn
    std::optional<Instant> deadline;
    std::vector<Instant> restarts;  // automatic ones within the window; at most window.count
    /// In STOPPING, what follows once it is gone: STOPPED (and a start, with start_again); BACKOFF,
    /// because it did not become ready in time; or FATAL, because the window is used up.
    After after = After::stopped;
    std::string stopping_why;  // why it is being stopped
    std::string end_why;       // of the last end: "exited with 1"; empty while it has not ended
    bool end_expected = true;  // of the last end
    std::optional<Instant> running_since;  // of the last time it was RUNNING
    int failures_before = 0;  // `failures` before RUNNING set it to 0: an Exited may prove it wrong
    bool post_start_runs = false;
    bool post_start_due = false;  // its turn comes when the one still being cancelled is done
};

// What can happen to a process. A person's start or restart gives all retries anew.

/// In STOPPING: starts again once it is gone. Nothing when it is up already (BACKOFF included).
struct StartAsked {};
/// Nothing when it is down; in EXITED it calls off the restart that waits, if one does.
struct StopAsked {
    std::string why = "stop asked";
};
/// `automatic`: by a failed liveness probe, a watched file, a memory limit; counts for the window,
/// and does not start what is down or being stopped. One that is asked for by a person does, and
/// starts at once what waits in BACKOFF or EXITED.
struct RestartAsked {
    std::string why = "restart asked";
    bool automatic = false;
};
/// `at` is when it was really made; the epoch stands for now, here and in Exited.
struct Spawned {
    int pid;
    Instant at{};
};
struct SpawnFailed {
    std::string why;
};
/// `code` is -1 for death by `signal`, else signal is 0. `at` is when it really ended, which a busy
/// loop may learn of later (supervisord judges a crash loop by when it looked: spec §11.1). One
/// that proves RUNNING to have been announced wrongly leads from RUNNING to BACKOFF.
struct Exited {
    int code;
    int signal = 0;
    bool core_dumped = false;
    Instant at{};
    bool is_unseen = false;  // nobody can say how: taken as unexpected
};
struct ReadySeen {};
struct HookDone {
    Hook hook;
    bool ok;
    std::string why;  // when not ok: "exited with 1", "took longer than 30 s"
};
struct DeadlinePassed {};
using Event = std::variant<StartAsked, StopAsked, RestartAsked, Spawned, SpawnFailed, Exited,
                           ReadySeen, HookDone, DeadlinePassed>;

// What the loop must do about it.
struct Spawn {};
struct Signal {
    int number;
    bool last_rung;  // the ladder's end: the loop says "killing", and uses kill_as_group
};
struct RunHook {
    Hook hook;
};
struct CancelHook {
    Hook hook;  // kill it; its HookDone still comes
};
/// A state was entered. `tries` and `expected` are what supervisord's events carry. FATAL after too
/// many tries is announced behind the BACKOFF of the last one, as supervisord does.
struct Announce {
    State from;
    State to;
    std::string why;       // for people: "exited with 1 after 0.4 s, retrying in 2 s"
    int tries = 0;         // of STARTING, BACKOFF: failed starts until now
    bool expected = true;  // of EXITED, STOPPED: the exit code is one of exit_codes
};
using Action = std::variant<Spawn, Signal, RunHook, CancelHook, Announce>;

struct Step {
    Process next;
    std::vector<Action> actions;
};

/// Decides what follows from `event` at `now`. Total: every event is answered in every state, and
/// one that no longer matters (a stale exit, a second stop) is answered with no action.
/// @param random  any number; used for jitter only, so that a run can be repeated.
Step step(Process const& process, Policy const& policy, Event const& event, Instant now,
          unsigned random = 0);

struct Edge {
    State from;
    State to;
    char const* when;
};

/// Every edge the machine may take. step() checks itself against it, docs/states.md is printed
/// from it, and the tests ask that each one be walked.
std::span<Edge const> edges();

/// "RUNNING"; and supervisord's number for it, 20.
char const* name(State);
int wire_number(State);

/// supervisord's sets: STARTING, RUNNING, BACKOFF are "running"; STARTING, RUNNING, STOPPING can be
/// signalled; the rest of its "stopped" set is STOPPED, EXITED, FATAL.
bool is_up(State);
bool is_signallable(State);

}  // namespace lares::supervise
