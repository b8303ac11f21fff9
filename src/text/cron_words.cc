// text/cron_words.cc: a cron expression in plain English, from its sets, not from its text.

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "text/cron.h"
#include "text/cron_days.h"
#include "text/cron_field.h"

namespace lares::text {

namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t all_minutes = (std::uint64_t(1) << 60) - 1;
constexpr std::uint32_t all_hours = 0x00ffffffu;
constexpr std::uint32_t all_days = 0xfffffffeu;
constexpr std::uint16_t all_months = 0x1ffe;
/// Up to so many times of day are named one by one.
constexpr int few_times = 6;

std::string join(Words const& words, std::string_view last) {
    std::string all;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) all += i + 1 == words.size() ? " " + std::string(last) + " " : ", ";
        all += words[i];
    }
    return all;
}

/// "0, 15 and 30", "9 to 17", "Monday to Friday".
std::string values_words(CronField field, std::uint64_t set) {
    Words words;
    while (set != 0) {
        int const from = std::countr_zero(set);
        int const count = std::countr_one(set >> from);
        std::uint64_t const run =
            count == 64 ? ~std::uint64_t(0) : ((std::uint64_t(1) << count) - 1) << from;
        set &= ~run;
        std::string const first = value_words(field, from);
        if (count > 2)
            words.push_back(first + " to " + value_words(field, from + count - 1));
        else
            for (int i = 0; i < count; ++i) words.push_back(value_words(field, from + i));
    }
    return join(words, "and");
}

/// n when the set is 0, n, 2n, ... below `count` and n divides it; else 0.
int stride(std::uint64_t set, int count) {
    int const members = std::popcount(set);
    if (members < 2 || count % members != 0) return 0;
    int const step = count / members;
    std::uint64_t wanted = 0;
    for (int value = 0; value < count; value += step) wanted |= std::uint64_t(1) << value;
    return wanted == set ? step : 0;
}

std::string two_digits(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string plural(std::string_view word, std::uint64_t set) {
    return std::string(word) + (std::has_single_bit(set) ? " " : "s ");
}

/// "06:00 and 18:00:30".
std::string clock_words(Cron const& cron) {
    Words times;
    bool const plain = cron.seconds == 1;
    for (int hour = 0; hour < 24; ++hour)
        for (int minute = 0; minute < 60; ++minute)
            for (int second = 0; second < 60; ++second)
                if ((cron.hours >> hour & 1) && (cron.minutes >> minute & 1) &&
                    (cron.seconds >> second & 1))
                    times.push_back(two_digits(hour) + ":" + two_digits(minute) +
                                    (plain ? "" : ":" + two_digits(second)));
    return "at " + join(times, "and");
}

std::string hours_words(Cron const& cron) {
    if (cron.hours == all_hours) return "";
    if (int const step = stride(cron.hours, 24); step > 1)
        return " of every " + std::to_string(step) + " hours";
    return " of " + plural("hour", cron.hours) + values_words(CronField::hour, cron.hours);
}

std::string minutes_words(Cron const& cron) {
    std::string const hours = hours_words(cron);
    if (cron.minutes == all_minutes) return "every minute" + hours;
    if (int const step = stride(cron.minutes, 60); step > 1 && cron.hours == all_hours)
        return "every " + std::to_string(step) + " minutes";
    return "at " + plural("minute", cron.minutes) + values_words(CronField::minute, cron.minutes) +
           (hours.empty() ? " of every hour" : hours);
}

std::string time_words(Cron const& cron) {
    int const times =
        std::popcount(cron.hours) * std::popcount(cron.minutes) * std::popcount(cron.seconds);
    if (times <= few_times) return clock_words(cron);
    if (cron.seconds == 1) return minutes_words(cron);
    std::string words;
    if (cron.seconds == all_minutes)
        words = "every second";
    else if (int const step = stride(cron.seconds, 60); step > 1)
        words = "every " + std::to_string(step) + " seconds";
    else
        words =
            "at " + plural("second", cron.seconds) + values_words(CronField::second, cron.seconds);
    if (cron.minutes == all_minutes && cron.hours == all_hours) return words;
    return words + ", " + minutes_words(cron);
}

std::string ordinal(int nth) {
    constexpr std::string_view words[] = {"", "first", "second", "third", "fourth", "fifth"};
    return std::string(words[nth]);
}

std::string day_words(Cron const& cron) {
    Words words;
    if (cron.days != 0)
        words.push_back(plural("day", cron.days) + values_words(CronField::day, cron.days));
    for (int before = 0; before <= 30; ++before) {
        if (!(cron.last_days >> before & 1)) continue;
        words.push_back(before == 0 ? "the last day"
                                    : "day " + std::to_string(before) + " before the last");
    }
    if (cron.near_days & 1) words.push_back("the last working day");
    for (int day = 1; day <= 31; ++day)
        if (cron.near_days >> day & 1)
            words.push_back("the working day nearest to day " + std::to_string(day));
    return join(words, "and");
}

std::string weekday_words(Cron const& cron) {
    Words words;
    if (cron.weekdays != 0) {
        // A week that ends on Sunday reads better as such: "Saturday and Sunday".
        bool const weekend = cron.weekdays == 0x41;
        words.push_back(weekend ? "Saturday and Sunday"
                                : values_words(CronField::weekday, cron.weekdays));
    }
    for (int weekday = 0; weekday < 7; ++weekday) {
        std::string const name = value_words(CronField::weekday, weekday);
        for (int nth = 1; nth <= 5; ++nth)
            if (cron.nth_weekdays >> (8 * weekday + nth) & 1)
                words.push_back("the " + ordinal(nth) + " " + name);
        if (cron.last_weekdays >> weekday & 1) words.push_back("the last " + name);
    }
    return join(words, "and");
}

std::string date_words(Cron const& cron) {
    bool const any_day = cron.days == all_days, any_weekday = cron.weekdays == 0x7f;
    bool const both = cron.day_star || cron.weekday_star;
    if (both ? any_day && any_weekday : any_day || any_weekday) return "";
    if (any_weekday) return " on " + day_words(cron) + " of the month";
    if (any_day) return " on " + weekday_words(cron);
    return " on " + day_words(cron) + " of the month" + (both ? ", if it is " : " and on ") +
           weekday_words(cron);
}

}  // namespace

std::string describe_cron(Cron const& cron) {
    if (cron.is_reboot) return "once after each boot of the machine";
    if (!ever_fires(cron)) return "never";
    std::string words = time_words(cron);
    std::string const date = date_words(cron);
    if (date.empty() && words.starts_with("at ") && words.find(" every ") == words.npos)
        words += " every day";
    words += date;
    if (cron.months != all_months) words += " in " + values_words(CronField::month, cron.months);
    return words;
}

}  // namespace lares::text
