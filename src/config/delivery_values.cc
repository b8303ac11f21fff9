// config/delivery_values.cc: the grammars of notify, prices and limits.

#include "config/delivery_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "config/paths.h"
#include "config/values.h"
#include "config/work_values.h"
#include "core/alert_events.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

/// Of a ladder: more people than this are not asked one after the other.
constexpr std::size_t most_steps = 10;
/// In whole units; its millionths fit 64 bits with room for sums.
constexpr std::int64_t most_amount = 1'000'000'000;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = strip(text)).empty()) {
        auto word = text.substr(0, text.find_first_of(" \t\n"));
        words.emplace_back(word);
        text.remove_prefix(word.size());
    }
    return words;
}

Result<std::vector<Notify::Step>> parse_ladder(std::string_view text) {
    std::vector<Notify::Step> steps;
    auto words = words_of(text);
    constexpr std::string_view form = "write CHANNEL then 10min CHANNEL then 30min CHANNEL";
    for (std::size_t i = 0; i < words.size();) {
        Notify::Step step;
        if (!steps.empty()) {
            if (lower(words[i]) != "then" || i + 2 >= words.size())
                return invalid(repr(words[i]) + " is out of place; " + std::string(form));
            auto after = text::parse_duration(words[i + 1]);
            if (!after || *after <= Duration(0) || *after > Duration(30 * 86'400'000LL))
                return invalid(repr(words[i + 1]) +
                               " is no time up to 30d after which the next is told; " +
                               std::string(form));
            step.after = *after;
            i += 2;
        }
        step.channel = TRY(parse_name(words[i]));
        if (step.channel.empty()) return invalid(std::string(form));
        steps.push_back(std::move(step));
        i += 1;
    }
    if (steps.empty()) return invalid("it names no channel; " + std::string(form));
    if (steps.size() > most_steps)
        return invalid("has more than " + std::to_string(most_steps) + " steps");
    return steps;
}

Error unknown_kind(std::string const& kind) {
    std::vector<std::string_view> names{"all"};
    std::string all = "all";
    for (auto const& row : alert::kinds()) {
        if (!alert::is_told(row.kind)) continue;
        names.push_back(row.name);
        all.append(", ").append(row.name);
    }
    auto nearest = text::nearest(kind, names);
    return invalid(repr(kind) + " is nothing that is told; " +
                   (nearest.empty() ? "write some of " + all
                                    : "did you mean '" + std::string(nearest) + "'?"));
}

}  // namespace

Result<Notify> parse_notify(std::string_view line) {
    Notify notify;
    std::size_t colon = line.find(':');
    notify.ladder = TRY(parse_ladder(line.substr(0, colon)));
    if (colon == line.npos) {
        return notify;
    }
    for (auto const& kind : split_commas(line.substr(colon + 1))) {
        if (kind.empty()) continue;
        auto const* row = alert::find_kind(kind);
        if (kind != "all" && (row == nullptr || !alert::is_told(row->kind)))
            return unknown_kind(kind);
        notify.kinds.push_back(kind);
    }
    if (notify.kinds.empty())
        return invalid("nothing comes after ':'; write kinds such as failure, late, or all");
    return notify;
}

std::string print_notify(Notify const& notify) {
    std::string out;
    for (auto const& step : notify.ladder) {
        if (!out.empty()) out += " then " + text::print_duration(step.after) + " ";
        out += step.channel;
    }
    if (!notify.kinds.empty()) out += ":";
    for (auto const& kind : notify.kinds) out += (out.ends_with(':') ? " " : ", ") + kind;
    return out;
}

std::vector<std::string> split_recipients(std::string_view line) {
    std::vector<std::string> found;
    std::string one;
    char closes = '\0';
    auto end_one = [&] {
        if (auto word = strip(one); !word.empty()) found.emplace_back(word);
        one.clear();
    };
    for (char c : line) {
        if (closes == '\0' && c == ',') {
            end_one();
            continue;
        }
        if (closes == '\0' && (c == '"' || c == '<'))
            closes = c == '<' ? '>' : c;
        else if (c == closes)
            closes = '\0';
        one += c;
    }
    end_one();
    return found;
}

Result<std::pair<std::string, std::string>> parse_header(std::string_view line) {
    std::size_t colon = line.find(':');
    auto name = strip(line.substr(0, colon));
    bool is_token = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (colon == line.npos || !is_token) return invalid("write Name: value");
    return std::pair(std::string(name), std::string(strip(line.substr(colon + 1))));
}

Result<std::int64_t> parse_amount(std::string_view text) {
    text = strip(text);
    std::size_t dot = std::min(text.find('.'), text.size());
    auto whole = text.substr(0, dot);
    auto part = dot < text.size() ? text.substr(dot + 1) : std::string_view();
    auto is_digits = [](std::string_view digits) {
        return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    };
    std::int64_t units = 0;
    std::from_chars(whole.data(), whole.data() + whole.size(), units);
    bool fits = !whole.empty() && whole.size() <= 10 && units <= most_amount && is_digits(whole) &&
                is_digits(part) && part.size() <= 6 && (dot == text.size() || !part.empty());
    if (!fits)
        return invalid(repr(text) +
                       " is no amount such as 0.015, with at most six places, up to 1000000000");
    std::int64_t millionths = 0;
    for (std::size_t i = 0; i < 6; ++i)
        millionths = millionths * 10 + (i < part.size() ? part[i] - '0' : 0);
    return units * 1'000'000 + millionths;
}

std::string print_amount(std::int64_t micros) {
    std::string sign = micros < 0 ? "-" : "";
    auto size = static_cast<std::uint64_t>(micros < 0 ? -micros : micros);
    std::string part = std::to_string(1'000'000 + size % 1'000'000).substr(1);
    while (part.ends_with('0')) part.pop_back();
    return sign + std::to_string(size / 1'000'000) + (part.empty() ? "" : "." + part);
}

Result<BudgetLimit> parse_budget_limit(std::string_view text) {
    using Period = BudgetSettings::Period;
    std::size_t slash = text.find('/');
    if (slash == text.npos) return invalid("write how much in which time, such as 50 USD/month");
    BudgetLimit limit;
    auto words = words_of(text.substr(0, slash));
    if (words.empty() || words.size() > 2) return invalid("before '/' comes an amount: 50 USD");
    limit.micros = TRY(parse_amount(words[0]));
    if (words.size() == 2) {
        limit.currency = words[1];
        bool is_code =
            limit.currency.size() == 3 &&
            std::ranges::all_of(limit.currency, [](char c) { return c >= 'A' && c <= 'Z'; });
        if (!is_code) return invalid(repr(words[1]) + " is no currency such as EUR or USD");
    }
    limit.period = TRY(choose<Period>(strip(text.substr(slash + 1)), {{"hour", Period::hour},
                                                                      {"day", Period::day},
                                                                      {"week", Period::week},
                                                                      {"month", Period::month}}));
    return limit;
}

Result<BudgetSettings::Price> parse_price(std::string_view line) {
    BudgetSettings::Price price;
    std::size_t equals = line.find('=');
    if (equals == line.npos) return invalid("write NAME = PRICE, such as post = 0.015");
    price.name = TRY(parse_name(strip(line.substr(0, equals))));
    auto words = words_of(line.substr(equals + 1));
    if (words.size() != 1 && !(words.size() == 3 && lower(words[1]) == "from"))
        return invalid("write NAME = PRICE, or NAME = PRICE from 2027-01-31");
    price.micros = TRY(parse_amount(words[0]));
    if (words.size() == 1) return price;
    int year = 0;
    unsigned month = 0, day = 0;
    auto const& date = words[2];
    auto number = [&](std::size_t from, std::size_t size, auto& slot) {
        auto [end, fault] = std::from_chars(date.data() + from, date.data() + from + size, slot);
        return fault == std::errc() && end == date.data() + from + size;
    };
    bool is_read = date.size() == 10 && date[4] == '-' && date[7] == '-' && number(0, 4, year) &&
                   number(5, 2, month) && number(8, 2, day);
    std::chrono::year_month_day named{std::chrono::year(year), std::chrono::month(month),
                                      std::chrono::day(day)};
    if (!is_read || !named.ok()) return invalid(repr(date) + " is no date such as 2027-01-31");
    price.from_day =
        static_cast<std::int32_t>(std::chrono::sys_days(named).time_since_epoch().count());
    return price;
}

}  // namespace lares::config
