// control/budget_operations.cc: budgets: how they stand, and what applications and people do with
// them.

#include <algorithm>
#include <charconv>

#include "control/describe_messages.h"
#include "control/describe_work.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"
#include "text/value.h"

namespace lares::control {

namespace {

using What = BudgetUse::What;

/// A reservation's name is kept in a line of the budget's record.
constexpr std::size_t most_id = 200, most_why = 500;

MessageHouse& messages(Call call) { return call.house().messages(); }

/// "12.50", or "2 post": so many of a unit.
void take_amount(std::string_view text, BudgetUse& use) {
    auto space = text.find(' ');
    std::int64_t count = 0;
    auto [end, fault] =
        std::from_chars(text.data(), text.data() + std::min(space, text.size()), count);
    bool is_count = space != text.npos && fault == std::errc() && end == text.data() + space;
    if (!is_count) {
        use.amount = text;
        return;
    }
    use.count = count;
    use.unit = text.substr(space + 1);
}

bool is_plain(std::string_view text, std::size_t most) {
    return text.size() <= most && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

void use_budget(Call call, BudgetUse use) {
    if (!is_plain(use.id, most_id) || !is_plain(use.why, most_why))
        return call.fail(Fault::bad_arguments,
                         "a reservation's name has at most 200 bytes, a reason 500, in one line");
    messages(call).use_budget(std::move(use), signed_by(call.caller()),
                              [call](Result<BudgetInfo> info) {
                                  if (!info) return call.fail(outcome_of(info.error()));
                                  call.answer(budget_value(*info));
                              });
}

void by_hand(Call call, Parameters const& parameters, What what) {
    use_budget(call, {.what = what, .budget = *parameters[0].text(), .why = *parameters[1].text()});
}

void by_name(Call call, Parameters const& parameters, What what) {
    BudgetUse use{.what = what, .budget = *parameters[0].text(), .id = *parameters[1].text()};
    if (use.id.empty()) return call.fail(Fault::bad_arguments, "a reservation needs a name");
    if (parameters.size() > 2) take_amount(*parameters[2].text(), use);
    use_budget(call, std::move(use));
}

}  // namespace

void lares_budgets(Call call, Parameters const&) {
    call.answer(each_value(messages(call).budgets(), budget_value));
}

void lares_budget(Call call, Parameters const& parameters) {
    for (auto const& each : messages(call).budgets())
        if (each.settings->name == *parameters[0].text()) return call.answer(budget_value(each));
    call.fail(Fault::bad_arguments,
              "there is no budget '" + text::clean_utf8(*parameters[0].text()) + "'");
}

void lares_budget_set(Call call, Parameters const& parameters) {
    BudgetUse use{.what = What::set, .budget = *parameters[0].text(), .why = *parameters[2].text()};
    take_amount(*parameters[1].text(), use);
    use_budget(call, std::move(use));
}

void lares_budget_reset(Call call, Parameters const& parameters) {
    by_hand(call, parameters, What::reset);
}
void lares_budget_block(Call call, Parameters const& parameters) {
    by_hand(call, parameters, What::block);
}
void lares_budget_unblock(Call call, Parameters const& parameters) {
    by_hand(call, parameters, What::unblock);
}
void lares_budget_reserve(Call call, Parameters const& parameters) {
    by_name(call, parameters, What::reserve);
}
void lares_budget_commit(Call call, Parameters const& parameters) {
    by_name(call, parameters, What::commit);
}
void lares_budget_release(Call call, Parameters const& parameters) {
    by_name(call, parameters, What::release);
}

}  // namespace lares::control
