// control/budget_operations_test.cc: budgets through the table of operations.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

struct Counter : Office {
    ScriptedMessages& messages = house.scripted_messages;
    config::BudgetSettings settings;

    Counter() {
        settings.name = "sms";
        settings.limit_micros = 20'000'000;
        settings.currency = "EUR";
        settings.prices = {{"sms", 75'000, 0}};
        BudgetInfo info{.settings = &settings};
        info.standing.spent = 500'000;
        info.standing.left = 19'500'000;
        info.state.reserved = {{"a", 150'000, WallTime(std::chrono::seconds(100))}};
        messages.all_budgets = {info};
    }
};

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a budget is shown with what is left, its prices and who has reserved") {
    Counter desk;
    auto told = desk.call("lares.budget", {"sms"});
    CHECK(has(told, R"("left":"19.50 EUR")"));
    CHECK(has(told, R"("price":"0.075 EUR")"));
    CHECK(has(told, R"("reservation":"a")"));
    CHECK(has(desk.call("lares.budgets", {}), R"("budget":"sms")"));
    CHECK(has(desk.call("lares.budget", {"smz"}), "there is no budget 'smz'"));
}

TEST_CASE("amounts are sums, or units that have a price") {
    Counter desk;
    desk.call("lares.budget_reserve", {"sms", "job-1", "0.30"});
    desk.call("lares.budget_reserve", {"sms", "job-2", "3 sms"});
    desk.call("lares.budget_commit", {"sms", "job-1", ""});
    desk.call("lares.budget_set", {"sms", "12.50", "the bill"});
    auto const& used = desk.messages.used;
    REQUIRE(used.size() == 4);
    CHECK(used[0].amount == "0.30");
    CHECK(used[0].id == "job-1");
    CHECK(used[1].unit == "sms");
    CHECK(used[1].count == 3);
    CHECK(used[1].amount.empty());
    CHECK(used[2].what == BudgetUse::What::commit);
    CHECK(used[2].amount.empty());
    CHECK(used[3].why == "the bill");
}

TEST_CASE("a reservation needs a name of one line, and reaches nobody without it") {
    Counter desk;
    CHECK(has(desk.call("lares.budget_reserve", {"sms", "", "1"}), "needs a name"));
    CHECK(has(desk.call("lares.budget_reserve", {"sms", "a\nspent=0", "1"}), "in one line"));
    CHECK(has(desk.call("lares.budget_release", {"sms", std::string(201, 'x')}), "200 bytes"));
    CHECK(desk.messages.used.empty());
}
