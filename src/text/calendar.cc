// text/calendar.cc: two readers, one of iCalendar and one of CSV, each from lines to a set of days.

#include "text/calendar.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "text/python.h"
#include "text/quantity.h"

namespace lares::text {

namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

/// A church's or a state's calendar has some thousands; this bounds what a file can ask for.
constexpr std::size_t most_days = 100'000;
/// How far a yearly day is followed.
constexpr int most_years = 100;
/// A whole year off, in one event.
constexpr int longest_event = 400;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::optional<int> digits(std::string_view text) {
    int number = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return text.empty() ? std::nullopt : std::optional(number);
}

std::int32_t number_of(year_month_day date) {
    return static_cast<std::int32_t>(sys_days(date).time_since_epoch().count());
}

year_month_day date_of(std::int32_t day) { return sys_days(std::chrono::days(day)); }

/// Takes the next line off `rest`, without its end.
std::string_view take_line(std::string_view& rest) {
    std::size_t end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// ---- iCalendar

struct Yearly {
    int interval = 1;
    int count = most_years;
    std::optional<std::int32_t> until;
};

Result<Yearly> parse_rule(std::string_view rule) {
    Yearly yearly;
    bool is_yearly = false;
    while (!rule.empty()) {
        auto part = rule.substr(0, rule.find(';'));
        rule.remove_prefix(std::min(part.size() + 1, rule.size()));
        auto name = part.substr(0, part.find('='));
        auto value = part.substr(std::min(name.size() + 1, part.size()));
        if (name == "FREQ") {
            is_yearly = value == "YEARLY";
        } else if (name == "UNTIL") {
            yearly.until = TRY(parse_day(value.substr(0, 8)));
        } else if (name == "INTERVAL" || name == "COUNT") {
            auto number = digits(value);
            if (!number || *number < 1) return invalid("no number in " + python::repr(part));
            (name == "COUNT" ? yearly.count : yearly.interval) = std::min(*number, most_years);
        } else if (name != "WKST") {
            return invalid("the rule " + python::repr(part) +
                           " is not followed; name the days one by one");
        }
    }
    if (!is_yearly) return invalid("only FREQ=YEARLY is followed; name the days one by one");
    return yearly;
}

/// "P1D", "P2W": whole days; times of day count for nothing.
int days_of_duration(std::string_view text) {
    if (!text.starts_with('P')) return 1;
    auto number = digits(text.substr(1, text.size() - 2));
    int each = text.ends_with('W') ? 7 : text.ends_with('D') ? 1 : 0;
    return number && each > 0 ? std::clamp(*number, 1, longest_event) * each : 1;
}

struct Event {
    std::optional<std::int32_t> first, end;
    int length = 1;
    std::optional<Yearly> rule;
    std::set<std::int32_t> left_out;
};

/// One iCalendar file on its way.
class IcsReader {
public:
    Result<> read_line(std::string_view line) {
        std::size_t colon = line.find(':');
        auto name = line.substr(0, std::min(line.find_first_of(";:"), line.size()));
        auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
        if (line == "BEGIN:VEVENT") return event_.emplace(), Result<>{};
        if (!event_) return {};
        if (line == "END:VEVENT") return end_event();
        return read_property(name, value);
    }

    std::set<std::int32_t> take() { return std::move(days_); }

private:
    Result<> read_property(std::string_view name, std::string_view value) {
        if (name == "DTSTART") event_->first = TRY(parse_day(value.substr(0, 8)));
        if (name == "DTEND") event_->end = TRY(parse_day(value.substr(0, 8)));
        if (name == "DURATION") event_->length = days_of_duration(value);
        if (name == "RRULE") event_->rule = TRY(parse_rule(value));
        if (name != "EXDATE") return {};
        for (; !value.empty(); value.remove_prefix(std::min(value.find(','), value.size() - 1) + 1))
            event_->left_out.insert(TRY(parse_day(value.substr(0, 8))));
        return {};
    }

    Result<> end_event() {
        auto event = std::move(*event_);
        event_.reset();
        if (!event.first) return invalid("this VEVENT has no DTSTART");
        int length = event.end ? std::max(1, *event.end - *event.first) : event.length;
        if (length > longest_event) return invalid("this VEVENT lasts more than 400 days");
        Yearly rule = event.rule.value_or(Yearly{.count = 1});
        auto date = date_of(*event.first);
        for (int i = 0; i < rule.count && i * rule.interval < most_years; ++i) {
            auto again = date + std::chrono::years(i * rule.interval);
            if (!again.ok()) continue;  // 29 February
            if (rule.until && number_of(again) > *rule.until) break;
            if (event.left_out.contains(number_of(again))) continue;
            for (int day = 0; day < length; ++day) days_.insert(number_of(again) + day);
        }
        if (days_.size() > most_days) return invalid("more than 100000 days");
        return {};
    }

    std::optional<Event> event_;
    std::set<std::int32_t> days_;
};

Result<std::set<std::int32_t>> parse_ics(std::string_view text) {
    IcsReader reader;
    for (int number = 1; !text.empty(); ++number) {
        std::string line(take_line(text));
        int first = number;
        // A line that begins with a blank goes on from the one before.
        while (text.starts_with(' ') || text.starts_with('\t')) {
            line.append(take_line(text).substr(1));
            ++number;
        }
        auto done = reader.read_line(line);
        if (!done) return invalid("line " + std::to_string(first) + ": " + done.error().what);
    }
    return reader.take();
}

// ---- CSV

Result<std::set<std::int32_t>> parse_csv(std::string_view text) {
    std::set<std::int32_t> days;
    bool may_be_heading = true;
    for (int number = 1; !text.empty(); ++number) {
        auto line = python::strip(take_line(text));
        if (line.empty() || line.starts_with('#')) continue;
        auto field = python::strip(line.substr(0, line.find_first_of(",;\t")));
        if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
            field = field.substr(1, field.size() - 2);
        auto day = parse_day(field);
        if (day)
            days.insert(*day);
        else if (!may_be_heading)
            return invalid("line " + std::to_string(number) + ": " + day.error().what);
        may_be_heading = false;
        if (days.size() > most_days) return invalid("more than 100000 days");
    }
    return days;
}

}  // namespace

Result<std::int32_t> parse_day(std::string_view text) {
    bool has_dashes = text.size() == 10 && text[4] == '-' && text[7] == '-';
    if (has_dashes || text.size() == 8) {
        auto year = digits(text.substr(0, 4)), month = digits(text.substr(has_dashes ? 5 : 4, 2)),
             day = digits(text.substr(has_dashes ? 8 : 6, 2));
        if (year && month && day) {
            year_month_day date{std::chrono::year(*year),
                                std::chrono::month(static_cast<unsigned>(*month)),
                                std::chrono::day(static_cast<unsigned>(*day))};
            if (date.ok()) return number_of(date);
        }
    }
    return invalid(python::repr(text) + " is no date; write 2026-12-25");
}

Result<std::vector<std::int32_t>> parse_calendar(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    bool is_ics = text.starts_with("BEGIN:VCALENDAR");
    auto days = is_ics ? parse_ics(text) : parse_csv(text);
    if (!days) return std::move(days).error();
    return std::vector<std::int32_t>(days->begin(), days->end());
}

}  // namespace lares::text
