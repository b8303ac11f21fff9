// os/process_memory.h: how much memory a process and its descendants hold, from /proc.

#pragma once

#include <cstdint>

#include "base/result.h"

namespace lares::os {

/// Resident bytes of a process and all its descendants, what they share counted in each, as memmon
/// counts. Reads all of /proc: some milliseconds with thousands of processes. May be called on any
/// thread. not_found: it is gone.
Result<std::int64_t> memory_of_tree(int pid);

}  // namespace lares::os
