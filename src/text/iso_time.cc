// text/iso_time.cc: reads from the front, part by part.

#include "text/iso_time.h"

#include <chrono>

namespace lares::text {

namespace {

/// What is left to read; every take gives nothing when it is not there.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}
    bool is_empty() const { return rest_.empty(); }
    bool take(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == any_of.npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool at_digit() const { return peek() >= '0' && peek() <= '9'; }
    /// Exactly so many digits.
    std::optional<int> take_number(std::size_t digits, int low, int high) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        if (value < low || value > high) return std::nullopt;
        rest_.remove_prefix(digits);
        return value;
    }
    void skip_digits() {
        while (at_digit()) rest_.remove_prefix(1);
    }

private:
    std::string_view rest_;
};

std::optional<std::int64_t> take_date(Reader& reader) {
    using namespace std::chrono;
    auto const number = reader.take_number(4, 1, 9999);
    if (!number || !reader.take("-")) return std::nullopt;
    auto const of = reader.take_number(2, 1, 12);
    if (!of || !reader.take("-")) return std::nullopt;
    auto const on = reader.take_number(2, 1, 31);
    if (!on) return std::nullopt;
    year_month_day const date = year(*number) / *of / *on;
    if (!date.ok()) return std::nullopt;
    return sys_days(date).time_since_epoch().count() * std::int64_t(86'400);
}

std::optional<int> take_time(Reader& reader) {
    auto const hour = reader.take_number(2, 0, 23);
    if (!hour || !reader.take(":")) return std::nullopt;
    auto const minute = reader.take_number(2, 0, 59);
    if (!minute) return std::nullopt;
    int seconds = *hour * 3600 + *minute * 60;
    if (!reader.take(":")) return seconds;
    auto const second = reader.take_number(2, 0, 59);
    if (!second) return std::nullopt;
    seconds += *second;
    if (!reader.take(".,")) return seconds;
    if (!reader.at_digit()) return std::nullopt;
    reader.skip_digits();
    return seconds;
}

std::optional<std::int32_t> take_offset(Reader& reader) {
    if (reader.take("Zz")) return 0;
    int const sign = reader.peek() == '-' ? -1 : 1;
    if (!reader.take("+-")) return std::nullopt;
    auto const hour = reader.take_number(2, 0, 25);
    if (!hour) return std::nullopt;
    std::int32_t seconds = *hour * 3600;
    for (int const unit : {60, 1}) {
        bool const parted = reader.take(":");
        if (!parted && !reader.at_digit()) break;
        auto const part = reader.take_number(2, 0, 59);
        if (!part) return std::nullopt;
        seconds += *part * unit;
    }
    return sign * seconds;
}

std::optional<IsoTime> read(std::string_view text) {
    Reader reader(text);
    auto const day = take_date(reader);
    if (!day) return std::nullopt;
    IsoTime time{*day, std::nullopt};
    if (reader.is_empty()) return time;
    if (!reader.take("Tt ")) return std::nullopt;
    auto const seconds = take_time(reader);
    if (!seconds) return std::nullopt;
    time.local += *seconds;
    if (reader.is_empty()) return time;
    time.offset = take_offset(reader);
    if (!time.offset || !reader.is_empty()) return std::nullopt;
    return time;
}

std::string digits(int number, std::size_t width) {
    std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

struct Parts {
    std::string date, minutes, seconds;
};

Parts parts_of(std::int64_t local) {
    using namespace std::chrono;
    sys_seconds const at{seconds(local)};
    auto const day = floor<days>(at);
    year_month_day const date(day);
    hh_mm_ss const time(at - day);
    return {digits(int(date.year()), 4) + "-" + digits(int(unsigned(date.month())), 2) + "-" +
                digits(int(unsigned(date.day())), 2),
            digits(int(time.hours().count()), 2) + ":" + digits(int(time.minutes().count()), 2),
            ":" + digits(int(time.seconds().count()), 2)};
}

}  // namespace

Result<IsoTime> parse_iso_time(std::string_view text) {
    if (std::optional<IsoTime> const time = read(text)) return *time;
    return Error{Error::Kind::invalid, "found the time '" + std::string(text.substr(0, 60)) +
                                           "', expected one as '2026-03-29T03:00:00+02:00'"};
}

std::string print_offset(std::int32_t offset) {
    int const size = offset < 0 ? -offset : offset;
    std::string text =
        (offset < 0 ? "-" : "+") + digits(size / 3600, 2) + ":" + digits(size / 60 % 60, 2);
    return size % 60 == 0 ? text : text + ":" + digits(size % 60, 2);
}

std::string print_iso_time(std::int64_t at, std::int32_t offset) {
    Parts const parts = parts_of(at + offset);
    return parts.date + "T" + parts.minutes + parts.seconds + print_offset(offset);
}

std::string print_local_time(std::int64_t at, std::int32_t offset) {
    Parts const parts = parts_of(at + offset);
    return parts.date + " " + parts.minutes + (parts.seconds == ":00" ? "" : parts.seconds);
}

}  // namespace lares::text
