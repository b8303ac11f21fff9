// daemon/waiting.h: when a request that waits for a process has its answer, and which.
//
// Pure. The outcomes are supervisord's for startProcess and stopProcess (spec §4.2).

#pragma once

#include <optional>
#include <string>

#include "core/supervise.h"
#include "daemon/unit.h"

namespace lares::daemon {

/// What one who waits for `what` is told now that the process is in `state`; none: goes on waiting.
/// @param failure  of the last spawn, when it failed; @param words  spawnerr, for the fault's text.
std::optional<control::Outcome> judge(Waiter::For what, supervise::State state,
                                      supervise::Process const& process,
                                      std::optional<ports::SpawnFailure::Kind> failure,
                                      std::string const& words);

/// The same when nothing is wished of the process any more (wishes::Entry): what one waited for may
/// have been called off by somebody else's wish. none: it is on its way.
std::optional<control::Outcome> judge_unwished(Waiter::For what, supervise::Process const& process);

}  // namespace lares::daemon
