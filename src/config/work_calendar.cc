// config/work_calendar.cc: closed hours may go over midnight, and belong to the day they begin on.

#include "config/work_calendar.h"

#include <algorithm>

namespace lares::config {

namespace {

constexpr std::int64_t a_day = 86'400;

bool begins_on(ClosedHours const& hours, std::int64_t weekday) {
    return (hours.weekdays >> ((weekday + 7) % 7) & 1) != 0;
}

/// Seconds until they are over, when that second of the local day lies within them.
std::optional<std::int64_t> left_of(ClosedHours const& hours, std::int64_t weekday,
                                    std::int64_t second) {
    std::int64_t from = std::int64_t{hours.from_minute} * 60;
    std::int64_t to = std::int64_t{hours.to_minute} * 60;
    if (from < to) {
        if (begins_on(hours, weekday) && second >= from && second < to) return to - second;
        return std::nullopt;
    }
    if (begins_on(hours, weekday) && second >= from) return a_day - second + to;
    if (begins_on(hours, weekday - 1) && second < to) return to - second;
    return std::nullopt;
}

/// Seconds until they begin next, at most a week.
std::int64_t until_begin(ClosedHours const& hours, std::int64_t weekday, std::int64_t second) {
    for (std::int64_t day = 0; day <= 7; ++day) {
        std::int64_t at = day * a_day + std::int64_t{hours.from_minute} * 60 - second;
        if (at > 0 && begins_on(hours, (weekday + day) % 7)) return at;
    }
    return 7 * a_day;
}

}  // namespace

std::int64_t local_day(std::int64_t local) {
    return (local >= 0 ? local : local - a_day + 1) / a_day;
}

HoursNow look_at_hours(std::vector<ClosedHours> const& all, std::int64_t local) {
    std::int64_t day = local_day(local);
    std::int64_t weekday = ((day + 4) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    std::int64_t second = local - day * a_day;
    HoursNow now{.closed_for = std::nullopt, .next_begin = 7 * a_day};
    for (ClosedHours const& hours : all) {
        if (auto left = left_of(hours, weekday, second))
            now.closed_for = std::max(now.closed_for.value_or(0), *left);
        now.next_begin = std::min(now.next_begin, until_begin(hours, weekday, second));
    }
    return now;
}

bool names_day(Calendar const& calendar, std::int64_t day) {
    return std::ranges::binary_search(calendar.days, static_cast<std::int32_t>(day));
}

bool leaves_out(Calendar const& calendar, std::int64_t day) {
    if (calendar.how == Calendar::How::none) return false;
    return names_day(calendar, day) == (calendar.how == Calendar::How::except);
}

std::size_t made_up(Catchup const& catchup, std::size_t missed) {
    switch (catchup.what) {
    case Catchup::What::none:
        return 0;
    case Catchup::What::latest:
        return std::min<std::size_t>(missed, 1);
    case Catchup::What::all:
        return std::min(missed, static_cast<std::size_t>(std::max(catchup.most, 0)));
    }
    return 0;
}

}  // namespace lares::config
