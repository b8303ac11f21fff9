// core/policy.h: how one process is to be kept up: what its options say, as the machine reads them.
//
// Values only. The machine is core/supervise.h; the options and their ranges are rows in config/.

#pragma once

#include <optional>
#include <vector>

#include "base/time.h"

namespace lares::supervise {

enum class Restart { never, unexpected, always };

/// One rung of a stop ladder: send `signal`, then wait that long for the exit. `TERM:10s,KILL`.
struct StopStep {
    int signal;
    Duration wait;
    bool operator==(StopStep const&) const = default;
};

/// How often a program may be started again by itself: more than `count` automatic restarts within
/// `span` make it FATAL. A count of 0 means no such limit.
struct RestartWindow {
    int count = 0;
    Duration span{0};
    bool operator==(RestartWindow const&) const = default;
};

struct Policy {
    Duration startsecs{1000};  // up this long counts as started; 0: at once
    int startretries = 3;      // tries after the first before FATAL; -1: without end
    Restart restart = Restart::unexpected;
    std::vector<int> exit_codes{0};  // expected ones, 0 to 255
    /// Never empty. The last rung is repeated every `wait`, but not more often than each second,
    /// until the process is gone. A `wait` of 0 before it sends the next one at once.
    std::vector<StopStep> stop_ladder{{15, Duration(10'000)}, {9, Duration(10'000)}};
    /// none: supervisord's schedule for failed starts (1 s, 2 s, 3 s, ...), and none after an exit
    /// from RUNNING, but a second from spawn to spawn at least (startsecs = 0).
    /// Set: restart_delay × restart_backoff^(n-1), at most restart_max_delay, for both.
    std::optional<Duration> restart_delay;
    double restart_backoff = 1.0;           // at least 1
    Duration restart_max_delay{3'600'000};  // also bounds supervisord's schedule
    int restart_jitter_percent = 0;         // a delay is lengthened by up to this share of itself
    RestartWindow window;
    /// Ready means more than alive: RUNNING also waits for ReadySeen, at most this long after the
    /// spawn; then the start has failed.
    std::optional<Duration> ready_within;
    bool has_pre_start = false;  // hooks: see Hook
    bool has_post_start = false;
    bool has_pre_stop = false;
    bool has_post_stop = false;
    bool operator==(Policy const&) const = default;
};

}  // namespace lares::supervise
