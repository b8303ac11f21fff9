// core/maintenance.h: maintenance as one act: what it holds, how the held work is caught up with
// afterwards, and what is reported.
//
// While it is on, the tasks it holds start nothing; everything is still taken in. When it ends, the
// jobs that wait are started at a bounded rate that these tasks share, so that the end of an outage
// is not a stampede on what has just come back. A value kept as text in the store.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/queue.h"

namespace lares::maintenance {

enum class Phase { off, on, catching_up };

/// What was held, or kept from people.
struct Counts {
    std::int64_t jobs = 0;      // that came meanwhile, for held tasks
    std::int64_t files = 0;     // that came meanwhile, for held folders
    std::int64_t skipped = 0;   // due times that made no job
    std::int64_t silenced = 0;  // messages
    bool operator==(Counts const&) const = default;
};

struct Maintenance {
    Phase phase = Phase::off;
    WallTime began{}, until{}, ended{};
    std::vector<std::string> needs;  // programs, groups or resources; empty: all tasks
    std::string reason, who;
    Counts counts;
    std::map<std::string, std::int64_t> backlog;  // of catching_up: jobs to start yet, by task
    bool operator==(Maintenance const&) const = default;
};

/// What a task leans on, with all that this leans on in turn.
struct Task {
    std::string name;
    std::vector<std::string> needs;      // programs, groups ("db" or "db:*"), processes "db:db_0"
    std::vector<std::string> resources;  // names
};

/// How fast is caught up, all held tasks together.
inline constexpr queue::Rate catch_up_rate{.count = 10, .span = Duration(1'000)};
/// A maintenance of weeks is a mistake in a unit.
inline constexpr Duration longest{std::chrono::hours(24 * 14)};

/// A new one, or the one under way with another end, reason and scope.
Maintenance begin(Maintenance, WallTime now, Duration, std::vector<std::string> needs,
                  std::string reason, std::string who);
/// True while it is on.
bool holds(Maintenance const&, Task const&);
/// "maintenance by anna of 'db': new disks"; for the Block.
std::string block_words(Maintenance const&);

/// Ends it. `waiting`: jobs of held tasks that could start now, by task; none: nothing to catch up.
Maintenance end(Maintenance, WallTime now, std::map<std::string, std::int64_t> waiting);
/// Whether its time has come.
bool is_over(Maintenance const&, WallTime now);
/// A job of it has started, or has left otherwise; off when it was the last. Cheap when moved in.
Maintenance note_left(Maintenance, std::string_view task);
/// While it catches up.
std::optional<queue::Throttle> throttle(Maintenance const&);

/// "maintenance of 2 h ended: 37 jobs were held, 12 files, …; catching up with 37 jobs of 2 tasks
/// at 10 in 1 s".
std::string report(Maintenance const&);

std::string write(Maintenance const&);
/// Of what cannot be read: none is on.
Maintenance read(std::string_view record);

}  // namespace lares::maintenance
