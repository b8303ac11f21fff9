// text/cron_hints.cc: one function for each kind of hint.

#include "text/cron_hints.h"

#include <bit>

#include "text/cron_days.h"
#include "text/cron_field.h"

namespace lares::text {

namespace {

using Hints = std::vector<std::string>;

constexpr std::uint32_t every_day = 0xfffffffeu;
constexpr std::uint32_t every_hour = 0x00ffffffu;
constexpr std::uint64_t every_minute = (std::uint64_t(1) << 60) - 1;
constexpr std::uint16_t every_month = 0x1ffe;

bool has_plain_days(Cron const& cron) { return cron.last_days == 0 && cron.near_days == 0; }
bool has_plain_weekdays(Cron const& cron) {
    return cron.last_weekdays == 0 && cron.nth_weekdays == 0;
}
bool names_every_day(Cron const& cron) { return cron.days == every_day; }
bool names_every_weekday(Cron const& cron) { return cron.weekdays == 0x7f; }

void never(Cron const& cron, Hints& hints) {
    if (ever_fires(cron)) return;
    std::string words = "never fires: ";
    auto const first = unsigned(std::countr_zero(cron.days | 0x80000000u));
    if (std::has_single_bit(cron.months) && has_plain_days(cron)) {
        auto const month = int(std::countr_zero(cron.months));
        words +=
            "there is no " + std::to_string(first) + " " + value_words(CronField::month, month);
    } else if (has_plain_days(cron)) {
        words += "none of its months has a day " + std::to_string(first);
    } else {
        words += "no month has such a day";
    }
    if (first > 28 && has_plain_days(cron)) words += "; write 'L' for the last day of a month";
    hints.push_back(std::move(words));
}

/// Days that only some of the months have.
void short_months(Cron const& cron, Hints& hints) {
    if (!has_plain_days(cron) || !names_every_weekday(cron)) return;
    auto const first = unsigned(std::countr_zero(cron.days | 0x80000000u));
    if (first < 29 || !ever_fires(cron)) return;
    if (cron.months == every_month) {
        hints.push_back("day " + std::to_string(first) + " is missing from " +
                        std::string(first == 31   ? "five months"
                                    : first == 30 ? "February"
                                                  : "February of most years") +
                        "; write 'L' for the last day of a month");
    } else if (cron.months == 1 << 2) {
        hints.push_back("29 February: in leap years only");
    }
}

void both_day_fields(Cron const& cron, Hints& hints) {
    bool const days_say = !names_every_day(cron) || !has_plain_days(cron);
    bool const weekdays_say = !names_every_weekday(cron) || !has_plain_weekdays(cron);
    if (cron.day_star || cron.weekday_star) {
        if (!days_say || !weekdays_say) return;
        hints.push_back("day of month and weekday must both fit, because the " +
                        std::string(cron.weekday_star ? "weekday" : "day") +
                        " field begins with '*'");
        return;
    }
    if (days_say && weekdays_say) {
        hints.push_back(
            "both day of month and weekday are given: it runs when either fits, as in every cron");
    } else {
        hints.push_back(
            "it runs every day: a full range is not '*', so either day field is enough" +
            std::string(days_say       ? "; write '*' as weekday"
                        : weekdays_say ? "; write '*' as day of month"
                                       : ""));
    }
}

/// A '*/n' whose last stride is shorter than the others.
void uneven_step(CronField field, int step, Hints& hints) {
    if (step == 1) return;
    int const low = field_low(field);
    int const count = (field == CronField::weekday ? 6 : field_high(field)) - low + 1;
    std::string const name(field_name(field));
    if (step >= count) {
        hints.push_back("a step of " + std::to_string(step) + " leaves " + name + " " +
                        value_words(field, low) + " alone");
    } else if (field == CronField::day || count % step != 0) {
        int const last = low + (count - 1) / step * step;
        hints.push_back("'*/" + std::to_string(step) + "' begins anew after " + name + " " +
                        value_words(field, last) + ": the last stride is shorter");
    }
}

/// '* 2 * * *': mostly written for once.
void whole_hour(Cron const& cron, Hints& hints) {
    if (cron.minutes != every_minute || cron.hours == every_hour) return;
    hints.push_back("it runs in every minute of its hours; write 0 as minute for once an hour");
}

}  // namespace

std::vector<std::string> cron_hints(Cron const& cron, std::array<int, 6> const& star_steps) {
    Hints hints;
    never(cron, hints);
    short_months(cron, hints);
    both_day_fields(cron, hints);
    whole_hour(cron, hints);
    for (std::size_t field = 0; field < star_steps.size(); ++field)
        if (star_steps[field] != 0) uneven_step(CronField(field), star_steps[field], hints);
    return hints;
}

}  // namespace lares::text
