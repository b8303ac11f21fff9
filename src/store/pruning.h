// store/pruning.h: what is over the bounds of retention, and its removal, a slice at a time.
//
// Choosing reads much and runs on the reader's connection; removing writes little and runs in the
// writer's transaction, which looks again whether what was chosen is still to go.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ports/store.h"
#include "store/sql.h"

namespace lares::store {

struct VictimJob {
    std::int64_t id = 0;
    std::vector<std::int64_t> runs, files;
    bool whole = true;  // all of its runs are named, so that it can go itself
};

struct Victims {
    std::vector<VictimJob> jobs;
    std::vector<std::int64_t> runs, events, files, deliveries,
        alerts;  // those that go by themselves
    bool more = false;
    std::uint64_t highest_id = 0;  // given out so far: not to be given again when its row is gone
};

/// A round of slices: what was counted at its beginning.
struct PruneRound {
    bool is_counted = false;
    std::int64_t jobs_over = 0, runs_over = 0, events_over = 0;
};

/// At most limits::store_slice rows. When there is no more, the round begins anew.
Result<Victims> choose_victims(Database&, ports::Retention const&, WallTime now, PruneRound&);
Result<ports::Pruned> remove_victims(Database&, Victims const&);

/// Gives pages that are free back to the file system, when there are many; a slice of them.
Result<> shrink(Database&);

}  // namespace lares::store
