// os/usage.h: what processes use, as /proc tells it.

#pragma once

#include <vector>

#include "ports/usage.h"

namespace lares::os {

/// One entry for each pid, in order. Some tens of microseconds a process: for the worker.
std::vector<ports::ProcessUsage> measure_processes(std::vector<int> const& pids);

}  // namespace lares::os
