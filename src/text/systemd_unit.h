// text/systemd_unit.h: systemd's unit files, as far as a timer and its service go.
//
// Syntax by systemd.syntax(7), calendar expressions by systemd.time(7). Only read, to bring timers
// along; what a cron line cannot say is refused in words rather than bent.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "text/diagnostic.h"

namespace lares::text {

struct UnitLine {
    Place place;
    std::string section;  // "Timer"
    std::string key, value;
};

struct Unit {
    std::vector<UnitLine> lines;
    std::vector<Diagnostic> found;

    /// The last value; empty when there is none.
    std::string_view last(std::string_view section, std::string_view key) const;
    /// All values since the last empty one, which resets a list.
    std::vector<UnitLine> all(std::string_view section, std::string_view key) const;
};

Unit read_unit(std::string_view text, int file = 0);

/// The schedule line that means the same as an OnCalendar= value, with "TZ=Zone " in front when it
/// names one. Refused: years, a weekday together with a date (cron would take either), and
/// fractions of seconds. systemd gives each local time once, and loses those in a gap: dst = wall.
Result<std::string> cron_of_calendar(std::string_view calendar);

/// systemd's spans: "5min 20s", "1d", "90" (seconds).
Result<Duration> parse_unit_span(std::string_view text);

/// The words of a line by systemd's quoting; of Environment= and ExecStart= values. Specifiers
/// ("%h") and variables ("$X", "${X}") are refused by name; "%%" and "$$" are one sign.
Result<std::vector<std::string>> split_unit_words(std::string_view line);

}  // namespace lares::text
