// os/process_tree.h: who is whose child, from /proc.

#pragma once

#include <cstdint>
#include <optional>

namespace lares::os {

struct ProcessFacts {
    int parent = 0;
    int group = 0;
    bool is_zombie = false;  // has ended; its parent has not taken note
    /// When it was started, in clock ticks since boot: with the pid it names a process for good.
    std::uint64_t start_ticks = 0;
};

/// none when there is no such process (any more).
std::optional<ProcessFacts> find_process(int pid);

/// True when `ancestor` is found on the way up from `pid`, at most 64 steps away.
bool is_descendant(int pid, int ancestor);

}  // namespace lares::os
