// core/cron_match.cc: skips months and days by their masks, hours and minutes by theirs.

#include "core/cron_match.h"

#include <algorithm>
#include <bit>
#include <chrono>

#include "text/cron_days.h"

namespace lares::schedule {

namespace {

using text::Cron;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return (a >= 0 ? a : a - b + 1) / b; }

struct Date {
    int year;
    unsigned month;
    unsigned day;
};

Date date_of(std::int64_t days) {
    using namespace std::chrono;
    year_month_day const date{sys_days(std::chrono::days(days))};
    return {int(date.year()), unsigned(date.month()), unsigned(date.day())};
}

std::int64_t days_of(int year, unsigned month) {
    using namespace std::chrono;
    return sys_days(std::chrono::year(year) / std::chrono::month(month) / 1)
        .time_since_epoch()
        .count();
}

/// The first bit at or above `from`; none: -1.
int next_bit(std::uint64_t set, int from) {
    std::uint64_t const rest = from > 63 ? 0 : set >> from << from;
    return rest == 0 ? -1 : std::countr_zero(rest);
}

int first_bit(std::uint64_t set) { return std::countr_zero(set); }

/// Second of the day of the first match at or after `from`; -1 when the day has none left.
int next_time(Cron const& cron, int from) {
    int hour = from / 3600, minute = from / 60 % 60, second = from % 60;
    bool const in_hour = hour < 24 && (cron.hours >> hour & 1) != 0;
    if (in_hour) {
        if (cron.minutes >> minute & 1) {
            int const found = next_bit(cron.seconds, second);
            if (found >= 0) return hour * 3600 + minute * 60 + found;
        }
        int const found = next_bit(cron.minutes, minute + 1);
        if (found >= 0) return hour * 3600 + found * 60 + first_bit(cron.seconds);
    }
    int const found = next_bit(cron.hours, hour + 1);
    if (found < 0) return -1;
    return found * 3600 + first_bit(cron.minutes) * 60 + first_bit(cron.seconds);
}

int below(std::uint64_t set, int count) {
    return std::popcount(count > 63 ? set : set & ((std::uint64_t(1) << count) - 1));
}

/// Matches of a day that fits in its first `seconds`.
std::int64_t times_before(Cron const& cron, int seconds) {
    int const hour = seconds / 3600, minute = seconds / 60 % 60, second = seconds % 60;
    int const a_minute = std::popcount(cron.seconds);
    int const an_hour = std::popcount(cron.minutes) * a_minute;
    std::int64_t count = std::int64_t(below(cron.hours, hour)) * an_hour;
    if (hour > 23 || !(cron.hours >> hour & 1)) return count;
    count += std::int64_t(below(cron.minutes, minute)) * a_minute;
    if (cron.minutes >> minute & 1) count += below(cron.seconds, second);
    return count;
}

/// The first day that fits at or after `day`, before `end`.
std::optional<std::int64_t> next_day(Cron const& cron, std::int64_t day, std::int64_t end) {
    Date const date = date_of(day);
    std::int64_t first = day - date.day + 1;
    int year = date.year;
    unsigned month = date.month, from = date.day;
    while (first < end) {
        auto const fits = text::fitting_days(cron, year, month) >> from << from;
        if (fits != 0) return first + std::countr_zero(fits) - 1;
        from = 0;
        unsigned const named = unsigned(cron.months) >> (month + 1) << (month + 1);
        if (named != 0) {
            month = unsigned(std::countr_zero(named));
        } else {
            month = unsigned(std::countr_zero(unsigned(cron.months)));
            ++year;
        }
        first = days_of(year, month);
    }
    return std::nullopt;
}

/// Days that fit in [from, to).
std::int64_t count_days(Cron const& cron, std::int64_t from, std::int64_t to) {
    if (from >= to) return 0;
    Date const date = date_of(from);
    std::int64_t first = from - date.day + 1, count = 0;
    int year = date.year;
    unsigned month = date.month;
    while (first < to) {
        std::uint32_t fits = text::fitting_days(cron, year, month);
        std::int64_t const before = from - first, after = to - first;
        if (before > 0) fits = std::uint32_t(std::uint64_t(fits) >> (before + 1) << (before + 1));
        if (after < 31) fits &= (std::uint32_t(1) << (after + 1)) - 1;
        count += std::popcount(fits);
        first += text::last_day(year, month);
        year += month == 12;
        month = month % 12 + 1;
    }
    return count;
}

bool has_no_time(Cron const& cron) {
    return cron.is_reboot || cron.seconds == 0 || cron.minutes == 0 || cron.hours == 0 ||
           cron.months == 0;
}

bool day_fits(Cron const& cron, std::int64_t day) { return count_days(cron, day, day + 1) == 1; }

}  // namespace

std::optional<std::int64_t> next_match(Cron const& cron, std::int64_t from) {
    if (has_no_time(cron)) return std::nullopt;
    std::int64_t day = floor_div(from, day_seconds);
    std::int64_t const end = day + cycle_days + 2;
    int const rest = next_time(cron, int(from - day * day_seconds));
    std::optional<std::int64_t> const fits = next_day(cron, rest < 0 ? day + 1 : day, end);
    if (!fits) return std::nullopt;
    int const time = *fits == day ? rest : next_time(cron, 0);
    return *fits * day_seconds + time;
}

std::int64_t count_matches(Cron const& cron, std::int64_t from, std::int64_t to) {
    if (from >= to || has_no_time(cron)) return 0;
    std::int64_t const first = floor_div(from, day_seconds), last = floor_div(to, day_seconds);
    std::int64_t count = count_days(cron, first, last) * times_before(cron, int(day_seconds));
    int const skipped = int(from - first * day_seconds), taken = int(to - last * day_seconds);
    if (skipped > 0 && day_fits(cron, first)) count -= times_before(cron, skipped);
    if (taken > 0 && day_fits(cron, last)) count += times_before(cron, taken);
    return count;
}

}  // namespace lares::schedule
