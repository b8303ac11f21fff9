// text/systemd_unit.cc: lines of unit files, their spans and their words.

#include "text/systemd_unit.h"

#include <algorithm>

#include "text/python.h"
#include "text/quantity.h"

namespace lares::text {

namespace {

using python::repr;
using python::strip;

/// Lines of one unit; generated ones have some dozens.
constexpr std::size_t most_lines = 10'000;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

struct SpanUnit {
    std::string_view name;
    long long milliseconds;
};
constexpr long long second = 1'000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
constexpr SpanUnit span_units[] = {
    {"ms", 1},           {"msec", 1},   {"s", second},   {"sec", second},    {"second", second},
    {"seconds", second}, {"m", minute}, {"min", minute}, {"minute", minute}, {"minutes", minute},
    {"h", hour},         {"hr", hour},  {"hour", hour},  {"hours", hour},    {"d", day},
    {"day", day},        {"days", day}, {"w", 7 * day},  {"week", 7 * day},  {"weeks", 7 * day},
};

class UnitReader {
public:
    explicit UnitReader(int file) : file_(file) {}

    void read_line(std::string_view line, int number) {
        auto rest = strip(line);
        bool is_continued = !pending_.key.empty() || is_pending_;
        if (!is_continued && (rest.empty() || rest.starts_with('#') || rest.starts_with(';')))
            return;
        // systemd passes over comments between continued lines.
        if (is_continued && (rest.starts_with('#') || rest.starts_with(';'))) return;
        Place place{file_, number, static_cast<int>(rest.data() - line.data()) + 1};
        bool goes_on = rest.ends_with('\\');
        if (goes_on) rest = strip(rest.substr(0, rest.size() - 1));
        if (is_continued)
            pending_.value.append(" ").append(rest);
        else if (rest.starts_with('[') && rest.ends_with(']'))
            return void(section_ = std::string(rest.substr(1, rest.size() - 2)));
        else if (!begin(rest, place))
            return;
        is_pending_ = goes_on;
        if (!goes_on) finish();
    }

    Unit take() {
        if (is_pending_) finish();
        return std::move(unit_);
    }

private:
    bool begin(std::string_view rest, Place place) {
        std::size_t sign = rest.find('=');
        if (sign == rest.npos || sign == 0 || section_.empty()) {
            unit_.found.push_back({Severity::error, place, "no Key=value of a section", "", ""});
            return false;
        }
        pending_ = {place, section_, std::string(strip(rest.substr(0, sign))),
                    std::string(strip(rest.substr(sign + 1)))};
        return true;
    }

    void finish() {
        if (unit_.lines.size() < most_lines) unit_.lines.push_back(std::move(pending_));
        pending_ = {};
        is_pending_ = false;
    }

    int file_;
    Unit unit_;
    std::string section_;
    UnitLine pending_;
    bool is_pending_ = false;
};

/// The character behind a backslash, by systemd's C-like escapes.
char unescaped(char c) {
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 's':
        return ' ';
    default:
        return c;
    }
}

}  // namespace

std::string_view Unit::last(std::string_view section, std::string_view key) const {
    std::string_view value;
    for (auto const& line : lines)
        if (line.section == section && line.key == key) value = line.value;
    return value;
}

std::vector<UnitLine> Unit::all(std::string_view section, std::string_view key) const {
    std::vector<UnitLine> values;
    for (auto const& line : lines) {
        if (line.section != section || line.key != key) continue;
        if (line.value.empty())
            values.clear();
        else
            values.push_back(line);
    }
    return values;
}

Unit read_unit(std::string_view text, int file) {
    UnitReader reader(file);
    for (int number = 1; !text.empty(); ++number) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        reader.read_line(line, number);
    }
    return reader.take();
}

Result<Duration> parse_unit_span(std::string_view text) {
    constexpr long long longest = 36'500LL * day;
    std::string_view rest = strip(text);
    long long total = 0;
    if (rest.empty()) return invalid("no time span");
    while (!rest.empty()) {
        auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
        rest = strip(rest.substr(digits.size()));
        auto name = rest.substr(0, rest.find_first_of("0123456789 \t"));
        rest = strip(rest.substr(name.size()));
        auto unit = std::ranges::find(span_units, name.empty() ? "s" : name, &SpanUnit::name);
        if (digits.empty() || digits.size() > 12 || unit == std::end(span_units))
            return invalid(repr(text) + " is no time span; write 5min, 1h 30min or 90");
        long long count = *parse_integer(digits);
        if (count > longest / unit->milliseconds) return invalid(repr(text) + " is too long");
        total += count * unit->milliseconds;
    }
    if (total > longest) return invalid(repr(text) + " is too long");
    return Duration(total);
}

Result<std::vector<std::string>> split_unit_words(std::string_view line) {
    std::vector<std::string> words;
    char quote = '\0';
    bool is_inside = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        char c = line[at], next = at + 1 < line.size() ? line[at + 1] : '\0';
        bool is_blank = c == ' ' || c == '\t';
        if (quote == '\0' && is_blank) {
            is_inside = false;
            continue;
        }
        if (!is_inside) words.emplace_back();
        bool opens = quote == '\0' && (c == '"' || c == '\'') && !is_inside;
        is_inside = true;
        if (opens) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else if (c == '\\' && next == 'x') {
            return invalid("an escape by number, " + repr(line.substr(at, 4)));
        } else if (c == '\\' && next != '\0') {
            words.back().push_back(unescaped(next));
            ++at;
        } else if ((c == '%' || c == '$') && next == c) {
            words.back().push_back(c);
            ++at;
        } else if (c == '%') {
            return invalid("the specifier " + repr(line.substr(at, 2)) + " is systemd's own");
        } else if (c == '$') {
            return invalid("the variable in " + repr(line.substr(at)) +
                           " is put in by systemd; call a shell for it");
        } else {
            words.back().push_back(c);
        }
    }
    if (quote != '\0') return invalid("no closing quotation");
    return words;
}

}  // namespace lares::text
