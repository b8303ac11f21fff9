// core/when.h: moments as people write and read them: "03:12", "2026-03-01 03:12", "in 5min".
//
// Pure: the present and the zone come in. Only for a moment that a person names; schedules are
// text/cron.h's.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lares {

/// Seconds that local time is ahead of UTC at a time.
using LocalOffset = std::function<int(WallTime)>;

/// Which of the days is meant by a time of day alone: of what was, or of what comes.
enum class Toward { past, future };

/// "now", "03:12", "03:12:05", "2026-03-01", "2026-03-01 03:12[:05[.250]]" with a 'T' for the space
/// and a zone ("Z", "+01:00") behind it, "yesterday 03:12", "tomorrow 03:12", "in 5min", "+5min",
/// "5min ago", and seconds since 1970. Without zone: local time; of a repeated hour its first pass.
Result<WallTime> parse_when(std::string_view text, WallTime now, LocalOffset const&, Toward);

/// "2026-03-01 03:12:00", local.
std::string print_when(WallTime, LocalOffset const&);
/// "03:12:00", local.
std::string print_clock(WallTime, LocalOffset const&);
/// "2026-03-01T02:12:00.000Z", for programs.
std::string print_iso(WallTime);

}  // namespace lares
