// keeper/start.h: how a keeper comes to be above a daemon, and how it makes the next ones.
//
// The process that was invoked forks: the child goes on as the daemon, the parent executes the same
// binary again as the keeper, so that nothing of what it was stays in its memory. Its pid is the
// one that a shell or systemd knows.

#pragma once

#include <optional>

#include "keeper/keeper.h"

namespace lares::keeper {

/// argv[0] of a keeper, by which main() knows that it is to be one.
inline constexpr char const* keeper_name = "lares-keeper";

struct Plan {
    char const* const* arguments;      // of later daemons: ours, with argv[0], ended by a null
    bool background;                   // we have left the terminal
    long long files_soft, files_hard;  // RLIMIT_NOFILE of later daemons; -1: unlimited
    unsigned mask;                     // their umask
    int directory;                     // a descriptor of where they begin; -1: here
};

/// Forks. Only before any thread exists, with the signals blocked that Keeper names.
/// @returns in the child: its end of the pair, closed at exec; -1 with errno: there is no keeper,
///     and this is still the process that called. Does not return in the parent.
int begin_below_keeper(Plan const& plan);

/// main() of a process that was executed by begin_below_keeper().
int keeper_main(int argc, char** argv);

/// What a keeper gives to the daemons it starts, in the environment.
struct Inherited {
    int link;
    bool background;
};
/// Takes it out of the environment, so that no child sees it, and closes the descriptor at exec.
/// none: no keeper started this process.
std::optional<Inherited> take_inherited();

}  // namespace lares::keeper
