// net/client/command.h: a command run to its end: no shell, a group of its own, bounded in time and
// output.

#pragma once

#include "ports/post.h"

namespace lares::net {

/// As ports::Post::run(). At the time-out the command's whole group is killed.
Result<ports::CommandAnswer> run_command(ports::CommandCall const&);

}  // namespace lares::net
