// os/binary_check.h: whether a file is a Lares that can be started here.

#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"

namespace lares::os {

/// Executes `path version` without output to anybody else and waits for its end, at most `limit`.
/// @returns its first line, as "lares 0.2.0 (57e2a1d534aa)". invalid: it is not a Lares, does not
///     run here, or took too long; in words.
Result<std::string> version_of_binary(std::string const& path, Duration limit);

/// The file this process was started from, also when it was replaced since.
std::string own_binary();

}  // namespace lares::os
