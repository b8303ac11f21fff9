// os/posix_zone.cc: reads a POSIX rule and writes out its years.

#include "os/posix_zone.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace lares::os {

namespace {

using schedule::Transition;

constexpr int first_year = 1970, last_year = 2500;
constexpr std::int64_t day_seconds = 86'400;

Error invalid(std::string_view text) {
    return {Error::Kind::invalid, "not a POSIX time zone rule: '" + std::string(text) +
                                      "'; expected one as 'CET-1CEST,M3.5.0,M10.5.0/3'"};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes the rule apart from the front; every take_ fails by giving nothing.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool is_empty() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool at_name() const { return !rest_.empty() && (rest_[0] == '<' || is_letter(rest_[0])); }
    bool take_name() {
        std::size_t length = 0;
        if (take('<')) {
            length = rest_.find('>');
            if (length == rest_.npos || length < 3) return false;
            rest_.remove_prefix(length + 1);
            return true;
        }
        while (length < rest_.size() && is_letter(rest_[length])) ++length;
        rest_.remove_prefix(length);
        return length >= 3;
    }
    std::optional<int> take_number(int low, int high) {
        int value = 0;
        std::size_t length = 0;
        for (; length < rest_.size() && length < 4 && is_digit(rest_[length]); ++length)
            value = value * 10 + (rest_[length] - '0');
        if (length == 0 || value < low || value > high) return std::nullopt;
        rest_.remove_prefix(length);
        return value;
    }
    /// hh[:mm[:ss]], signed.
    std::optional<std::int32_t> take_time(int most_hours) {
        int const sign = take('-') ? -1 : 1;
        if (sign == 1) take('+');
        std::optional<int> const hours = take_number(0, most_hours);
        if (!hours) return std::nullopt;
        std::int32_t seconds = *hours * 3600;
        for (int unit : {60, 1}) {
            if (!take(':')) break;
            std::optional<int> const part = take_number(0, 59);
            if (!part) return std::nullopt;
            seconds += *part * unit;
        }
        return sign * seconds;
    }
    std::optional<PosixDay> take_day() {
        std::optional<PosixDay> day = take_date();
        if (!day || !take('/')) return day;
        std::optional<std::int32_t> const second = take_time(167);
        if (!second) return std::nullopt;
        day->second = *second;
        return day;
    }

private:
    std::optional<PosixDay> take_date() {
        if (take('M')) return take_month_day();
        bool const julian = take('J');
        std::optional<int> const day = take_number(julian ? 1 : 0, 365);
        if (!day) return std::nullopt;
        return PosixDay{.kind = julian ? PosixDay::Kind::julian : PosixDay::Kind::zero,
                        .day = *day};
    }
    std::optional<PosixDay> take_month_day() {
        std::optional<int> const month = take_number(1, 12);
        if (!month || !take('.')) return std::nullopt;
        std::optional<int> const week = take_number(1, 5);
        if (!week || !take('.')) return std::nullopt;
        std::optional<int> const day = take_number(0, 6);
        if (!day) return std::nullopt;
        return PosixDay{PosixDay::Kind::month, *month, *week, *day};
    }

    std::string_view rest_;
};

std::int64_t days_of(std::chrono::sys_days day) { return day.time_since_epoch().count(); }

/// Local second, counted from 1970, at which the day's change comes.
std::int64_t local_second(PosixDay const& day, int number) {
    using namespace std::chrono;
    year const in{number};
    switch (day.kind) {
    case PosixDay::Kind::month: {
        weekday const wanted{unsigned(day.day)};
        month const of{unsigned(day.month)};
        sys_days const at = day.week == 5 ? sys_days(in / of / wanted[last])
                                          : sys_days(in / of / wanted[unsigned(day.week)]);
        return days_of(at) * day_seconds + day.second;
    }
    case PosixDay::Kind::julian: {
        int const leap = in.is_leap() && day.day > 59 ? 1 : 0;
        return (days_of(in / 1 / 1) + day.day - 1 + leap) * day_seconds + day.second;
    }
    case PosixDay::Kind::zero:
        return (days_of(in / 1 / 1) + day.day) * day_seconds + day.second;
    }
    return 0;
}

int year_of(std::int64_t at) {
    using namespace std::chrono;
    return int(year_month_day(floor<days>(sys_seconds(seconds(at)))).year());
}

}  // namespace

Result<PosixRule> parse_posix_rule(std::string_view text) {
    Reader reader(text);
    PosixRule rule;
    if (text.size() > 200 || text.ends_with(',') || !reader.take_name())
        return invalid(text.substr(0, 200));
    std::optional<std::int32_t> const standard = reader.take_time(24);
    if (!standard) return invalid(text);
    rule.standard = -*standard;  // POSIX counts west as positive
    if (reader.is_empty()) return rule;
    if (!reader.take_name()) return invalid(text);
    rule.has_summer = true;
    rule.summer = rule.standard + 3600;
    if (!reader.is_empty() && !reader.take(',')) {
        std::optional<std::int32_t> const summer = reader.take_time(24);
        if (!summer) return invalid(text);
        rule.summer = -*summer;
        if (!reader.is_empty() && !reader.take(',')) return invalid(text);
    }
    // Without dates the C library takes those of the United States.
    std::string_view const dates = ",M3.2.0,M11.1.0";
    Reader usual(dates.substr(1));
    Reader& from = reader.is_empty() ? usual : reader;
    std::optional<PosixDay> const begin = from.take_day();
    if (!begin || !from.take(',')) return invalid(text);
    std::optional<PosixDay> const end = from.take_day();
    if (!end || !from.is_empty()) return invalid(text);
    rule.begin = *begin;
    rule.end = *end;
    return rule;
}

void add_rule(schedule::Zone& zone, PosixRule const& rule) {
    auto& changes = zone.transitions;
    std::int64_t const behind = changes.empty() ? INT64_MIN : changes.back().at;
    if (!rule.has_summer) return;
    int const from = changes.empty() ? first_year : year_of(behind);
    std::vector<Transition> more;
    for (int year = from; year <= last_year; ++year) {
        // The end stands first: where both fall on one instant, it is summer all year.
        more.push_back({local_second(rule.end, year) - rule.summer, rule.standard});
        more.push_back({local_second(rule.begin, year) - rule.standard, rule.summer});
    }
    std::ranges::stable_sort(more, {}, &Transition::at);
    for (Transition const& change : more) {
        if (change.at <= behind) continue;
        if (!changes.empty() && changes.back().at == change.at)
            changes.back() = change;
        else
            changes.push_back(change);
    }
}

}  // namespace lares::os
