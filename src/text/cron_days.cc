// text/cron_days.cc: the days of a month as bits, one mask for each kind of rule.

#include "text/cron_days.h"

#include <bit>
#include <chrono>

namespace lares::text {

namespace {

/// A month as the rules see it.
struct Month {
    unsigned last = 31;  // its last day
    unsigned first = 0;  // weekday of the 1st; 0: Sunday
    unsigned weekday(unsigned day) const { return (first + day - 1) % 7; }
};

constexpr std::uint32_t bit(unsigned day) { return std::uint32_t(1) << day; }

/// Bits 1 to `last`.
constexpr std::uint32_t days_up_to(unsigned last) {
    return (last == 31 ? 0xffffffffu : bit(last + 1) - 1) & ~1u;
}

Month month_of(int year, unsigned month) {
    using namespace std::chrono;
    sys_days const first = std::chrono::year(year) / std::chrono::month(month) / 1;
    return {last_day(year, month), weekday(first).c_encoding()};
}

/// Every `weekday` of the month.
std::uint32_t all_of_weekday(Month const& month, unsigned weekday) {
    constexpr std::uint32_t weekly = bit(1) | bit(8) | bit(15) | bit(22) | bit(29);
    return weekly << ((weekday + 7 - month.first) % 7);
}

/// The working day nearest to `day` in the same month (Quartz's W).
unsigned near_working_day(Month const& month, unsigned day) {
    switch (month.weekday(day)) {
    case 6:
        return day > 1 ? day - 1 : day + 2;
    case 0:
        return day < month.last ? day + 1 : day - 2;
    default:
        return day;
    }
}

unsigned last_working_day(Month const& month) {
    unsigned day = month.last;
    while (month.weekday(day) == 0 || month.weekday(day) == 6) --day;
    return day;
}

std::uint32_t by_day(Cron const& cron, Month const& month) {
    std::uint32_t fit = cron.days;
    for (std::uint32_t rest = cron.last_days; rest != 0; rest &= rest - 1) {
        auto before = unsigned(std::countr_zero(rest));
        if (before < month.last) fit |= bit(month.last - before);
    }
    for (std::uint32_t rest = cron.near_days; rest != 0; rest &= rest - 1) {
        auto day = unsigned(std::countr_zero(rest));
        if (day == 0)
            fit |= bit(last_working_day(month));
        else if (day <= month.last)
            fit |= bit(near_working_day(month, day));
    }
    return fit;
}

std::uint32_t by_weekday(Cron const& cron, Month const& month) {
    std::uint32_t fit = 0;
    for (unsigned weekday = 0; weekday < 7; ++weekday) {
        std::uint32_t const all = all_of_weekday(month, weekday) & days_up_to(month.last);
        if (cron.weekdays >> weekday & 1) fit |= all;
        if (cron.last_weekdays >> weekday & 1) fit |= std::bit_floor(all);
        for (unsigned nth = 1; nth <= 5; ++nth)
            if (cron.nth_weekdays >> (8 * weekday + nth) & 1)
                fit |= all & (std::uint32_t(0x7f) << (7 * (nth - 1) + 1));
    }
    return fit;
}

}  // namespace

unsigned last_day(int year, unsigned month) {
    if (month == 2) return std::chrono::year(year).is_leap() ? 29 : 28;
    return 30 + ((month ^ (month >> 3)) & 1);
}

std::uint32_t fitting_days(Cron const& cron, int year, unsigned month) {
    if (!(cron.months >> month & 1)) return 0;
    bool const every_weekday = cron.weekdays == 0x7f;
    bool const plain_days = cron.last_days == 0 && cron.near_days == 0;
    std::uint32_t const exist = days_up_to(last_day(year, month));
    // Most expressions name weekdays by '*'; the calendar need not be asked for those.
    if (every_weekday && plain_days && cron.weekday_star) return cron.days & exist;
    Month const here = month_of(year, month);
    std::uint32_t const days = plain_days ? cron.days : by_day(cron, here);
    std::uint32_t const weekdays = every_weekday ? exist : by_weekday(cron, here);
    bool const both = cron.day_star || cron.weekday_star;
    return (both ? days & weekdays : days | weekdays) & exist;
}

bool ever_fires(Cron const& cron) {
    if (cron.is_reboot || cron.seconds == 0 || cron.minutes == 0 || cron.hours == 0) return false;
    for (int year = 2000; year < 2400; ++year)
        for (unsigned month = 1; month <= 12; ++month)
            if (fitting_days(cron, year, month) != 0) return true;
    return false;
}

}  // namespace lares::text
