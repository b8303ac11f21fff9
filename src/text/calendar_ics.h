// text/calendar_ics.h: the iCalendar half of text/calendar_file.h, and what both halves share.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/calendar_file.h"

namespace lares::text {

/// Collects days and errors within their limits.
class CalendarSheet {
public:
    /// From `first` to `last`, both included; false when there are too many.
    bool add(std::int32_t first, std::int32_t last, int line);
    void complain(int line, std::string what, std::string hint = {});
    bool is_full() const { return full_; }
    CalendarRead finish() &&;

private:
    CalendarRead read_;
    bool full_ = false;
};

/// Days since 1970 of a date that exists, years 1900 to 2200.
std::optional<std::int32_t> calendar_day(int year, int month, int day);

void read_ics(std::string_view text, CalendarSheet& sheet);

}  // namespace lares::text
