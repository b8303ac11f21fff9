// daemon/budgets.cc: configuration into rules, and each change into a record and its events.

#include "daemon/budgets.h"

#include <algorithm>
#include <utility>

namespace lares::daemon {

namespace {

constexpr budget::Amount one = 1'000'000;
/// A channel that waits for money looks again after this at the latest, whatever the period.
constexpr Duration longest_hold{3'600'000};

budget::Rule rule_of(config::BudgetSettings const& settings) {
    using Period = config::BudgetSettings::Period;
    budget::Rule rule;
    rule.name = settings.name;
    switch (settings.period) {
    case Period::hour:
        rule.every = budget::Every::hour;
        break;
    case Period::day:
        rule.every = budget::Every::day;
        break;
    case Period::week:
        rule.every = budget::Every::week;
        break;
    case Period::month:
        rule.every = budget::Every::month;
        break;
    }
    // Config has both in millionths; counts are whole here.
    auto const scale = settings.currency.empty() ? one : 1;
    rule.most = settings.limit_micros / scale;
    rule.currency = settings.currency;
    rule.tell_at = settings.thresholds;
    rule.is_hard = settings.hard;
    for (auto const& each : settings.prices)
        rule.prices.push_back({each.name, each.from_day, each.micros / scale});
    return rule;
}

std::string_view event_of(budget::Told::What what) {
    using What = budget::Told::What;
    switch (what) {
    case What::threshold:
        return "budget.threshold";
    case What::expired:
        return "budget.expired";
    case What::period:
        return "budget.period";
    case What::by_hand:
        return "budget.set";
    }
    return "budget.set";
}

}  // namespace

void Budgets::configure(std::vector<config::BudgetSettings> const& all) {
    auto before = std::exchange(held_, {});
    for (auto const& [name, held] : before) records_[name] = budget::write(held.budget->state());
    order_.clear();
    for (auto const& each : all) {
        auto zone = zones_.find(each.timezone);
        if (!zone) log_.error("budget '" + each.name + "': " + zone.error().what);
        auto known = before.find(each.name);
        auto kept = records_.find(each.name);
        order_.push_back(each.name);
        auto& held = held_[each.name];
        if (known != before.end()) held = std::move(known->second);
        held.settings = each;
        auto rule = rule_of(each);
        auto times = zone ? **zone : schedule::Zone{};
        if (held.budget)
            held.budget->set(std::move(rule), std::move(times));
        else
            held.budget.emplace(
                std::move(rule), std::move(times),
                kept == records_.end() ? budget::State{} : budget::read(kept->second));
        freed_.insert(each.name);
    }
}

void Budgets::load(std::string_view key, std::string const& record) {
    std::string name(key.substr(mark_prefix.size()));
    records_[name] = record;
    auto* found = held(name);
    if (found == nullptr) return;
    auto zone = zones_.find(found->settings.timezone);
    found->budget.emplace(rule_of(found->settings), zone ? **zone : schedule::Zone{},
                          budget::read(record));
}

Budgets::Held* Budgets::held(std::string_view name) {
    auto found = held_.find(name);
    return found == held_.end() ? nullptr : &found->second;
}

budget::Budget* Budgets::find(std::string_view name) {
    auto* found = held(name);
    return found == nullptr ? nullptr : &*found->budget;
}

budget::Budget const* Budgets::find(std::string_view name) const {
    auto found = held_.find(name);
    return found == held_.end() ? nullptr : &*found->second.budget;
}

config::BudgetSettings const* Budgets::settings_of(std::string_view name) const {
    auto found = held_.find(name);
    return found == held_.end() ? nullptr : &found->second.settings;
}

std::vector<std::string> Budgets::names() const { return order_; }

Result<budget::Amount> Budgets::price(std::string_view name, std::string_view unit,
                                      std::int64_t count) const {
    auto found = held_.find(name);
    if (found == held_.end())
        return Error{Error::Kind::not_found, "there is no budget '" + std::string(name) + "'"};
    auto const now = clock_.wall();
    for (auto at = unit; !at.empty(); at = deliver::broader_unit(at)) {
        auto price = found->second.budget->price(at, count, now);
        if (price || price.error().kind != Error::Kind::not_found) return price;
    }
    if (found->second.settings.currency.empty()) return budget::Amount{count};
    return found->second.budget->price(unit, count, now);
}

// ---- a delivery

std::optional<outbox::Hold> Budgets::admit(std::string_view name, std::string const& id,
                                           std::vector<deliver::Spending> const& spending) {
    auto* budget = find(name);
    if (budget == nullptr) return std::nullopt;
    budget::Amount amount = 0;
    for (auto const& each : spending)
        // Without a price only what the service says in the end is counted.
        if (auto price = this->price(name, each.unit, each.count)) amount += *price;
    auto const now = clock_.wall();
    auto reserved = budget->reserve(id, std::min(amount, budget::most_amount), now);
    changed(name);
    if (reserved) return std::nullopt;
    return outbox::Hold{std::min(budget->next(), now + longest_hold), reserved.error().what};
}

void Budgets::spent(std::string_view name, std::string const& id, std::int64_t cost_micros,
                    std::optional<deliver::Spending> const& bought) {
    auto* found = held(name);
    if (found == nullptr) return;
    std::optional<budget::Amount> cost;
    bool const is_money = !found->settings.currency.empty();
    if (is_money && cost_micros > 0)
        cost = cost_micros;
    else if (bought)
        if (auto price = this->price(name, bought->unit, bought->count)) cost = *price;
    found->budget->commit(id, cost, clock_.wall());
    changed(name);
    freed_.insert(std::string(name));
}

void Budgets::released(std::string_view name, std::string const& id) {
    auto* budget = find(name);
    if (budget == nullptr || !budget->knows(id)) return;
    budget->release(id, clock_.wall());
    changed(name);
    freed_.insert(std::string(name));
}

// ---- time, and the store

void Budgets::look() {
    auto const now = clock_.wall();
    for (auto& [name, held] : held_) {
        auto const& state = held.budget->state();
        bool is_due = state.ends != WallTime{} && held.budget->next() <= now;
        if (!is_due) continue;
        held.budget->look(now);
        changed(name);
        freed_.insert(name);
    }
}

/// An unused budget wakes nobody: its new period begins with its next use.
std::optional<WallTime> Budgets::next() const {
    std::optional<WallTime> earliest;
    for (auto const& [name, held] : held_) {
        auto const& state = held.budget->state();
        if (state.ends == WallTime{} || (state.spent == 0 && state.reserved.empty())) continue;
        auto at = held.budget->next();
        if (!earliest || at < *earliest) earliest = at;
    }
    return earliest;
}

void Budgets::write_told(std::string const& name, budget::Budget& budget,
                         std::vector<ports::Write>& writes) {
    for (auto& told : budget.take_told()) {
        auto event = journal_.event(
            {.kind = std::string(event_of(told.what)),
             .subject = "budget/" + name,
             .cause = journal_.last_of("budget/" + name),
             .who = std::move(told.who),
             .words = std::move(told.words),
             .data = told.percent > 0 ? details({}, {{"percent", told.percent}}) : std::string()});
        writes.push_back(ports::PutEvent{std::move(event)});
    }
}

void Budgets::write(std::vector<ports::Write>& writes, std::set<std::string>& freed) {
    for (auto const& name : std::exchange(dirty_, {})) {
        auto* budget = find(name);
        if (budget == nullptr) continue;
        write_told(name, *budget, writes);
        auto record = budget::write(budget->state());
        records_[name] = record;
        writes.push_back(ports::SetMark{std::string(mark_prefix) + name, std::move(record)});
    }
    freed.merge(std::exchange(freed_, {}));
}

}  // namespace lares::daemon
