// core/simulate.h: the clocks of a configuration, played on a virtual clock: what will overlap,
// wait and come late, and what each rule cost.
//
// Pure. It backs `lares simulate FILE --days 30`: schedules, arrivals and durations of the past go
// in, and every job's start and end come out as figures a task. The jobs go through a core/queue.h
// of their own, and circuits through core/circuit.h: what they decide here is what they decide in
// the daemon. Attempts fail as they did in the past, or by a stated share.

#pragma once

#include <cstdint>
#include <vector>

#include "core/simulate_types.h"

namespace lares::simulate {

/// Some ten seconds of work.
inline constexpr std::uint64_t usual_cost = 3'000'000'000;

/// From `from` (exclusive) for `days` days; ends after `most` jobs, as many retries, or `most_cost`
/// steps of work (of a house whose tasks share resources in thousands of ways). `points`: at most
/// so many of Report::depth, two or more.
Report simulate(std::vector<Task> const& tasks, std::int64_t from, int days,
                std::size_t most = 1'000'000, std::size_t points = 1'000,
                Resources const& resources = {}, std::uint64_t most_cost = usual_cost);

}  // namespace lares::simulate
