// core/budget_amounts.cc: amounts as people write them, the calendar's periods, and the record.

#include <algorithm>
#include <charconv>

#include "core/budget.h"
#include "core/local_time.h"
#include "text/record.h"

namespace lares::budget {

namespace {

constexpr Amount one = 1'000'000;
constexpr std::string_view names[] = {"hour", "day", "month", "week"};

std::int64_t seconds(WallTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

WallTime time(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

/// The days on which the month of a day, and the next one, begin.
std::pair<std::int64_t, std::int64_t> month_of(std::int64_t day) {
    using namespace std::chrono;
    year_month_day const date{sys_days(days(static_cast<int>(day)))};
    auto const month = date.year() / date.month();
    auto first = [](year_month of) {
        return std::int64_t{sys_days(of / std::chrono::day(1)).time_since_epoch().count()};
    };
    return {first(month), first(month + months(1))};
}

/// The days on which the period of a day, and the next one, begin.
std::pair<std::int64_t, std::int64_t> days_of(Every every, std::int64_t day) {
    if (every == Every::month) return month_of(day);
    if (every != Every::week) return {day, day + 1};
    // Day 0 was a Thursday.
    auto const monday = day - ((day + 3) % 7 + 7) % 7;
    return {monday, monday + 7};
}

Period hour_at(schedule::Zone const& zone, WallTime at) {
    auto const utc = seconds(at);
    auto const offset = schedule::offset_at(zone, utc);
    auto const local = utc + offset;
    auto begins = local - (local % 3'600 + 3'600) % 3'600 - offset;
    auto ends = begins + 3'600;
    // A change of clocks within it ends it.
    auto const stretch = schedule::stretch_at(zone, utc);
    if (stretch > 0) begins = std::max(begins, zone.transitions[stretch - 1].at);
    if (stretch < zone.transitions.size()) ends = std::min(ends, zone.transitions[stretch].at);
    return {time(begins), time(ends)};
}

Amount number(std::string_view digits) {
    Amount value = -1;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return status == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string write(Reservation const& reservation) {
    return std::to_string(reservation.until.time_since_epoch().count()) + " " +
           std::to_string(reservation.amount) + " " + reservation.id;
}

std::optional<Reservation> read_reservation(std::string_view text) {
    auto first = text.find(' ');
    auto second = first == text.npos ? first : text.find(' ', first + 1);
    if (second == text.npos) return std::nullopt;
    Reservation reservation;
    auto until = number(text.substr(0, first));
    reservation.amount = number(text.substr(first + 1, second - first - 1));
    reservation.id = text.substr(second + 1);
    reservation.until = WallTime(Duration(until));
    if (until < 0 || reservation.amount < 0 || reservation.amount > most_amount)
        return std::nullopt;
    return reservation;
}

}  // namespace

std::string_view name(Every every) { return names[static_cast<std::size_t>(every)]; }

Period period_at(Every every, schedule::Zone const& zone, WallTime at) {
    if (every == Every::hour) return hour_at(zone, at);
    auto day = local_day(zone, at);
    auto [first, next] = days_of(every, day);
    // Where clocks go back over midnight the old day comes again: the new one has begun.
    while (instant_at(zone, next, 0) <= at) {
        first = next;
        next = days_of(every, first).second;
    }
    return {instant_at(zone, first, 0), instant_at(zone, next, 0)};
}

std::string print_amount(Amount amount, std::string_view currency) {
    if (currency.empty()) return std::to_string(amount);
    auto const size = amount < 0 ? -amount : amount;
    auto decimals = std::to_string(one + size % one).substr(1);
    while (decimals.size() > 2 && decimals.ends_with('0')) decimals.pop_back();
    return (amount < 0 ? "-" : "") + std::to_string(size / one) + "." + decimals + " " +
           std::string(currency);
}

Result<Amount> parse_amount(std::string_view text, std::string_view currency) {
    auto bad = [&] {
        return Error{Error::Kind::invalid,
                     "'" + std::string(text.substr(0, 40)) + "' is no amount; expected a number" +
                         (currency.empty() ? "" : " with at most six decimals") + ", such as '" +
                         (currency.empty() ? "500" : "12.50") + "'"};
    };
    auto point = currency.empty() ? text.npos : text.find('.');
    auto whole = text.substr(0, point);
    std::string decimals(point == text.npos ? "0" : text.substr(point + 1));
    if (!is_digits(whole) || !is_digits(decimals) || decimals.size() > 6) return bad();
    decimals.resize(6, '0');
    auto value = number(whole);
    auto const unit = currency.empty() ? Amount{1} : one;
    if (value < 0 || value > most_amount / unit) return bad();
    auto amount = value * unit + (currency.empty() ? 0 : number(decimals));
    return amount > most_amount ? Result<Amount>(bad()) : Result<Amount>(amount);
}

std::string write(State const& state) {
    text::RecordWriter writer;
    writer.put("every", name(state.every));
    writer.put_number("period", state.period);
    writer.put_number("ends", seconds(state.ends));
    writer.put_number_if("spent", state.spent);
    writer.put_number_if("expired", state.expired);
    writer.put_number_if("count", state.count);
    writer.put_number_if("told", state.told);
    writer.put_number_if("blocked", state.is_blocked);
    writer.put_if("blocked_words", state.blocked_words);
    for (auto const& each : state.reserved) writer.put("reserved", write(each));
    for (auto const& each : state.lapsed) writer.put("lapsed", write(each));
    for (auto const& each : state.earlier) writer.put("earlier", each);
    return writer.take();
}

State read(std::string_view text) {
    auto record = text::Record::parse(text);
    State state;
    auto every = std::ranges::find(names, record.text("every"));
    if (every == std::end(names)) return state;
    state.every = static_cast<Every>(every - std::begin(names));
    state.period = record.number("period");
    state.ends = time(record.number("ends"));
    state.spent = std::clamp(record.number("spent"), Amount{0}, most_amount * 1'000);
    state.expired = record.number("expired");
    state.count = record.number("count");
    state.told = static_cast<int>(record.number("told"));
    state.is_blocked = record.number("blocked") != 0;
    state.blocked_words = record.text("blocked_words");
    for (auto const& line : record.all("reserved"))
        if (auto each = read_reservation(line)) state.reserved.push_back(std::move(*each));
    for (auto const& line : record.all("lapsed"))
        if (auto each = read_reservation(line)) state.lapsed.push_back(std::move(*each));
    state.earlier = record.all("earlier");
    return state;
}

}  // namespace lares::budget
