// core/budget.cc: what may be spent still, and what was. Every call looks at the clock first: what
// ran out and what period it is are settled before anything is decided.

#include "core/budget.h"

#include <algorithm>
#include <utility>

#include "core/in_words.h"
#include "core/local_time.h"

namespace lares::budget {

namespace {

/// Sums stop here: far beyond any money, far below where a number ends.
constexpr Amount most_sum = most_amount * 1'000;

Amount bounded(Amount amount) { return std::clamp(amount, Amount{0}, most_amount); }

/// Takes out the one with that id.
std::optional<Reservation> take(std::vector<Reservation>& from, std::string_view id) {
    auto found = std::ranges::find(from, id, &Reservation::id);
    if (found == from.end()) return std::nullopt;
    auto reservation = std::move(*found);
    from.erase(found);
    return reservation;
}

std::string because(std::string const& why) { return why.empty() ? "" : ": " + why; }

}  // namespace

Budget::Budget(Rule rule, schedule::Zone zone, State state)
    : rule_(std::move(rule)), zone_(std::move(zone)), state_(std::move(state)) {}

void Budget::set(Rule rule, schedule::Zone zone) {
    rule_ = std::move(rule);
    zone_ = std::move(zone);
}

// ---- sums

Amount Budget::reserved() const {
    Amount sum = 0;
    for (auto const& each : state_.reserved) sum = std::min(sum + each.amount, most_sum);
    return sum;
}

void Budget::add(Amount amount) {
    state_.spent = std::clamp(state_.spent + amount, Amount{0}, most_sum);
}

std::string Budget::print(Amount amount) const { return print_amount(amount, rule_.currency); }

void Budget::tell(Told::What what, std::string words, std::string who) {
    told_.push_back({what, 0, "budget '" + rule_.name + "': " + std::move(words), std::move(who)});
}

bool Budget::has_reached(int percent) const {
    auto most = bounded(rule_.most);
    // Split, so that it is exact and does not overflow. Of a budget of nothing any spending is all.
    auto at = most / 100 * percent + most % 100 * percent / 100;
    return state_.spent >= std::max(at, Amount{1});
}

int Budget::highest_reached() const {
    int highest = 0;
    for (int percent : rule_.tell_at)
        if (percent > 0 && percent <= 1'000 && has_reached(percent))
            highest = std::max(highest, percent);
    return highest;
}

/// Of several that are reached at once the highest is told.
void Budget::check_thresholds(int at_least) {
    int reached = highest_reached();
    int percent = std::max(reached, at_least);
    if (percent <= state_.told) return;
    state_.told = percent;
    auto words = std::to_string(percent) + " % reached: " + print(state_.spent) + " of " +
                 print(rule_.most) + " are spent in this " + std::string(name(rule_.every));
    // What is only reserved leaves no room either.
    if (reached < at_least)
        words += " and " + print(reserved()) + " reserved, and more was asked for";
    tell(Told::What::threshold, std::move(words));
    told_.back().percent = percent;
}

// ---- time

void Budget::begin_period(WallTime now) {
    auto const period = period_at(rule_.every, zone_, now);
    State next;
    next.every = rule_.every;
    next.period = period.begins.time_since_epoch() / std::chrono::seconds(1);
    next.ends = period.ends;
    // A person's word holds until it is taken back.
    next.is_blocked = state_.is_blocked;
    next.blocked_words = state_.blocked_words;
    for (auto const* of : {&state_.lapsed, &state_.reserved})
        for (auto const& each : *of) next.earlier.push_back(each.id);
    if (next.earlier.size() > most_lapsed)
        next.earlier.erase(next.earlier.begin(),
                           next.earlier.end() - static_cast<std::ptrdiff_t>(most_lapsed));
    state_ = std::move(next);
}

void Budget::expire(WallTime now) {
    for (auto& each : state_.reserved)  // a clock that was set back holds nothing for longer
        each.until = std::min(each.until, now + rule_.reserved_for);
    std::vector<Reservation> over;
    for (auto const& each : state_.reserved)
        if (each.until <= now) over.push_back(each);
    if (over.empty()) return;
    std::erase_if(state_.reserved, [&](auto const& each) { return each.until <= now; });
    for (auto& each : over) {
        add(each.amount);
        state_.expired += each.amount;
        state_.count++;
        tell(Told::What::expired, "nobody came back for reservation '" + each.id + "' of " +
                                      print(each.amount) + "; it is taken for spent");
        state_.lapsed.push_back(std::move(each));
    }
    if (state_.lapsed.size() > most_lapsed)
        state_.lapsed.erase(state_.lapsed.begin(),
                            state_.lapsed.end() - static_cast<std::ptrdiff_t>(most_lapsed));
    check_thresholds();
}

void Budget::look(WallTime now) {
    bool is_first = state_.ends == WallTime{};
    // A clock that was set back into an earlier period opens no new one: what was spent stands.
    if (is_first || now >= state_.ends || state_.every != rule_.every) {
        if (!is_first)
            tell(Told::What::period, "a new " + std::string(name(rule_.every)) +
                                         " begins; in the last " + std::string(name(state_.every)) +
                                         " " + print(state_.spent + reserved()) + " of " +
                                         print(rule_.most) + " were spent, " +
                                         std::to_string(state_.count) + " times");
        begin_period(now);
    }
    expire(now);
}

WallTime Budget::next() const {
    auto at = state_.ends;
    for (auto const& each : state_.reserved) at = std::min(at, each.until);
    return at;
}

// ---- spending

std::string Budget::refusal(Amount amount) const {
    return "budget '" + rule_.name + "': " + print(state_.spent) + " of " + print(rule_.most) +
           " are spent in this " + std::string(name(rule_.every)) + " and " + print(reserved()) +
           " reserved; " + print(amount) + " more do not fit before " +
           clock_words(zone_, state_.ends, WallTime{});
}

Result<Unit> Budget::reserve(std::string const& id, Amount amount, WallTime now) {
    look(now);
    if (id.empty() || amount < 0 || amount > most_amount)
        return Error{Error::Kind::invalid, "budget '" + rule_.name + "': expected an id and 0 to " +
                                               print(most_amount) + ", found '" + id + "' and " +
                                               print(amount)};
    if (state_.is_blocked)
        return Error{Error::Kind::unavailable,
                     "budget '" + rule_.name + "' is blocked " + state_.blocked_words};
    auto found = std::ranges::find(state_.reserved, id, &Reservation::id);
    bool is_new = found == state_.reserved.end();
    auto others = reserved() - (is_new ? 0 : found->amount);
    if (rule_.is_hard && state_.spent + others + amount > rule_.most) {
        check_thresholds(100);
        return Error{Error::Kind::unavailable, refusal(amount)};
    }
    if (is_new && state_.reserved.size() >= most_reservations)
        return Error{Error::Kind::unavailable,
                     "budget '" + rule_.name + "': " + std::to_string(most_reservations) +
                         " reservations are open; commit or release some"};
    // Under an id that ran out before, this is another one: that has been paid.
    take(state_.lapsed, id);
    std::erase(state_.earlier, id);
    Reservation reservation{id, amount, now + rule_.reserved_for};
    if (is_new)
        state_.reserved.push_back(std::move(reservation));
    else
        *found = std::move(reservation);
    return Unit{};
}

void Budget::commit(std::string const& id, std::optional<Amount> cost, WallTime now) {
    look(now);
    if (std::erase(state_.earlier, id) > 0) return;
    if (auto lapsed = take(state_.lapsed, id)) {
        add(bounded(cost.value_or(lapsed->amount)) - lapsed->amount);
        state_.expired -= lapsed->amount;
        return check_thresholds();
    }
    auto reservation = take(state_.reserved, id);
    spend(cost.value_or(reservation ? reservation->amount : 0), now);
}

void Budget::release(std::string const& id, WallTime now) {
    look(now);
    if (std::erase(state_.earlier, id) > 0 || take(state_.reserved, id)) return;
    if (auto lapsed = take(state_.lapsed, id)) {
        add(-lapsed->amount);
        state_.expired -= lapsed->amount;
        state_.count--;
    }
}

bool Budget::knows(std::string_view id) const {
    auto holds = [id](auto const& list) {
        return std::ranges::find(list, id, &Reservation::id) != list.end();
    };
    return holds(state_.reserved) || holds(state_.lapsed) ||
           std::ranges::find(state_.earlier, id) != state_.earlier.end();
}

void Budget::spend(Amount amount, WallTime now) {
    look(now);
    add(bounded(amount));
    state_.count++;
    check_thresholds();
}

// ---- a person

void Budget::set_spent(Amount amount, std::string const& who, std::string const& why,
                       WallTime now) {
    look(now);
    auto before = state_.spent;
    state_.spent = bounded(amount);
    state_.told = highest_reached();
    tell(Told::What::by_hand,
         "set from " + print(before) + " to " + print(state_.spent) + because(why), who);
}

void Budget::reset(std::string const& who, std::string const& why, WallTime now) {
    look(now);
    auto before = state_.spent;
    auto reserved = std::move(state_.reserved);
    auto earlier = std::move(state_.earlier);
    for (auto const& each : state_.lapsed) earlier.push_back(each.id);
    state_ = {};
    begin_period(now);
    state_.reserved = std::move(reserved);
    state_.earlier = std::move(earlier);
    tell(Told::What::by_hand, "reset; " + print(before) + " had been spent" + because(why), who);
}

void Budget::block(bool is_blocked, std::string const& who, std::string const& why, WallTime now) {
    look(now);
    state_.is_blocked = is_blocked;
    state_.blocked_words = is_blocked ? "by " + who + because(why) : "";
    tell(Told::What::by_hand, (is_blocked ? "blocked" : "unblocked") + because(why), who);
}

// ---- asking

Result<Amount> Budget::price(std::string_view unit, std::int64_t count, WallTime now) const {
    auto day = local_day(zone_, now);
    Price const* valid = nullptr;
    for (auto const& price : rule_.prices)
        if (price.unit == unit && price.day <= day && (!valid || valid->day <= price.day))
            valid = &price;
    if (!valid)
        return Error{Error::Kind::not_found, "budget '" + rule_.name + "' has no price of '" +
                                                 std::string(unit) + "' that holds today"};
    bool fits =
        count >= 0 && valid->each >= 0 && (valid->each == 0 || count <= most_amount / valid->each);
    if (!fits)
        return Error{Error::Kind::invalid, std::to_string(count) + " times " + print(valid->each) +
                                               " is no sum that can be spent"};
    return count * valid->each;
}

Standing Budget::standing(WallTime now) const {
    Budget at = *this;
    at.look(now);
    Standing standing;
    standing.spent = at.state_.spent;
    standing.reserved = at.reserved();
    standing.left = std::max(rule_.most - standing.spent - standing.reserved, Amount{0});
    standing.begins = WallTime(std::chrono::seconds(at.state_.period));
    standing.ends = at.state_.ends;
    standing.is_blocked = at.state_.is_blocked;
    standing.words = print(standing.spent) + " of " + print(rule_.most) + " in this " +
                     std::string(name(rule_.every));
    if (standing.reserved > 0) standing.words += ", " + print(standing.reserved) + " reserved";
    if (standing.is_blocked) standing.words += "; blocked " + at.state_.blocked_words;
    return standing;
}

std::vector<Told> Budget::take_told() { return std::exchange(told_, {}); }

}  // namespace lares::budget
