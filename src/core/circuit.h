// core/circuit.h: when a task's jobs all fail one after the other, something that they need is
// broken: pause the task instead of burning every job's retries on it.
//
// Closed: all is well. After so many different jobs failed without a success between, it opens:
// the task starts nothing for a time. Then one job at a time is tried: a success closes it, a
// failure opens it again for twice as long. One job that fails again and again is no cause: that is
// what its retries are for. Pure; what the queue is to do with it is told by block() and cap().

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/job.h"
#include "core/queue.h"

namespace lares::circuit {

struct Policy {
    int after = 5;                            // different jobs; 0: never opens
    Duration first{60'000}, most{3'600'000};  // doubles from one to the other
    bool operator==(Policy const&) const = default;
};

enum class State { closed, open, trial };

struct Circuit {
    State state = State::closed;
    std::vector<job::Id> failed;  // since the last success, each once; at most `after`
    int opened = 0;               // times since it was last closed
    Instant until{};              // of open
    std::string words;            // of open and trial: what was seen
    bool operator==(Circuit const&) const = default;
};

struct Happening {
    enum class Kind {
        look,       // time has passed
        succeeded,  // a job's attempt
        failed,     // an attempt that counts against the retries
        reset,      // a person says that the cause is gone
    };
    Kind kind = Kind::look;
    Instant at{};
    job::Id job = 0;
    std::string why;  // of failed: "exited with 1"
};

struct Step {
    Circuit circuit;
    /// One sentence when the state has changed, for the journal and for people; empty: nothing new.
    std::string told;
    std::optional<Instant> look_at;
};

Step step(Policy const&, Circuit, Happening const&);

/// What the task is stopped by: of kind "circuit", lifts itself. none: unblock that kind.
std::optional<queue::Block> block(Circuit const&);
/// one at a time while it is tried; none: no cap.
std::optional<queue::Cap> cap(Circuit const&);
/// Both, so that the queue treats the task as its circuit says.
void show(Circuit const&, std::string_view task, queue::Queue&);

/// As it is kept for a successor: lines of name=value. `until`: by the calendar, because instants
/// end with the machine.
std::string write(Circuit const&, WallTime until);
/// none: it is no circuit, or a closed one in which nothing failed.
std::optional<std::pair<Circuit, WallTime>> read(std::string_view text);

}  // namespace lares::circuit
