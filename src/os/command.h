// os/command.h: finding the file of a command, and the words for every way a spawn can fail.
//
// The search and the words before ':' are supervisord's (spec §2.2, spawnerr): clients match on
// them. What follows in brackets is ours and says what to do.

#pragma once

#include <optional>
#include <string>

#include "os/child.h"
#include "ports/processes.h"

namespace lares::os {

struct Command {
    std::string file;  // to be executed
    std::optional<ports::SpawnFailure> failure;
};

/// Looks up argv[0] as supervisord does: the first directory of the search path that has the name
/// decides, even if what is there cannot be executed. A relative name with '/' is looked up from
/// the process's directory, where it will be executed.
Command find_command(ports::SpawnRequest const&);

/// The descriptors of the process could not be made.
ports::SpawnFailure pipe_failure(ports::SpawnRequest const&, int error);
/// The process could not be made.
ports::SpawnFailure fork_failure(ports::SpawnRequest const&, int error);
/// The process was made, but a step of its set-up failed.
ports::SpawnFailure child_failure(ports::SpawnRequest const&, std::string const& file,
                                  ChildReport const&);

}  // namespace lares::os
