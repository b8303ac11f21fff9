// core/cron_match.h: a cron expression over local time without a zone: next match and count.
//
// Local time is seconds since 1970-01-01 00:00:00 of the wall clock, as if the zone were UTC. What
// clock changes mean is core/schedule.h's business; this is of use to it only.

#pragma once

#include <cstdint>
#include <optional>

#include "text/cron.h"

namespace lares::schedule {

inline constexpr std::int64_t day_seconds = 86'400;
/// After so many days the Gregorian calendar repeats, weekdays too.
inline constexpr std::int64_t cycle_days = 146'097;

/// The first match at or after `from`; none when there is none within 400 years.
std::optional<std::int64_t> next_match(text::Cron const&, std::int64_t from);

/// Matches in [from, to).
std::int64_t count_matches(text::Cron const&, std::int64_t from, std::int64_t to);

}  // namespace lares::schedule
