// core/when.cc: reading and printing moments by arithmetic; no library knows what 'now' is.

#include "core/when.h"

#include <charconv>
#include <cstdio>
#include <optional>

#include "text/quantity.h"

namespace lares {

namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

/// A reader of fixed fields: each step leaves the rest, or nothing when it does not fit.
class Fields {
public:
    explicit Fields(std::string_view rest) : rest_(rest) {}
    bool is_at_end() const { return rest_.empty(); }
    char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
    bool take(char c) {
        if (peek() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::optional<int> number(std::size_t digits) {
        if (rest_.size() < digits) return std::nullopt;
        int value = 0;
        auto [end, status] = std::from_chars(rest_.data(), rest_.data() + digits, value);
        if (status != std::errc() || end != rest_.data() + digits || rest_[0] == '-')
            return std::nullopt;
        rest_.remove_prefix(digits);
        return value;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

/// "03:12", "03:12:05", "03:12:05.250".
std::optional<Duration> read_clock(Fields& fields) {
    auto hour = fields.number(2);
    if (!hour || !fields.take(':')) return std::nullopt;
    auto minute = fields.number(2);
    std::optional<int> second = 0;
    if (minute && fields.take(':')) second = fields.number(2);
    if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    Duration clock = std::chrono::hours(*hour) + minutes(*minute) + seconds(*second);
    if (!fields.take('.')) return clock;
    auto milliseconds = fields.number(3);
    if (!milliseconds) return std::nullopt;
    while (fields.number(1)) {
    }
    return clock + Duration(*milliseconds);
}

std::optional<WallTime> read_date(Fields& fields) {
    auto year = fields.number(4);
    if (!year || !fields.take('-')) return std::nullopt;
    auto month = fields.number(2);
    if (!month || !fields.take('-')) return std::nullopt;
    auto day = fields.number(2);
    if (!day) return std::nullopt;
    std::chrono::year_month_day date{std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return WallTime(std::chrono::sys_days(date));
}

/// "Z", "+01:00", "+0100", "+01"; seconds ahead of UTC.
std::optional<int> read_zone(Fields& fields) {
    if (fields.take('Z') || fields.take('z')) return 0;
    int sign = fields.take('-') ? -1 : fields.take('+') ? 1 : 0;
    auto hours = fields.number(2);
    if (sign == 0 || !hours) return std::nullopt;
    int minute = 0;
    if (!fields.is_at_end()) {
        fields.take(':');
        auto read = fields.number(2);
        if (!read) return std::nullopt;
        minute = *read;
    }
    return sign * (*hours * 3600 + minute * 60);
}

WallTime to_utc(WallTime local, LocalOffset const& offset) {
    // The offset before the moment decides: it is that of a repeated hour's first pass.
    auto before = local - seconds(offset(local - days(1)));
    if (offset(before) == offset(local - days(1))) return before;
    return local - seconds(offset(before));
}

WallTime to_local(WallTime at, LocalOffset const& offset) { return at + seconds(offset(at)); }

std::optional<WallTime> read_moment(std::string_view text, LocalOffset const& offset) {
    Fields fields(text);
    auto local = read_date(fields);
    if (!local) return std::nullopt;
    if (fields.is_at_end()) return to_utc(*local, offset);
    if (!fields.take('T') && !fields.take(' ')) return std::nullopt;
    auto clock = read_clock(fields);
    if (!clock) return std::nullopt;
    *local += *clock;
    fields.take(' ');
    if (fields.is_at_end()) return to_utc(*local, offset);
    auto zone = read_zone(fields);
    if (!zone || !fields.is_at_end()) return std::nullopt;
    return *local - seconds(*zone);
}

std::optional<WallTime> read_time_of_day(std::string_view text, WallTime now,
                                         LocalOffset const& offset, Toward toward) {
    int shift = 0;
    bool told = true;
    if (text.starts_with("yesterday "))
        shift = -1, text.remove_prefix(10);
    else if (text.starts_with("tomorrow "))
        shift = 1, text.remove_prefix(9);
    else if (text.starts_with("today "))
        text.remove_prefix(6);
    else
        told = false;
    Fields fields(text);
    auto clock = read_clock(fields);
    if (!clock || !fields.is_at_end()) return std::nullopt;
    auto today = std::chrono::floor<days>(to_local(now, offset)) + days(shift);
    auto at = to_utc(WallTime(today) + *clock, offset);
    if (told) return at;
    if (toward == Toward::past && at > now)
        return to_utc(WallTime(today - days(1)) + *clock, offset);
    if (toward == Toward::future && at < now)
        return to_utc(WallTime(today + days(1)) + *clock, offset);
    return at;
}

std::optional<WallTime> read_relative(std::string_view text, WallTime now) {
    int sign = 0;
    if (text.starts_with("in "))
        sign = 1, text.remove_prefix(3);
    else if (text.starts_with("+"))
        sign = 1, text.remove_prefix(1);
    else if (text.ends_with(" ago"))
        sign = -1, text.remove_suffix(4);
    else
        return std::nullopt;
    auto span = text::parse_duration(text);
    if (!span || *span > std::chrono::hours(24 * 36'525)) return std::nullopt;
    return now + sign * *span;
}

std::optional<WallTime> read_seconds(std::string_view text) {
    constexpr double longest = 253'402'300'800.0;  // the year 10000
    double number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (text.size() < 9 || !(number >= 0) || number > longest) return std::nullopt;
    return WallTime(Duration(static_cast<std::int64_t>(number * 1000)));
}

std::string print(WallTime at, char const* separator, bool with_date, bool with_ms) {
    auto day = std::chrono::floor<days>(at);
    std::chrono::year_month_day date(day);
    auto ms = (at - day).count();
    char text[64];
    int used = 0;
    if (with_date)
        used = std::snprintf(text, sizeof(text), "%04d-%02u-%02u%s", int(date.year()),
                             unsigned(date.month()), unsigned(date.day()), separator);
    std::snprintf(text + used, sizeof(text) - static_cast<std::size_t>(used), "%02d:%02d:%02d",
                  static_cast<int>(ms / 3'600'000), static_cast<int>(ms / 60'000 % 60),
                  static_cast<int>(ms / 1000 % 60));
    std::string out = text;
    if (with_ms) {
        std::snprintf(text, sizeof(text), ".%03dZ", static_cast<int>(ms % 1000));
        out += text;
    }
    return out;
}

}  // namespace

Result<WallTime> parse_when(std::string_view text, WallTime now, LocalOffset const& offset,
                            Toward toward) {
    if (text == "now") return now;
    if (auto at = read_moment(text, offset)) return *at;
    if (auto at = read_time_of_day(text, now, offset, toward)) return *at;
    if (auto at = read_relative(text, now)) return *at;
    if (auto at = read_seconds(text)) return *at;
    return Error{Error::Kind::invalid,
                 "'" + std::string(text.substr(0, 60)) +
                     "' is no time; write '03:12', '2026-03-01 03:12', 'in 5min' or '5min ago'"};
}

std::string print_when(WallTime at, LocalOffset const& offset) {
    return print(to_local(at, offset), " ", true, false);
}

std::string print_clock(WallTime at, LocalOffset const& offset) {
    return print(to_local(at, offset), "", false, false);
}

std::string print_iso(WallTime at) { return print(at, "T", true, true); }

}  // namespace lares
