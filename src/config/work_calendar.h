// config/work_calendar.h: what a task's closed hours and its calendar say of a local time.
//
// Pure. The daemon asks with its clock, `lares simulate` with a virtual one. Local times are in
// seconds since 1970 by the wall clock of the task's zone.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/work_settings.h"

namespace lares::config {

/// Of all `not_between` of a task, at one local time.
struct HoursNow {
    /// Seconds until the last of those that hold it now is over; none: it may start.
    std::optional<std::int64_t> closed_for;
    /// Seconds until one of them begins next, at most a week.
    std::int64_t next_begin = 0;
};
HoursNow look_at_hours(std::vector<ClosedHours> const&, std::int64_t local);

/// Days since 1970 of a local time.
std::int64_t local_day(std::int64_t local);
/// Whether the calendar names that day.
bool names_day(Calendar const&, std::int64_t day);
/// Whether a due time of that day brings no job.
bool leaves_out(Calendar const&, std::int64_t day);

/// How many of so many missed due times bring a job all the same: the newest of them.
std::size_t made_up(Catchup const&, std::size_t missed);

}  // namespace lares::config
