// core/local_time.cc: local time is UTC plus the offset; dates are reckoned by <chrono>'s calendar.

#include "core/local_time.h"

namespace lares {

namespace {

std::int64_t local_seconds(schedule::Zone const& zone, WallTime at) {
    auto utc = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    return utc + schedule::offset_at(zone, utc);
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

/// The first instant at which clocks show it, or the end of the gap that it lies in.
std::int64_t first_instant(schedule::Zone const& zone, std::int64_t local) {
    constexpr std::int64_t greatest_offset = 26 * 3600;
    auto const& changes = zone.transitions;
    for (auto i = schedule::stretch_at(zone, local - greatest_offset);; i++) {
        auto at = local - (i == 0 ? zone.first_offset : changes[i - 1].offset);
        if (i > 0 && at < changes[i - 1].at) return changes[i - 1].at;
        if (i == changes.size() || at < changes[i].at) return at;
    }
}

std::string two(unsigned value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string date_words(std::int64_t day) {
    using namespace std::chrono;
    year_month_day date{sys_days(days(static_cast<int>(day)))};
    return std::to_string(int(date.year())) + "-" + two(unsigned(date.month())) + "-" +
           two(unsigned(date.day()));
}

}  // namespace

std::int64_t local_day(schedule::Zone const& zone, WallTime at) {
    return floor_divide(local_seconds(zone, at), 86'400);
}

WallTime instant_at(schedule::Zone const& zone, std::int64_t day, int minute) {
    return WallTime(std::chrono::seconds(first_instant(zone, day * 86'400 + minute * 60)));
}

std::string minute_words(int minute) {
    return two(static_cast<unsigned>(minute) / 60) + ":" + two(static_cast<unsigned>(minute) % 60);
}

std::string clock_words(schedule::Zone const& zone, WallTime at, WallTime now) {
    auto local = local_seconds(zone, at);
    auto day = floor_divide(local, 86'400);
    std::string time = minute_words(static_cast<int>((local - day * 86'400) / 60));
    return day == local_day(zone, now) ? time : date_words(day) + " " + time;
}

}  // namespace lares
