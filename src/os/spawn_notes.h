// os/spawn_notes.h: which pid a run got, noted by the kernel itself before the child runs.
//
// In memory that outlives us (os/region.h): a daemon that is killed right after clone leaves the
// pid of its child to its successor.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "os/region.h"
#include "ports/event.h"

namespace lares::os {

class SpawnNotes {
public:
    /// Notes nothing without memory to be had.
    explicit SpawnNotes(FdStore& store);

    bool is_kept() const { return region_.has_value(); }
    /// The run is about to be made. @returns where clone is to put the pid; null: nowhere.
    int* begin(ports::RunId run);
    /// It could not be made, and no process of it is left.
    void forget(ports::RunId run);
    /// The pid that was noted for the run; 0: none.
    int find(ports::RunId run) const;

private:
    /// Runs whose making was noted and whose Spawned was not yet acted upon are far fewer.
    static constexpr std::size_t count = 16'384;
    struct Note {
        std::atomic<std::uint64_t> run;
        std::atomic<int> pid;
        int unused;
    };
    static_assert(sizeof(Note) == 16 && std::atomic<int>::is_always_lock_free);
    Note& note(ports::RunId run) const;

    std::optional<Region> region_;
};

}  // namespace lares::os
