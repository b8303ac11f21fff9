// config/delivery_values.h: what channels, notify and budgets say, from text to values.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/delivery_settings.h"

namespace lares::config {

/// "ops: failure, late", "mail then 10min sms then 30min phone: fatal"; without ':' all kinds.
Result<Notify> parse_notify(std::string_view line);
std::string print_notify(Notify const&);

/// By commas; one within quotes or <...> belongs to the recipient.
std::vector<std::string> split_recipients(std::string_view line);

/// "Name: value".
Result<std::pair<std::string, std::string>> parse_header(std::string_view line);

/// "50 USD/month", "1000/day": amount, currency ("" of a count), period.
struct BudgetLimit {
    std::int64_t micros = 0;
    std::string currency;
    BudgetSettings::Period period = BudgetSettings::Period::month;
};
Result<BudgetLimit> parse_budget_limit(std::string_view text);
/// "0.015" as 15000; at most six places, no sign.
Result<std::int64_t> parse_amount(std::string_view text);
std::string print_amount(std::int64_t micros);
/// "post = 0.015", "post = 0.02 from 2027-01-01".
Result<BudgetSettings::Price> parse_price(std::string_view line);

}  // namespace lares::config
