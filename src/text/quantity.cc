// text/quantity.cc: numbers with units, read strictly and printed in their shortest exact form.

#include "text/quantity.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "text/python.h"

namespace lares::text {

namespace {

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

Error not_integer(std::string_view text) {
    return invalid("invalid literal for int() with base 10: " + python::repr(text));
}

Error not_octal(std::string_view text) {
    return invalid(std::string(text) + " can not be converted to an octal type");
}

/// The digits of a Python number without their underscores; none when it has two in a row, one at
/// an end, or no digit.
std::optional<std::string> plain_digits(std::string_view text) {
    std::string digits;
    char before = '_';
    for (char c : text) {
        if (c == '_' && before == '_') return {};
        if (c != '_') digits.push_back(c);
        before = c;
    }
    if (before == '_') return {};
    return digits;
}

/// Takes a leading sign off; true when it was a minus.
bool take_minus(std::string_view& text) {
    if (text.empty() || (text.front() != '-' && text.front() != '+')) return false;
    bool minus = text.front() == '-';
    text.remove_prefix(1);
    return minus;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

struct Unit {
    std::string_view name;
    std::int64_t size;
};

// "ms" stands before "m", and "min" before both, so that the longest name is found first.
constexpr Unit time_units[] = {{"min", 60'000}, {"ms", 1},        {"s", 1'000},
                               {"m", 60'000},   {"h", 3'600'000}, {"d", 86'400'000}};

// The largest first, as printing wants it.
constexpr Unit size_units[] = {
    {"TB", std::int64_t(1) << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}};

Error not_duration(std::string_view text) {
    return invalid(python::repr(text) +
                   " is not a duration; write 500ms, 10s, 5m, 2h, 1d or 1h30m");
}

struct Decimal {
    std::int64_t whole = 0;
    std::int64_t thousandths = 0;
};

std::optional<std::int64_t> digits_value(std::string_view digits) {
    std::int64_t value = 0;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (!is_digits(digits) || status != std::errc()) return {};
    return value;
}

/// A number with up to three decimals.
std::optional<Decimal> parse_decimal(std::string_view text) {
    std::size_t point = text.find('.');
    auto whole = digits_value(text.substr(0, point));
    if (!whole) return {};
    if (point == text.npos) return Decimal{*whole, 0};
    std::string decimals(text.substr(point + 1));
    if (decimals.empty() || decimals.size() > 3) return {};
    auto thousandths = digits_value(decimals.append(3 - decimals.size(), '0'));
    if (!thousandths) return {};
    return Decimal{*whole, *thousandths};
}

std::optional<std::int64_t> in_milliseconds(std::string_view number, Unit const& unit) {
    auto count = parse_decimal(number);
    if (!count || count->thousandths * unit.size % 1000 != 0) return {};
    std::int64_t whole = 0, sum = 0;
    if (__builtin_mul_overflow(count->whole, unit.size, &whole) ||
        __builtin_add_overflow(whole, count->thousandths * unit.size / 1000, &sum))
        return {};
    return sum;
}

/// Takes "1h" off the front of "1h 30m". Each part must have a smaller unit than the one before, so
/// that "5m5m", surely a mistake, is refused.
std::optional<std::int64_t> take_part(std::string_view& text, std::int64_t& smaller_than) {
    std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    std::string_view number = text.substr(0, digits);
    std::string_view rest = python::strip_left(text.substr(digits));
    auto unit =
        std::ranges::find_if(time_units, [&](Unit const& u) { return rest.starts_with(u.name); });
    if (unit == std::end(time_units) || unit->size >= smaller_than) return {};
    smaller_than = unit->size;
    text = python::strip_left(rest.substr(unit->name.size()));
    return in_milliseconds(number, *unit);
}

struct SizeText {
    std::string_view number;
    std::int64_t unit = 1;
};

SizeText split_size(std::string_view text) {
    for (auto const& [name, size] : size_units) {
        if (text.size() >= 2 && python::lower(text.substr(text.size() - 2)) == python::lower(name))
            return {text.substr(0, text.size() - 2), size};
    }
    for (auto const& [name, size] : size_units) {
        if (!text.empty() &&
            python::lower(text.substr(text.size() - 1)) == python::lower(name.substr(0, 1)))
            return {text.substr(0, text.size() - 1), size};
    }
    return {text, 1};
}

}  // namespace

Result<std::int64_t> parse_size(std::string_view text) {
    auto [number, unit] = split_size(text);
    auto count = parse_integer(number);
    // supervisord lowers the text before it reads it, and says so.
    if (!count) return not_integer(python::lower(number));
    if (*count < 0) return invalid(python::repr(text) + " is negative; a size is 0 or more");
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(*count, unit, &bytes))
        return invalid(python::repr(text) + " is more bytes than any disk has");
    return bytes;
}

std::string print_size(std::int64_t bytes) {
    for (auto const& [name, size] : size_units)
        if (bytes != 0 && bytes % size == 0)
            return std::to_string(bytes / size) + std::string(name);
    return std::to_string(bytes);
}

Result<Duration> parse_duration(std::string_view text) {
    std::string_view rest = python::strip(text);
    if (auto seconds = parse_integer(rest)) {
        std::int64_t product = 0;
        if (*seconds < 0)
            return invalid(python::repr(text) + " is negative; a duration is 0 or more");
        if (!__builtin_mul_overflow(*seconds, 1000, &product)) return Duration(product);
        return not_duration(text);
    }
    if (auto milliseconds = in_milliseconds(rest, {"s", 1000})) return Duration(*milliseconds);
    if (rest.empty()) return not_duration(text);
    std::int64_t sum = 0;
    std::int64_t smaller_than = std::numeric_limits<std::int64_t>::max();
    while (!rest.empty()) {
        auto part = take_part(rest, smaller_than);
        if (!part || __builtin_add_overflow(sum, *part, &sum)) return not_duration(text);
    }
    return Duration(sum);
}

std::string print_duration(Duration duration) {
    std::int64_t left = duration.count();
    if (left == 0) return "0s";
    std::string out = left < 0 ? "-" : "";
    static constexpr Unit parts[] = {
        {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
    for (auto const& [name, size] : parts) {
        std::int64_t count = left / size;
        left %= size;
        // Each part by its own sign: the least number has no positive twin.
        if (count != 0) out.append(std::to_string(count).substr(count < 0 ? 1 : 0)).append(name);
    }
    return out;
}

Result<long long> parse_integer(std::string_view text) {
    std::string_view rest = python::strip(text);
    bool minus = take_minus(rest);
    auto digits = plain_digits(rest);
    if (!digits || !is_digits(*digits)) return not_integer(text);
    if (minus) digits->insert(0, 1, '-');
    long long value = 0;
    auto [end, status] = std::from_chars(digits->data(), digits->data() + digits->size(), value);
    if (status != std::errc())
        return invalid(python::repr(text) + " is too large for a whole number");
    return value;
}

Result<bool> parse_boolean(std::string_view text) {
    static constexpr std::pair<std::string_view, bool> rows[] = {
        {"yes", true}, {"true", true},   {"on", true},   {"1", true},
        {"no", false}, {"false", false}, {"off", false}, {"0", false}};
    std::string word = python::lower(text);
    for (auto const& [name, value] : rows)
        if (word == name) return value;
    return invalid("not a valid boolean value: " + python::repr(text));
}

Result<unsigned> parse_octal(std::string_view text) {
    std::string_view rest = python::strip(text);
    bool minus = take_minus(rest);
    if (rest.starts_with("0o") || rest.starts_with("0O")) {
        rest.remove_prefix(2);
        if (rest.starts_with("_")) rest.remove_prefix(1);
    }
    auto digits = plain_digits(rest);
    if (!digits) return not_octal(text);
    unsigned value = 0;
    auto [end, status] = std::from_chars(digits->data(), digits->data() + digits->size(), value, 8);
    if (status != std::errc() || end != digits->data() + digits->size() || (minus && value != 0))
        return not_octal(text);
    return value;
}

}  // namespace lares::text
