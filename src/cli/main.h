// cli/main.h: the `lares` command as a function.

#pragma once

#include "cli/doors.h"

namespace lares::cli {

/// Reads the command line, does what it asks through `doors`, and gives the exit status
/// (exit_status in cli/doors.h; of `lares up` the one that Doors::up gives).
int run(int argc, char const* const* argv, Doors const& doors);

}  // namespace lares::cli
