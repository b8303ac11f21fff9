// text/systemd_calendar.cc: OnCalendar= expressions put into cron's fields, one for one.

#include <algorithm>
#include <optional>

#include "text/python.h"
#include "text/quantity.h"
#include "text/systemd_unit.h"

namespace lares::text {

namespace {

using python::lower;
using python::repr;
using python::strip;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

struct Field {
    std::string_view name;
    int least, most;
};
constexpr Field month{"month", 1, 12}, day{"day", 1, 31}, hour{"hour", 0, 23},
    minute{"minute", 0, 59}, second{"second", 0, 59};

struct Shorthand {
    std::string_view name, cron;
};
constexpr Shorthand shorthands[] = {
    {"minutely", "* * * * *"},       {"hourly", "0 * * * *"},
    {"daily", "0 0 * * *"},          {"monthly", "0 0 1 * *"},
    {"weekly", "0 0 * * 1"},         {"yearly", "0 0 1 1 *"},
    {"annually", "0 0 1 1 *"},       {"quarterly", "0 0 1 1,4,7,10 *"},
    {"biannually", "0 0 1 1,7 *"},   {"bi-annually", "0 0 1 1,7 *"},
    {"semiannually", "0 0 1 1,7 *"}, {"semi-annually", "0 0 1 1,7 *"},
};

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> parts;
    while (true) {
        std::size_t end = text.find_first_of(separators);
        parts.emplace_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Result<int> number_in(std::string_view text, Field const& field) {
    auto number = parse_integer(text);
    bool is_plain = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    if (is_plain && number && *number >= field.least && *number <= field.most)
        return static_cast<int>(*number);
    return invalid(repr(text) + " is no " + std::string(field.name));
}

/// "5", "*", "1..5", "0/15", "1..20/3": in cron's words.
Result<std::string> cron_item(std::string_view text, Field const& field) {
    std::size_t slash = text.find('/');
    auto base = text.substr(0, slash);
    std::string step;
    if (slash != text.npos) {
        auto number = parse_integer(text.substr(slash + 1));
        if (!number || *number < 1) return invalid(repr(text) + " has no step");
        // A step beyond the field names its beginning alone.
        if (*number > field.most)
            return cron_item(base == "*" ? std::to_string(field.least) : base, field);
        step = "/" + std::to_string(*number);
    }
    if (base == "*") return "*" + step;
    std::size_t dots = base.find("..");
    int first = TRY(number_in(base.substr(0, dots), field));
    if (dots == base.npos && step.empty()) return std::to_string(first);
    int last = dots == base.npos ? field.most : TRY(number_in(base.substr(dots + 2), field));
    if (last < first) return invalid(repr(base) + " runs backwards");
    return std::to_string(first) + "-" + std::to_string(last) + step;
}

Result<std::string> cron_field(std::string_view text, Field const& field) {
    std::string out;
    for (auto const& item : split(text, ",")) {
        out.append(out.empty() ? "" : ",").append(TRY(cron_item(item, field)));
        // One star is all; a list with it would be read as a star by its text.
        if (item.starts_with("*") && text.find(',') != text.npos)
            return invalid("'*' in a list, " + repr(text));
    }
    return out;
}

Result<std::string> cron_weekdays(std::string_view text) {
    static constexpr std::string_view names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    auto number = [&](std::string_view name) -> Result<int> {
        std::string word = lower(name);
        for (int i = 0; i < 7; ++i)
            if (word.size() >= 3 && word.starts_with(names[i]) &&
                word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == word.npos)
                return i;
        return invalid(repr(name) + " is no weekday");
    };
    std::string out;
    for (auto const& item : split(text, ",")) {
        std::size_t dots = item.find("..");
        if (dots == std::string::npos) dots = item.find('-');
        int first = TRY(number(item.substr(0, dots)));
        out.append(out.empty() ? "" : ",").append(std::to_string(first));
        if (dots == std::string::npos) continue;
        std::size_t behind = item.find_first_not_of(".-", dots);
        int last = TRY(number(behind == std::string::npos ? "" : item.substr(behind)));
        if (last == 0) last = 7;  // Sunday ends a week
        if (last < first) return invalid(repr(item) + " runs backwards");
        out.append("-").append(std::to_string(last));
    }
    return out;
}

struct Parts {
    std::optional<std::string> weekdays, date, time, zone;
};

Result<Parts> take_apart(std::string_view calendar) {
    Parts parts;
    for (auto const& word : split(calendar, " \t")) {
        if (word.empty()) continue;
        bool is_digit = word.find_first_of("0123456789*") == 0;
        if (word.find(':') != std::string::npos)
            parts.time = word;
        else if (is_digit && word.find_first_of("-~") != std::string::npos)
            parts.date = word;
        else if (!is_digit && !parts.weekdays && !parts.date && !parts.time)
            parts.weekdays = word;
        else if (!is_digit && !parts.zone)
            parts.zone = word;
        else
            return invalid(repr(word) + " is not understood");
    }
    return parts;
}

struct CronDate {
    std::string day = "*", month = "*";
};

Result<CronDate> cron_date(std::string_view text) {
    CronDate date;
    std::size_t tilde = text.find('~');
    auto parts = split(text, "-~");
    if (parts.size() == 3) {
        if (parts[0] != "*") return invalid("the year " + repr(parts[0]) + ": cron knows no years");
        parts.erase(parts.begin());
    }
    if (parts.size() != 2) return invalid(repr(text) + " is no date");
    date.month = TRY(cron_field(parts[0], month));
    if (tilde == text.npos) {
        date.day = TRY(cron_field(parts[1], day));
        return date;
    }
    int from_end = TRY(number_in(parts[1], day));
    date.day = from_end == 1 ? "L" : "L-" + std::to_string(from_end - 1);
    return date;
}

}  // namespace

Result<std::string> cron_of_calendar(std::string_view calendar) {
    calendar = strip(calendar);
    auto first = calendar.substr(0, calendar.find_first_of(" \t"));
    for (auto const& [name, cron] : shorthands) {
        if (lower(first) != name) continue;
        auto zone = strip(calendar.substr(first.size()));
        return (zone.empty() ? "" : "TZ=" + std::string(zone) + " ") + std::string(cron);
    }
    auto parts = TRY(take_apart(calendar));
    if (!parts.weekdays && !parts.date && !parts.time)
        return invalid(repr(calendar) + " is no calendar expression");
    std::string weekdays = "*";
    if (parts.weekdays) weekdays = TRY(cron_weekdays(*parts.weekdays));
    CronDate date;
    if (parts.date) date = TRY(cron_date(*parts.date));
    if (weekdays != "*" && !date.day.starts_with('*'))
        return invalid(
            "a weekday together with a day of the month: systemd wants both, cron "
            "takes either");
    auto time = split(parts.time.value_or("00:00:00"), ":");
    if (time.size() == 2) time.emplace_back("0");
    if (time.size() != 3) return invalid(repr(*parts.time) + " is no time");
    std::string cron = TRY(cron_field(time[1], minute)) + " " + TRY(cron_field(time[0], hour)) +
                       " " + date.day + " " + date.month + " " + weekdays;
    if (time[2].find('.') != std::string::npos) return invalid("fractions of a second");
    auto seconds = TRY(cron_field(time[2], second));
    if (seconds != "0") cron.insert(0, seconds + " ");
    return (parts.zone ? "TZ=" + *parts.zone + " " : "") + cron;
}

}  // namespace lares::text
