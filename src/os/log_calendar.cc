// os/log_calendar.cc: ends of periods in local time. mktime() knows the days that have 23 or 25
// hours.

#include "os/log_calendar.h"

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace lares::os {

namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t first_monday = 4 * day;  // 1970-01-05

std::int64_t seconds_of(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::tm local_fields(std::int64_t at) {
    std::time_t time = at;
    std::tm fields{};
    ::localtime_r(&time, &fields);
    return fields;
}

/// The calendar's seconds since the first Monday, as if every day had 24 hours.
std::int64_t calendar_seconds(std::tm fields) { return ::timegm(&fields) - first_monday; }

std::int64_t from_calendar_seconds(std::int64_t seconds) {
    std::time_t time = seconds + first_monday;
    std::tm fields{};
    ::gmtime_r(&time, &fields);
    fields.tm_isdst = -1;
    return ::mktime(&fields);
}

std::int64_t next_multiple(std::int64_t at, std::int64_t of) { return (at / of + 1) * of; }

}  // namespace

WallTime period_end(WallTime at, Duration every) {
    std::int64_t now = seconds_of(at);
    std::int64_t period = std::max<std::int64_t>(every.count() / 1000, 1);
    std::int64_t calendar = calendar_seconds(local_fields(now));
    std::int64_t end = 0;
    if (period < day) {
        std::int64_t midnight = from_calendar_seconds(calendar / day * day);
        std::int64_t next_midnight = from_calendar_seconds(next_multiple(calendar, day));
        end = std::min(midnight + next_multiple(now - midnight, period), next_midnight);
    } else {
        end = from_calendar_seconds(next_multiple(calendar, period));
    }
    // A clock that is put back shows an hour twice; the calendar's answer may then have passed.
    if (end <= now) end = now + period;
    return WallTime(std::chrono::seconds(end));
}

}  // namespace lares::os
