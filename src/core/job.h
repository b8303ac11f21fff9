// core/job.h: one piece of work for one task, as a value: what the store keeps and the queue
// decides about.
//
// A job is in exactly one state. ready: waits, for its time, its turn, another job or a block.
// running: an attempt is under way, or committed to begin. All others are ends.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lares::job {

/// Jobs and events have numbers of one sequence: 812 is one thing. 0: none.
using Id = std::uint64_t;

enum class State {
    ready,
    running,
    done,
    dead,       // its retries are used up: a dead letter
    parked,     // poison: its attempts crashed; waits for a person
    cancelled,  // by a person, by overlap = replace, or because what it waited for failed
    skipped,    // never ran, with a reason: overlap = skip, catch-up, a withdrawn file
};

/// "ready", as it is stored and shown.
std::string_view name(State);
bool is_end(State);

/// How an attempt ended. Against the retries count error, timeout, crash, unstartable, overflow and
/// lost; against poison_after crash and lost: the worker died, whether we saw it or not.
enum class Outcome {
    ok,
    error,        // exited with a code that is no success, or answered so
    timeout,      // ended by us: it took too long
    crash,        // died of a signal
    interrupted,  // the machine or a daemon went; or drained: nobody's fault
    unstartable,  // could not be spawned
    overflow,     // ended by us: its log went over log_max
    cancelled,    // ended by us: a person asked
    lost,         // a remote worker's lease ran out: counts as a crash
};
std::string_view name(Outcome);

struct Job {
    Id id = 0;
    std::string task;
    /// JSON text of an object; empty: {}. Or, when it is large, the name of its file ("sha256:…").
    std::string payload;
    std::string payload_file;
    /// Unique among the live jobs of its task; empty: none.
    std::string key;
    /// Unique for good (a tick, a file, an idempotency key), in all tasks; empty: none.
    std::string once;
    int priority = 0;  // higher first
    WallTime created{};
    WallTime not_before{};  // epoch: at once
    WallTime due{};         // of a tick: its nominal time; epoch: none
    WallTime ended{};
    std::vector<Id> after;  // jobs that must be done before
    State state = State::ready;
    int attempts = 0;         // begun
    int errors = 0;           // of them, counted against retries
    int crashes = 0;          // of them, counted against poison_after
    std::uint64_t run = 0;    // of the attempt under way, or the last
    std::uint64_t token = 0;  // fencing: of a remote lease; grows with each claim
    std::string source;       // "schedule", "folder incoming", "put by anna", "after report"
    std::string why;          // of the state: "exited with 1", "skipped: still running"
    std::string result;       // JSON that the job answered; at most limits::result_bytes
    Id cause = 0;             // the event that led to it
    bool operator==(Job const&) const = default;
};

}  // namespace lares::job
