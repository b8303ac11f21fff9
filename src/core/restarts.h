// core/restarts.h: how long to wait before the next try, and whether there may be one.
//
// The arithmetic of restarting, apart from the machine that uses it (core/supervise.h). Pure.
// The schedule without restart_delay is supervisord's (spec/supervisor.md §2.2).

#pragma once

#include <vector>

#include "base/time.h"
#include "core/policy.h"

namespace lares::supervise {

/// The wait after the `nth` failed start in a row (1 for the first).
Duration delay_after_failure(Policy const&, int nth, unsigned random);

/// The wait before the `nth` automatic restart in a row of what had been RUNNING; 0: at once.
/// Without restart_delay, what was up for less than a second (startsecs = 0) waits for the rest of
/// it: there supervisord's poll is slow enough to hide a fork storm, and we are not.
Duration delay_after_exit(Policy const&, int nth, Duration up_for, unsigned random);

/// `from + wait`, where a wait of centuries ("never") is cut so that it cannot overflow.
Instant later(Instant from, Duration wait);

/// Whether one more automatic restart at `at` stays within the window. `restarts` are the ones
/// before.
bool window_allows(std::vector<Instant> const& restarts, RestartWindow, Instant at);

/// Notes an automatic restart at `now` and forgets those that left the window.
void note_restart(std::vector<Instant>& restarts, RestartWindow, Instant now);

}  // namespace lares::supervise
