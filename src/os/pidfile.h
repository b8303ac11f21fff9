// os/pidfile.h: the file that holds the daemon's pid (spec §3.6).

#pragma once

#include <string>

#include "base/result.h"

namespace lares::os {

/// Writes "PID\n", mode 0644 before umask. Its folder must exist.
Result<> write_pidfile(std::string const& path, int pid);

/// Removes it only if it is a regular file that still holds `pid`: neither another daemon's, nor
/// /dev/null, which some name as their pidfile.
/// @returns true when it was removed.
bool remove_pidfile(std::string const& path, int pid);

}  // namespace lares::os
