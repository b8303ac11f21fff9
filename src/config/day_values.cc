// config/day_values.cc: hours and days as tasks name them: closed hours and expectations.

#include <algorithm>

#include "config/values.h"
#include "config/work_values.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

constexpr int minutes_of_day = 24 * 60;
constexpr std::uint8_t every_day = 0x7f;
constexpr std::string_view day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr long long most_expected = 1'000'000;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// "Mon", "monday".
Result<int> day_number(std::string_view text) {
    std::string word = lower(text);
    static constexpr std::string_view rests[] = {"day",   "day", "sday", "nesday",
                                                 "rsday", "day", "urday"};
    for (int day = 0; day < 7; ++day) {
        std::string name(day_names[day]);
        if (word == name || word == name + std::string(rests[day])) return day;
    }
    return invalid(repr(text) + " is no day; write Mon, Mon-Fri, weekdays, weekends or daily");
}

Result<std::uint8_t> days_of_word(std::string_view word) {
    std::string known = lower(word);
    if (known == "daily") return every_day;
    if (known == "weekdays") return std::uint8_t(0x3e);
    if (known == "weekends") return std::uint8_t(0x41);
    std::size_t dash = word.find('-');
    int first = TRY(day_number(word.substr(0, dash)));
    int last = dash == word.npos ? first : TRY(day_number(word.substr(dash + 1)));
    unsigned days = 0;
    for (int day = first;; day = (day + 1) % 7) {
        days |= 1u << day;
        if (day == last) break;
    }
    return static_cast<std::uint8_t>(days);
}

Result<ClosedHours> parse_closed(std::string_view text) {
    auto words = split_spaces(text);
    ClosedHours closed{.from_minute = 0, .to_minute = minutes_of_day};
    bool has_hours = !words.empty() && words[0].find(':') != std::string::npos;
    if (has_hours) {
        std::size_t dash = words[0].find('-');
        if (dash == std::string::npos) return invalid("write from and to, such as 22:00-06:00");
        closed.from_minute = TRY(parse_time_of_day(std::string_view(words[0]).substr(0, dash)));
        closed.to_minute = TRY(parse_time_of_day(std::string_view(words[0]).substr(dash + 1)));
        if (closed.from_minute == closed.to_minute || closed.from_minute == minutes_of_day)
            return invalid(repr(words[0]) + " is no time at all; a whole day is 00:00-24:00");
        words.erase(words.begin());
    }
    if (!words.empty()) closed.weekdays = TRY(parse_weekdays(words));
    return closed;
}

// ---- expectations

/// "at least 3", "at least 3 files", at the end of `words`, which it is taken off.
Result<int> take_count(std::vector<std::string>& words) {
    auto at = std::ranges::find(words, "at");
    if (at == words.end()) return 1;
    std::vector<std::string> rest(at, words.end());
    bool has_noun = rest.size() == 4 && (rest[3] == "files" || rest[3] == "runs");
    if ((rest.size() != 3 && !has_noun) || rest[1] != "least") return invalid("write at least 3");
    auto number = text::parse_integer(rest[2]);
    if (!number || *number < 1 || *number > most_expected)
        return invalid("after 'at least' comes a number from 1 on");
    words.erase(at, words.end());
    return static_cast<int>(*number);
}

Result<Duration> expected_span(std::string_view text) {
    auto span = TRY(text::parse_duration(text));
    if (span >= Duration(1000) && span <= longest_span) return span;
    return invalid("the time must be from 1s on");
}

Result<Expect> expect_by(Expect expect, std::vector<std::string> words) {
    expect.kind = Expect::Kind::by;
    expect.count = TRY(take_count(words));
    if (words.size() < 2) return invalid("write by 06:00, by 06:00 weekdays, by 06:00 at least 3");
    expect.by_minute = TRY(parse_time_of_day(words[1]));
    words.erase(words.begin(), words.begin() + 2);
    if (!words.empty()) expect.weekdays = TRY(parse_weekdays(words));
    return expect;
}

Result<Expect> expect_within(Expect expect, std::vector<std::string> const& words) {
    bool is_whole = words.size() >= 5 && words[2] == "of" && words[3] == "file";
    if (!is_whole) return invalid("write within 10min of file PATTERN");
    expect.kind = Expect::Kind::within_of_file;
    expect.span = TRY(expected_span(words[1]));
    std::size_t at = expect.text.find(" file ");
    expect.pattern = std::string(strip(std::string_view(expect.text).substr(at + 6)));
    return expect;
}

Result<Expect> expect_output(Expect expect, std::vector<std::string> const& words) {
    expect.kind = Expect::Kind::output;
    if (words.size() == 1) return expect;
    if (words.size() != 3 || words[1] != "within")
        return invalid("write output, or output within 10min");
    expect.span = TRY(expected_span(words[2]));
    return expect;
}

}  // namespace

Result<std::uint8_t> parse_weekdays(std::vector<std::string> const& words) {
    unsigned days = 0;
    for (auto const& word : words) days |= TRY(days_of_word(word));
    return static_cast<std::uint8_t>(days);
}

Result<int> parse_time_of_day(std::string_view text) {
    text = strip(text);
    std::size_t colon = text.find(':');
    auto is_digits = [](std::string_view part) {
        return !part.empty() && part.size() <= 2 &&
               part.find_first_not_of("0123456789") == part.npos;
    };
    if (colon != text.npos && is_digits(text.substr(0, colon)) &&
        is_digits(text.substr(colon + 1)) && text.size() == colon + 3) {
        int hours = static_cast<int>(*text::parse_integer(text.substr(0, colon)));
        int minutes = static_cast<int>(*text::parse_integer(text.substr(colon + 1)));
        int all = hours * 60 + minutes;
        if (minutes < 60 && all <= minutes_of_day) return all;
    }
    return invalid(repr(text) + " is no time of day; write 06:00, from 00:00 to 24:00");
}

Result<std::vector<ClosedHours>> parse_closed_hours(std::string_view text) {
    std::vector<ClosedHours> all;
    for (auto const& line : split_lines(text))
        for (auto const& item : split_commas(line))
            if (!item.empty()) all.push_back(TRY(parse_closed(item)));
    return all;
}

Result<Expect> parse_expect(std::string_view line) {
    Expect expect{.text = std::string(strip(line))};
    auto words = split_spaces(line);
    std::string kind = words.empty() ? "" : words[0];
    if (kind == "by") return expect_by(std::move(expect), words);
    if (kind == "within") return expect_within(std::move(expect), words);
    if (kind == "output") return expect_output(std::move(expect), words);
    if (kind == "every" && words.size() == 2) {
        expect.kind = Expect::Kind::every;
        expect.span = TRY(expected_span(words[1]));
        return expect;
    }
    std::string nearest(text::nearest(kind, {"by", "every", "within", "output"}));
    std::string hint =
        nearest.empty() || nearest == kind ? "" : "; did you mean '" + nearest + "'?";
    return invalid("write by 06:00, every 1h, within 10min of file PATTERN or output" + hint);
}

Result<Expect> parse_program_expect(std::string_view line) {
    using Kind = Expect::Kind;
    auto expect = TRY(parse_expect(line));
    if (expect.kind == Kind::within_of_file || expect.count != 1)
        return invalid("of a program write output within 10min, every 1h or by 06:00");
    if (expect.kind == Kind::output && expect.span == Duration(0))
        return invalid("of a program write output within 10min");
    return expect;
}

}  // namespace lares::config
