// core/schedule.h: when a cron expression is due next, exactly as Vixie cron would have it.
//
// Pure: expression, zone and instant in, instant out; computed by arithmetic from offsets, 400
// years ahead. The rules and the cases they come from: spec/triggers.md §5. Everything is in whole
// seconds since 1970, UTC.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/zone.h"
#include "text/cron.h"

namespace lares::schedule {

/// What clock changes mean for a schedule. vixie: wildcard jobs follow the clock, fixed-time jobs
/// are made up at the end of a gap and not repeated in an overlap. wall: every local time that
/// exists, at its first pass. elapsed: every instant whose local time fits, both passes of an
/// overlap, nothing in a gap.
enum class Dst { vixie, wall, elapsed };

struct Due {
    std::int64_t at = 0;
    /// Local times that fell into a gap and that this run stands for, beyond the first.
    int coalesced = 0;
    bool made_up = false;  // stands for local times that did not exist
    bool operator==(Due const&) const = default;
};

/// The first instant after `after` (strictly). none: never again within 400 years.
std::optional<Due> next_due(text::Cron const&, Zone const&, std::int64_t after, Dst = Dst::vixie);

struct Missed {
    std::int64_t count = 0;   // of all of them, exactly
    std::vector<Due> newest;  // at most as many as asked for, oldest first
};

/// How many runs are due after `after` (strictly) up to `until`; exact, by arithmetic: a year of
/// '* * * * *' costs microseconds.
std::int64_t count_due(text::Cron const&, Zone const&, std::int64_t after, std::int64_t until,
                       Dst = Dst::vixie);

/// What was due in that span, for catching up after a downtime.
Missed missed(text::Cron const&, Zone const&, std::int64_t after, std::int64_t until,
              std::size_t most, Dst = Dst::vixie);

/// The delay that `jitter` gives this schedule: below `jitter`, always the same for the same words
/// (host and task), so that houses spread and a house is steady. FNV-1a.
Duration stable_jitter(Duration jitter, std::string_view words);

}  // namespace lares::schedule
