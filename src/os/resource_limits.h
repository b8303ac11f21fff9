// os/resource_limits.h: the daemon's own limits of files and processes (spec §1.7: minfds,
// minprocs).

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/processes.h"

namespace lares::os {

struct RaisedLimits {
    /// What programs get: minfds counts for them too, what the daemon takes for itself does not.
    ports::Limit files_for_children;
    std::vector<std::string> notes;  // "Increased RLIMIT_NOFILE limit to 10000"
};

/// Raises the soft limits to at least these, as root the hard ones too where they are lower.
/// The Error (denied) has supervisord's words; it then ends with status 2.
Result<RaisedLimits> raise_limits(std::int64_t minfds, std::int64_t minprocs);

/// Lets the daemon itself open `wanted` files if the hard limit allows so many, else what it
/// allows.
/// @returns how many it may open now.
std::int64_t allow_open_files(std::int64_t wanted);

}  // namespace lares::os
