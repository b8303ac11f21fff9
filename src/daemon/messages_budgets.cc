// daemon/messages_budgets.cc: what messages spend of budgets, and what people and applications do
// with them.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/messages.h"

namespace lares::daemon {

namespace {

using control::BudgetUse;

std::string reservation_of(delivery::Id id) { return fmt::format("delivery/{}", id); }

std::string_view verb(BudgetUse::What what) {
    using What = BudgetUse::What;
    switch (what) {
    case What::reserve:
        return "reserved";
    case What::commit:
        return "spent";
    case What::release:
        return "given back";
    case What::set:
    case What::reset:
    case What::block:
    case What::unblock:
        break;
    }
    return "";
}

}  // namespace

// ---- messages

std::optional<outbox::Hold> Messages::admit(delivery::Id id) {
    auto row = rows_.find(id);
    if (row == rows_.end()) return std::nullopt;
    auto const* settings = settings_->find_channel(row->second.channel);
    if (settings == nullptr || settings->channel.budget.empty()) return std::nullopt;
    auto known = spending_.find(id);
    return budgets_.admit(
        settings->channel.budget, reservation_of(id),
        known == spending_.end() ? std::vector<deliver::Spending>{{"message", 1}} : known->second);
}

/// What was reserved for it is spent, or free again. `answer` null: nobody said what it came to.
void Messages::settle_spending(delivery::Id id, delivery::State state,
                               delivery::Answer const* answer) {
    auto row = rows_.find(id);
    if (row == rows_.end()) return;
    auto const* settings = settings_->find_channel(row->second.channel);
    if (settings == nullptr || settings->channel.budget.empty()) return;
    auto const& budget = settings->channel.budget;
    bool is_gone = state == delivery::State::sent || state == delivery::State::unsure;
    if (answer == nullptr)
        return is_gone ? budgets_.spent(budget, reservation_of(id), 0, std::nullopt)
                       : budgets_.released(budget, reservation_of(id));
    auto known = spending_.find(id);
    std::int64_t expected = 0;
    if (known != spending_.end())
        for (auto const& each : known->second) expected += each.count;
    std::optional<deliver::Spending> bought;
    // Of one whose try ended half-way, what had gone out is paid for.
    bool has_part = deliver::has_units(settings->channel.kind) && answer->units > 0 &&
                    answer->outcome != delivery::Outcome::unsure;
    if (has_part && (answer->units != expected || !is_gone))
        bought = deliver::Spending{
            known == spending_.end() ? "message" : known->second.front().unit, answer->units};
    bool was_spent = is_gone || answer->cost_micros > 0;
    if (!was_spent && answer->outcome != delivery::Outcome::refused)
        was_spent = bought && !answer->provider.empty();
    if (was_spent) return budgets_.spent(budget, reservation_of(id), answer->cost_micros, bought);
    budgets_.released(budget, reservation_of(id));
}

void Messages::write_budgets(Writes& writes) {
    std::set<std::string> freed;
    budgets_.write(writes, freed);
    if (freed.empty()) return;
    for (auto const& each : settings_->channels)
        if (freed.contains(each.channel.budget)) outbox_.lift(each.channel.name);
    look_at_outbox_ = true;
}

void Messages::look_at_budgets() {
    budgets_.look();
    if (!budgets_.is_dirty()) return;
    Writes writes;
    write_budgets(writes);
    if (!writes.empty()) commit(std::move(writes));
}

// ---- what people and applications ask

control::BudgetInfo Messages::budget_info(std::string const& name) const {
    // An unused budget's new period begins with its next use: for who looks, it has begun.
    auto const now = hands_.clock.wall();
    budget::Budget seen = *budgets_.find(name);
    seen.look(now);
    control::BudgetInfo info{.settings = budgets_.settings_of(name),
                             .standing = seen.standing(now),
                             .state = seen.state()};
    for (auto const& each : settings_->channels)
        if (each.channel.budget == name) info.channels.push_back(each.channel.name);
    return info;
}

std::vector<control::BudgetInfo> Messages::budgets() const {
    std::vector<control::BudgetInfo> all;
    for (auto const& name : budgets_.names()) all.push_back(budget_info(name));
    return all;
}

Result<> Messages::apply(BudgetUse const& use, std::string const& who) {
    using What = BudgetUse::What;
    auto& budget = *budgets_.find(use.budget);
    auto const now = hands_.clock.wall();
    std::optional<budget::Amount> amount;
    if (!use.unit.empty())
        amount = TRY(budgets_.price(use.budget, use.unit, use.count));
    else if (!use.amount.empty())
        amount = TRY(budget::parse_amount(use.amount, budgets_.settings_of(use.budget)->currency));
    bool needs_amount = use.what == What::set || use.what == What::reserve;
    if (needs_amount && !amount) return Error{Error::Kind::invalid, "give an amount, or a unit"};
    bool is_of_known = use.what == What::commit || use.what == What::release;
    if (is_of_known && !budget.knows(use.id))
        return Error{Error::Kind::not_found,
                     fmt::format("budget '{}' has no reservation '{}'", use.budget, use.id)};
    if (use.id.starts_with("delivery/"))
        return Error{Error::Kind::invalid,
                     "reservations named 'delivery/...' are those of messages; take another name"};
    switch (use.what) {
    case What::set:
        budget.set_spent(*amount, who, use.why, now);
        break;
    case What::reset:
        budget.reset(who, use.why, now);
        break;
    case What::block:
    case What::unblock:
        budget.block(use.what == What::block, who, use.why, now);
        break;
    case What::reserve:
        budgets_.changed(use.budget);  // also a refusal may be worth a word
        TRY(budget.reserve(use.id, *amount, now));
        break;
    case What::commit:
        budget.commit(use.id, amount, now);
        break;
    case What::release:
        budget.release(use.id, now);
        break;
    }
    budgets_.changed(use.budget);
    budgets_.free(use.budget);
    return {};
}

/// What people set is told by the budget itself.
void Messages::note_use(BudgetUse const& use, std::string const& who, Writes& writes) {
    auto word = verb(use.what);
    if (word.empty()) return;
    auto const standing = budgets_.find(use.budget)->standing(hands_.clock.wall());
    writes.push_back(ports::PutEvent{hands_.journal.event(
        {.kind = "budget.used",
         .subject = "budget/" + use.budget,
         .who = who,
         .words = fmt::format("budget '{}': {} for '{}'{}; {}", use.budget, word, use.id,
                              use.why.empty() ? "" : " (" + use.why + ")", standing.words),
         .data = details({{"reservation", use.id}})})});
}

void Messages::use_budget(BudgetUse use, std::string who,
                          std::function<void(Result<control::BudgetInfo>)> done) {
    if (!is_loaded_)
        return done(Error{Error::Kind::unavailable, "the database is not open; try again"});
    if (budgets_.find(use.budget) == nullptr)
        return done(Error{Error::Kind::not_found, "there is no budget '" + use.budget + "'"});
    auto applied = apply(use, who);
    Writes writes;
    if (applied) note_use(use, who, writes);
    write_budgets(writes);
    if (!applied) {
        if (!writes.empty()) commit(std::move(writes));
        return done(Error{applied.error().kind, applied.error().what});
    }
    hands_.store.commit(
        {.writes = std::move(writes), .kind = ports::Commit::Kind::ask},
        [this, use = std::move(use), done](Result<ports::Committed> const& written) {
            if (!written) {
                // Who was told no spends nothing.
                if (use.what == BudgetUse::What::reserve) budgets_.released(use.budget, use.id);
                budgets_.changed(use.budget);
                return done(Error{written.error().kind, written.error().what});
            }
            if (budgets_.find(use.budget) == nullptr)
                return done(Error{Error::Kind::not_found,
                                  "budget '" + use.budget + "' has gone meanwhile"});
            done(budget_info(use.budget));
        });
}

}  // namespace lares::daemon
