// text/calendar_ics.cc: events of an iCalendar file as days.

#include "text/calendar_ics.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/limits.h"
#include "text/python.h"

namespace lares::text {

namespace {

using Day = std::int32_t;

/// A moment as far as days go.
struct Moment {
    Day day = 0;
    bool has_time = false;
    bool at_midnight = true;
};

struct Rule {
    enum class Every { year, week, day };
    Every every = Every::year;
    int interval = 1;
    std::optional<int> count;
    std::optional<Day> until;
    int month = 0, month_day = 0;  // BYMONTH, BYMONTHDAY; 0: as DTSTART
    int weekday = -1, nth = 0;     // BYDAY=4TH: Thursday, 4; -1MO: Monday, -1
};

struct Event {
    int line = 0;
    std::optional<Moment> start, end;
    std::optional<int> length;  // DURATION, in days
    std::optional<Rule> rule;
    std::vector<Day> more, except;
    bool is_cancelled = false;
};

/// One unfolded line.
struct Property {
    int line = 0;
    std::string name;  // in capitals
    std::string_view parameters, value;
};

std::string upper(std::string_view text) {
    std::string big(text);
    for (char& c : big)
        if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    return big;
}

std::optional<int> number(std::string_view text, int low, int high) {
    int sign = 1;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        sign = text[0] == '-' ? -1 : 1;
        text.remove_prefix(1);
    }
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != text.npos)
        return std::nullopt;
    int value = 0;
    for (char c : text) value = value * 10 + (c - '0');
    value *= sign;
    return value < low || value > high ? std::nullopt : std::optional(value);
}

/// "20261225" or "20261225T080000Z".
std::optional<Moment> read_moment(std::string_view text) {
    if (text.size() != 8 && text.size() != 15 && text.size() != 16) return std::nullopt;
    auto const year = number(text.substr(0, 4), 1900, 2200);
    auto const month = number(text.substr(4, 2), 1, 12), day = number(text.substr(6, 2), 1, 31);
    if (!year || !month || !day) return std::nullopt;
    auto const date = calendar_day(*year, *month, *day);
    if (!date) return std::nullopt;
    Moment moment{*date};
    if (text.size() == 8) return moment;
    std::string_view const time = text.substr(9, 6);
    if (text[8] != 'T' || !number(time, 0, 235'960)) return std::nullopt;
    if (text.size() == 16 && text[15] != 'Z') return std::nullopt;
    moment.has_time = true;
    moment.at_midnight = time == "000000";
    return moment;
}

/// Calls `take` with each part between commas (or another sign); stops when it gives false.
template <class Take>
bool each_part(std::string_view text, char sign, Take take) {
    while (true) {
        std::size_t const end = std::min(text.find(sign), text.size());
        if (!take(text.substr(0, end))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

/// "P2D", "P1W", "P1DT12H"; parts of a day count as one.
std::optional<int> read_duration(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (!text.starts_with('P') || text.size() < 3) return std::nullopt;
    text.remove_prefix(1);
    int days = 0;
    std::size_t const time = text.find('T');
    std::string_view dates = text.substr(0, time);
    while (!dates.empty()) {
        std::size_t const unit = dates.find_first_of("DW");
        if (unit == dates.npos) return std::nullopt;
        auto const count = number(dates.substr(0, unit), 0, 4'000);
        if (!count) return std::nullopt;
        days += *count * (dates[unit] == 'W' ? 7 : 1);
        dates.remove_prefix(unit + 1);
    }
    return days + (time != text.npos ? 1 : 0);
}

bool read_by_day(std::string_view text, Rule& rule) {
    constexpr std::array<std::string_view, 7> names = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
    if (text.size() < 3) return false;
    auto const name = std::ranges::find(names, text.substr(text.size() - 2));
    auto const nth = number(text.substr(0, text.size() - 2), -5, 5);
    if (name == names.end() || !nth || *nth == 0) return false;
    rule.weekday = int(name - names.begin());
    rule.nth = *nth;
    return true;
}

bool read_every(std::string_view text, Rule& rule) {
    if (text != "YEARLY" && text != "WEEKLY" && text != "DAILY") return false;
    rule.every = text == "YEARLY"   ? Rule::Every::year
                 : text == "WEEKLY" ? Rule::Every::week
                                    : Rule::Every::day;
    return true;
}

template <class Value>
bool keep(std::optional<Value> const& value, auto& place) {
    if (value) place = *value;
    return value.has_value();
}

bool read_part(std::string_view name, std::string_view value, Rule& rule) {
    if (name == "FREQ") return read_every(value, rule);
    if (name == "INTERVAL") return keep(number(value, 1, 1'000), rule.interval);
    if (name == "COUNT") return keep(number(value, 1, 100'000), rule.count);
    if (name == "BYMONTH") return keep(number(value, 1, 12), rule.month);
    if (name == "BYMONTHDAY") return keep(number(value, 1, 31), rule.month_day);
    if (name == "BYDAY") return read_by_day(value, rule);
    if (name == "WKST") return true;  // of no effect on what is understood here
    if (name != "UNTIL") return false;
    std::optional<Moment> const until = read_moment(value);
    if (until) rule.until = until->day;
    return until.has_value();
}

/// The part that was not understood; empty: all were.
std::string read_rule(std::string_view text, Rule& rule) {
    std::string wrong;
    std::string const big = upper(text);
    bool has_every = false;
    each_part(big, ';', [&](std::string_view part) {
        std::size_t const sign = std::min(part.find('='), part.size());
        std::string_view const value = part.substr(std::min(sign + 1, part.size()));
        has_every |= part.substr(0, sign) == "FREQ";
        if (!read_part(part.substr(0, sign), value, rule)) wrong = part;
        return wrong.empty();
    });
    bool const has_by = rule.month != 0 || rule.month_day != 0 || rule.nth != 0;
    if (wrong.empty() && !has_every) wrong = "without FREQ";
    if (wrong.empty() && has_by && rule.every != Rule::Every::year) wrong = "BY parts";
    // The n-th weekday of the year, or both kinds of day at once: no holiday is given so.
    if (wrong.empty() && rule.nth != 0 && (rule.month == 0 || rule.month_day != 0)) wrong = "BYDAY";
    return wrong;
}

/// The rule's day in a year; none when that year has none (29 February).
std::optional<Day> day_in_year(Rule const& rule, Day start, int year) {
    using namespace std::chrono;
    year_month_day const first{sys_days(days(start))};
    int const month = rule.month != 0 ? rule.month : int(unsigned(first.month()));
    if (rule.nth == 0)
        return calendar_day(year, month,
                            rule.month_day != 0 ? rule.month_day : int(unsigned(first.day())));
    weekday const wanted{unsigned(rule.weekday)};
    auto const in = std::chrono::year(year) / month;
    Day last = Day(sys_days(in / wanted[std::chrono::last]).time_since_epoch().count());
    Day const from_first = Day(sys_days(in / wanted[1]).time_since_epoch().count());
    Day const day = rule.nth > 0 ? from_first + 7 * (rule.nth - 1) : last + 7 * (rule.nth + 1);
    return day < from_first || day > last ? std::nullopt : std::optional(day);
}

std::vector<Day> starts_of(Event const& event) {
    Day const start = event.start->day;
    if (!event.rule) return {start};
    Rule const& rule = *event.rule;
    Day const end =
        std::min(rule.until.value_or(INT32_MAX), *calendar_day(calendar_last_year, 12, 31));
    std::size_t const most = rule.count ? std::size_t(*rule.count) : limits::calendar_days + 1;
    std::vector<Day> starts;
    if (rule.every != Rule::Every::year) {
        Day const step = Day(rule.interval) * (rule.every == Rule::Every::week ? 7 : 1);
        for (Day day = start; day <= end && starts.size() < most; day += step)
            starts.push_back(day);
        return starts;
    }
    using namespace std::chrono;
    int const first = int(year_month_day(sys_days(days(start))).year());
    for (int year = first; year <= calendar_last_year && starts.size() < most;
         year += rule.interval) {
        std::optional<Day> const day = day_in_year(rule, start, year);
        if (day && *day > end) break;
        if (day && *day >= start) starts.push_back(*day);
    }
    return starts;
}

/// Days an event takes, at least one.
int length_of(Event const& event) {
    if (event.length) return std::max(1, *event.length);
    if (!event.end) return 1;
    // The end is the first moment that does not belong to it (3.6.1).
    int const between = event.end->day - event.start->day;
    return std::max(1, between + (event.end->has_time && !event.end->at_midnight ? 1 : 0));
}

class Reader {
public:
    explicit Reader(CalendarSheet& sheet) : sheet_(sheet) {}

    void take(Property const& property) {
        if (property.name == "BEGIN") {
            std::string const what = upper(property.value);
            // Alarms stand inside events, rules of summer time inside zones.
            ++depth_;
            if (what == "VEVENT" && depth_ == 2) {
                event_ = {};
                event_.line = property.line;
                event_depth_ = depth_;
            }
        } else if (property.name == "END") {
            if (depth_ == event_depth_) finish();
            depth_ = std::max(0, depth_ - 1);
        } else if (event_depth_ != 0 && depth_ == event_depth_) {
            take_of_event(property);
        }
    }
    bool is_inside() const { return depth_ > 0; }

private:
    void wrong(Property const& property, std::string hint) {
        sheet_.complain(
            property.line,
            property.name + ": found '" + std::string(property.value.substr(0, 60)) + "'",
            std::move(hint));
    }

    void take_moment(Property const& property, std::optional<Moment>& place) {
        place = read_moment(property.value);
        if (!place) wrong(property, "expected a date as 20261225 or 20261225T080000");
    }
    void take_list(Property const& property, std::vector<Day>& list) {
        bool const good = each_part(property.value, ',', [&](std::string_view part) {
            std::optional<Moment> const moment = read_moment(part);
            if (moment && list.size() < limits::calendar_days) list.push_back(moment->day);
            return moment.has_value();
        });
        if (!good) wrong(property, "expected dates as 20261225,20261226");
    }
    void take_of_event(Property const& property) {
        std::string const& name = property.name;
        if (name == "DTSTART") {
            take_moment(property, event_.start);
        } else if (name == "DTEND") {
            take_moment(property, event_.end);
        } else if (name == "RDATE") {
            take_list(property, event_.more);
        } else if (name == "EXDATE") {
            take_list(property, event_.except);
        } else if (name == "STATUS") {
            event_.is_cancelled = upper(property.value) == "CANCELLED";
        } else if (name == "DURATION") {
            event_.length = read_duration(property.value);
            if (!event_.length) wrong(property, "expected a span as P1D");
        } else if (name == "RRULE") {
            std::string const part = read_rule(property.value, event_.rule.emplace());
            if (!part.empty())
                wrong(property, "'" + part +
                                    "' is not understood; yearly rules are, with BYMONTH and "
                                    "BYMONTHDAY or BYDAY=4TH; list other days with RDATE");
        } else if (name == "EXRULE") {
            wrong(property, "it is not understood; list the days with EXDATE");
        }
    }

    void finish() {
        event_depth_ = 0;
        if (event_.is_cancelled) return;
        if (!event_.start)
            return sheet_.complain(event_.line, "an event without a DTSTART that can be read");
        int const length = length_of(event_);
        std::vector<Day> starts = starts_of(event_);
        starts.insert(starts.end(), event_.more.begin(), event_.more.end());
        std::ranges::sort(event_.except);
        for (Day const day : starts)
            if (!std::ranges::binary_search(event_.except, day))
                if (!sheet_.add(day, day + length - 1, event_.line)) return;
    }

    CalendarSheet& sheet_;
    Event event_;
    int depth_ = 0, event_depth_ = 0;
};

/// Name, parameters and value of a line; false when it has no ':'.
bool split_property(std::string_view line, Property& property) {
    bool quoted = false;
    std::size_t name_end = line.npos;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') quoted = !quoted;
        if (quoted) continue;
        if (line[i] == ';' && name_end == line.npos) name_end = i;
        if (line[i] != ':') continue;
        name_end = std::min(name_end, i);
        property.name = upper(line.substr(0, name_end));
        property.parameters = line.substr(name_end, i - name_end);
        property.value = line.substr(i + 1);
        return true;
    }
    return false;
}

}  // namespace

void read_ics(std::string_view text, CalendarSheet& sheet) {
    Reader reader(sheet);
    int number = 0;
    while (!text.empty() && !sheet.is_full()) {
        Property property{.line = number + 1};
        std::string line;
        do {
            std::size_t const end = std::min(text.find('\n'), text.size());
            std::string_view part = text.substr(0, end);
            if (part.ends_with('\r')) part.remove_suffix(1);
            // A line that begins with a blank goes on with the one before it (3.1).
            line += property.line == ++number ? part : part.substr(1);
            text.remove_prefix(std::min(end + 1, text.size()));
        } while (text.starts_with(' ') || text.starts_with('\t'));
        if (line.empty()) continue;
        if (!split_property(line, property))
            sheet.complain(property.line, "found a line without ':'", "expected NAME:VALUE");
        else
            reader.take(property);
    }
    if (reader.is_inside() && !sheet.is_full())
        sheet.complain(number, "the file ends inside a BEGIN", "it was probably cut off");
}

}  // namespace lares::text
