// core/local_time.h: days and times of day as clocks in a zone show them, and how people write
// them.

#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "core/zone.h"

namespace lares {

/// The local date, in days since 1970.
std::int64_t local_day(schedule::Zone const&, WallTime);
/// When clocks show that minute (0 to 1440) of that day; at the end of a gap that it lies in.
WallTime instant_at(schedule::Zone const&, std::int64_t day, int minute);

/// "06:00"; 1440 is "24:00".
std::string minute_words(int minute);
/// "06:00" of the day that `now` lies in, else "2026-03-02 06:00".
std::string clock_words(schedule::Zone const&, WallTime, WallTime now);

}  // namespace lares
