// text/calendar_file.h: days off (or on) from a calendar file, iCalendar or CSV.
//
// iCalendar: RFC 5545, what holiday calendars use of it: VEVENT with DTSTART and DTEND or DURATION,
// RRULE (yearly, also on the n-th weekday of a month; weekly and daily without BY parts), RDATE,
// EXDATE. CSV: a column with ISO dates, perhaps a second one with the last day. Everything wrong is
// reported with its line; what is not understood is an error, never a day left out in silence.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"

namespace lares::text {

struct CalendarRead {
    std::vector<std::int32_t> days;  // since 1970-01-01, sorted, each once
    std::vector<Diagnostic> found;   // errors; places have file 0
};

/// A rule without an end goes on until the end of this year.
inline constexpr int calendar_last_year = 2100;

/// iCalendar when the text begins with BEGIN:VCALENDAR, else CSV. A time of day is cut off: the
/// days are those written in the file, in whatever zone.
CalendarRead parse_calendar(std::string_view text);

}  // namespace lares::text
