// text/calendar.h: the days that a calendar file names: holidays, closing days.
//
// Two formats, told apart by their first line: iCalendar (RFC 5545: whole days of VEVENTs, also
// yearly ones) and CSV, whose first column is a date. Nothing else of either is looked at.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::text {

/// Days since 1970, sorted, each once. The Error says "line 3: ...".
///
/// iCalendar: DTSTART to DTEND (not counted, as the standard has it) or DURATION in days or weeks;
/// times of day are passed over, so that a meeting names its day. RRULE:FREQ=YEARLY with INTERVAL,
/// COUNT and UNTIL is followed for 100 years; EXDATE takes days out; another rule is an error,
/// since passing it over would miss days. CSV: YYYY-MM-DD or YYYYMMDD first on a line, ',' or ';'
/// after it; '#' begins a comment; a first line without a date is the heading.
Result<std::vector<std::int32_t>> parse_calendar(std::string_view text);

/// Days since 1970 of "2026-12-25" or "20261225".
Result<std::int32_t> parse_day(std::string_view text);

}  // namespace lares::text
