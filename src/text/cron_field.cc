// text/cron_field.cc: reads a list item by item; each refusal says what to write instead.

#include "text/cron_field.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <vector>

#include "text/nearest.h"

namespace lares::text {

namespace {

using Names = std::span<std::string_view const>;

constexpr std::string_view month_names[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
constexpr std::string_view weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

struct FieldRow {
    std::string_view name;
    int low, high;
    int hash_high;  // the greatest value that H takes: every month has it
    Names names;    // of low and what follows; their first three letters are written
};
// clang-format off
constexpr FieldRow field_rows[] = {
    {"second",       0, 59, 59, {}},
    {"minute",       0, 59, 59, {}},
    {"hour",         0, 23, 23, {}},
    {"day of month", 1, 31, 28, {}},
    {"month",        1, 12, 12, month_names},
    {"weekday",      0,  7,  6, weekday_names},
};
// clang-format on

FieldRow const& row_of(CronField field) { return field_rows[std::size_t(field)]; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Reads one field; holds what its functions would hand on to each other.
class Reader {
public:
    Reader(CronField field, std::string_view text, std::uint64_t hash)
        : field_(field), row_(row_of(field)), text_(text), hash_(hash) {}

    Result<CronFieldRead> read();

private:
    struct Range {
        int from = 0, to = 0;
    };

    Result<> read_item(std::string_view item);
    Result<bool> read_letters(std::string_view item);
    Result<bool> read_day_letters(std::string_view item);
    Result<bool> read_weekday_letters(std::string_view item);
    Result<> read_nth(std::string_view weekday, std::string_view nth);
    Result<Range> read_range(std::string_view base, std::string_view step);
    Result<Range> read_hashed(std::string_view base);
    Result<Range> read_random(std::string_view base);
    Result<int> read_value(std::string_view text);
    Result<int> read_step(std::string_view text);
    Error out_of_range(std::string_view text) const;
    Error unknown_word(std::string_view text) const;
    Error reversed(std::string_view base, Range range, int step) const;

    Error wrong(std::string words) const {
        return {Error::Kind::invalid,
                std::string(row_.name) + " '" + std::string(text_) + "': " + std::move(words)};
    }
    std::string bounds() const {
        return std::to_string(row_.low) + " to " + std::to_string(row_.high);
    }
    void set(int value) {
        if (field_ == CronField::weekday && value == 7) value = 0;
        read_.values |= std::uint64_t(1) << value;
    }
    void set_all(Range range, int step) {
        for (int value = range.from; value <= range.to; value += step) set(value);
    }
    /// A steady number below `count`.
    int chosen(int count) const { return int(hash_ % unsigned(count)); }

    CronField field_;
    FieldRow const& row_;
    std::string_view text_;
    std::uint64_t hash_;
    CronFieldRead read_;
};

Result<CronFieldRead> Reader::read() {
    read_.star = text_.starts_with('*');
    std::string_view rest = text_;
    while (true) {
        std::size_t const comma = std::min(rest.find(','), rest.size());
        std::string_view const item = rest.substr(0, comma);
        if (item.empty()) return wrong("a value is missing beside ','; expected " + bounds());
        TRY(read_item(item));
        if (comma == rest.size()) return std::move(read_);
        rest.remove_prefix(comma + 1);
    }
}

Result<> Reader::read_item(std::string_view item) {
    if (TRY(read_letters(item))) return {};
    std::size_t const slash = item.find('/');
    std::string_view const base = item.substr(0, std::min(slash, item.size()));
    bool const has_step = slash != item.npos;
    int const step = has_step ? TRY(read_step(item.substr(slash + 1))) : 1;
    bool const hashed = !base.empty() && lower(base[0]) == 'h' && !is_digits(base);
    if (base == "*") {
        if (item.size() == text_.size()) read_.star_step = step;
        set_all({row_.low, row_.high}, step);
        return {};
    }
    bool const random = base.find('~') != base.npos;
    if (hashed || random) {
        Range const range = TRY(hashed ? read_hashed(base) : read_random(base));
        int const span = range.to - range.from + 1;
        int const first = range.from + chosen(has_step ? std::min(step, span) : span);
        set_all({first, has_step ? range.to : first}, step);
        return {};
    }
    Range const range = TRY(read_range(base, has_step ? item.substr(slash + 1) : ""));
    if (range.to < range.from) return reversed(base, range, step);
    set_all(range, step);
    return {};
}

/// True when the item is one of L, W and #.
Result<bool> Reader::read_letters(std::string_view item) {
    if (item == "?") return wrong("'?' is Quartz's; write '*'");
    if (field_ == CronField::day) return read_day_letters(item);
    if (field_ == CronField::weekday) return read_weekday_letters(item);
    return false;
}

Result<bool> Reader::read_day_letters(std::string_view item) {
    if (same(item, "L")) {
        read_.last_days |= 1;
        return true;
    }
    if (same(item, "LW")) {
        read_.near_days |= 1;
        return true;
    }
    if (item.size() > 2 && same(item.substr(0, 2), "L-")) {
        std::string_view const before = item.substr(2);
        if (!is_digits(before) || before.size() > 2 || std::stoi(std::string(before)) > 30)
            return wrong("found '" + std::string(item) +
                         "', expected L-1 to L-30, days before the last of the month");
        read_.last_days |= std::uint32_t(1) << std::stoi(std::string(before));
        return true;
    }
    if (item.size() > 1 && lower(item.back()) == 'w' &&
        is_digits(item.substr(0, item.size() - 1))) {
        int const day = TRY(read_value(item.substr(0, item.size() - 1)));
        read_.near_days |= std::uint32_t(1) << day;
        return true;
    }
    return false;
}

Result<bool> Reader::read_weekday_letters(std::string_view item) {
    if (same(item, "L"))
        return wrong("the last of which weekday? write '5L' for the last Friday of the month");
    std::size_t const number = item.find('#');
    if (number != item.npos) {
        TRY(read_nth(item.substr(0, number), item.substr(number + 1)));
        return true;
    }
    if (item.size() > 1 && lower(item.back()) == 'l') {
        int const weekday = TRY(read_value(item.substr(0, item.size() - 1)));
        read_.last_weekdays |= std::uint8_t(1 << (weekday % 7));
        return true;
    }
    return false;
}

Result<> Reader::read_nth(std::string_view weekday, std::string_view nth) {
    int const day = TRY(read_value(weekday)) % 7;
    if (same(nth, "L")) {
        read_.last_weekdays |= std::uint8_t(1 << day);
        return {};
    }
    if (nth.size() != 1 || nth[0] < '1' || nth[0] > '5')
        return wrong("found '#" + std::string(nth) +
                     "', expected #1 to #5, the how many-th such weekday of the month");
    read_.nth_weekdays |= std::uint64_t(1) << (8 * day + (nth[0] - '0'));
    return {};
}

/// `step`: as written after the '/', for the suggestion; empty: none.
Result<Reader::Range> Reader::read_range(std::string_view base, std::string_view step) {
    std::size_t const dash = base.find('-');
    if (base.empty() || dash == 0)
        return wrong("found '" + std::string(base) + "', expected " + bounds());
    if (dash == base.npos) {
        int const value = TRY(read_value(base));
        if (!step.empty())
            return wrong("a step needs a range; write '" + std::string(base) + "-" +
                         std::to_string(field_ == CronField::weekday ? 6 : row_.high) + "/" +
                         std::string(step) + "'");
        return Range{value, value};
    }
    if (dash + 1 == base.size())
        return wrong("the range '" + std::string(base) + "' has no end; expected " + bounds());
    std::string_view const end = base.substr(dash + 1);
    Range range{TRY(read_value(base.substr(0, dash))), TRY(read_value(end))};
    // 'sat-sun' is 6-7; '6-0' is a mistake in every cron.
    if (field_ == CronField::weekday && range.to == 0 && !is_digits(end)) range.to = 7;
    return range;
}

/// H, H(a-b): the range it chooses from.
Result<Reader::Range> Reader::read_hashed(std::string_view base) {
    if (base.size() == 1) return Range{row_.low, row_.hash_high};
    if (base[1] != '(' || base.back() != ')') {
        if (!row_.names.empty()) return unknown_word(base);
        return wrong("found '" + std::string(base) + "', expected 'H', 'H(a-b)' or 'H/n'");
    }
    std::string_view const inner = base.substr(2, base.size() - 3);
    Range const range = TRY(read_range(inner, ""));
    if (range.to < range.from)
        return wrong("'" + std::string(base) + "' ends before it begins; write 'H(" +
                     std::to_string(range.to) + "-" + std::to_string(range.from) + ")'");
    return range;
}

/// a~b, a~, ~b, ~: the range it chooses from (cronie).
Result<Reader::Range> Reader::read_random(std::string_view base) {
    std::size_t const wave = base.find('~');
    std::string_view const from = base.substr(0, wave), to = base.substr(wave + 1);
    Range const range{from.empty() ? row_.low : TRY(read_value(from)),
                      to.empty() ? row_.hash_high : TRY(read_value(to))};
    if (range.to < range.from)
        return wrong("'" + std::string(base) + "' ends before it begins; write '" +
                     std::to_string(range.to) + "~" + std::to_string(range.from) + "'");
    return range;
}

Result<int> Reader::read_value(std::string_view text) {
    if (is_digits(text)) {
        std::string_view digits = text;
        while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
        if (digits.size() > 2) return out_of_range(text);
        int const value = std::stoi(std::string(digits));
        if (value < row_.low || value > row_.high) return out_of_range(text);
        return value;
    }
    for (std::size_t i = 0; i < row_.names.size(); ++i)
        if (same(text, row_.names[i].substr(0, 3)) || same(text, row_.names[i]))
            return row_.low + int(i);
    return unknown_word(text);
}

Result<int> Reader::read_step(std::string_view text) {
    if (!is_digits(text) || text.size() > 4)
        return wrong("found the step '" + std::string(text) + "', expected a number from 1 to " +
                     std::to_string(row_.high));
    int const step = std::stoi(std::string(text));
    if (step == 0) return wrong("a step of 0 never gets on; write '*' or a step of 1 or more");
    return step;
}

Error Reader::out_of_range(std::string_view text) const {
    std::string words = "'" + std::string(text) + "' is out of range, expected " + bounds();
    if (field_ == CronField::hour && text == "24") words += "; write 0 for midnight";
    if (text == "60" && row_.high == 59) words += "; write 0 for the full one";
    if (field_ == CronField::day && is_digits(text) && text.find_first_not_of('0') == text.npos)
        words += "; write L for the last day of the month";
    return wrong(std::move(words));
}

Error Reader::unknown_word(std::string_view text) const {
    std::string words = "found '" + std::string(text) + "', expected " + bounds();
    if (row_.names.empty()) return wrong(std::move(words));
    std::vector<std::string> shorts;
    for (std::string_view name : row_.names) {
        std::string word(name.substr(0, 3));
        std::ranges::transform(word, word.begin(), lower);
        shorts.push_back(std::move(word));
    }
    words += " or a name from '" + shorts.front() + "' to '" + shorts.back() + "'";
    std::string_view meant = nearest(text, {shorts.begin(), shorts.end()});
    if (meant.empty()) meant = nearest(text, {row_.names.begin(), row_.names.end()});
    if (!meant.empty()) {
        std::string word(meant.substr(0, 3));
        std::ranges::transform(word, word.begin(), lower);
        words += "; did you mean '" + word + "'?";
    }
    return wrong(std::move(words));
}

/// A range that goes over its end: what was probably meant, in two ranges, or as a list when it
/// has a step.
Error Reader::reversed(std::string_view base, Range range, int step) const {
    int const high = field_ == CronField::weekday ? 6 : row_.high;
    std::string meant;
    auto part = [](int from, int to) {
        return from == to ? std::to_string(from) : std::to_string(from) + "-" + std::to_string(to);
    };
    if (range.from > high) {
        meant = part(row_.low, range.to);
    } else if (step == 1) {
        meant = part(range.from, high) + "," + part(row_.low, range.to);
    } else {
        int const count = high - row_.low + 1;
        for (int value = range.from; value <= range.to + count; value += step)
            meant +=
                (meant.empty() ? "" : ",") + std::to_string(value > high ? value - count : value);
    }
    return wrong("the range '" + std::string(base) + "' ends before it begins; write '" + meant +
                 "'");
}

}  // namespace

std::string_view field_name(CronField field) { return row_of(field).name; }
int field_low(CronField field) { return row_of(field).low; }
int field_high(CronField field) { return row_of(field).high; }

Result<CronFieldRead> parse_cron_field(CronField field, std::string_view text, std::uint64_t hash) {
    return Reader(field, text, hash).read();
}

std::string value_words(CronField field, int value) {
    FieldRow const& row = row_of(field);
    if (row.names.empty()) return std::to_string(value);
    return std::string(row.names[std::size_t(value - row.low) % row.names.size()]);
}

}  // namespace lares::text
