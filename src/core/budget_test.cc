// core/budget_test.cc: the rules of core/budget.h, a sentence each, and what always holds.

#include "core/budget.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>

using namespace lares;
using namespace lares::budget;
using namespace std::chrono_literals;

namespace {

constexpr Amount euro = 1'000'000;

WallTime utc(int year, unsigned month, unsigned day, Duration clock = {}) {
    using namespace std::chrono;
    return WallTime(sys_days(std::chrono::year(year) / month / day)) + clock;
}

/// Two changes of clocks in 2026, as Berlin has them.
schedule::Zone berlin() {
    auto at = [](WallTime when) { return when.time_since_epoch() / 1s; };
    return {"Europe/Berlin",
            3'600,
            {{at(utc(2026, 3, 29, 1h)), 7'200}, {at(utc(2026, 10, 25, 1h)), 3'600}}};
}

struct House {
    Budget budget;
    WallTime now = utc(2026, 3, 10, 12h);

    explicit House(Rule rule = {.name = "sms", .most = 10 * euro, .currency = "EUR"},
                   schedule::Zone zone = {})
        : budget(std::move(rule), std::move(zone)) {}
    std::string reserve(std::string const& id, Amount amount) {
        auto result = budget.reserve(id, amount, now);
        return result ? "" : result.error().what;
    }
    std::string told() {
        std::string text;
        for (auto const& each : budget.take_told()) text += (text.empty() ? "" : "; ") + each.words;
        return text;
    }
    std::string words() { return budget.standing(now).words; }
};

}  // namespace

TEST_CASE("several that are about to spend never go beyond the amount together") {
    House house;
    CHECK(house.reserve("1", 4 * euro) == "");
    CHECK(house.reserve("2", 4 * euro) == "");
    CHECK(house.reserve("3", 3 * euro) ==
          "budget 'sms': 0.00 EUR of 10.00 EUR are spent in this month and 8.00 EUR reserved; "
          "3.00 EUR more do not fit before 2026-04-01 00:00");
    CHECK(house.words() == "0.00 EUR of 10.00 EUR in this month, 8.00 EUR reserved");
    house.budget.release("2", house.now);
    CHECK(house.reserve("3", 3 * euro) == "");
    house.budget.commit("1", 5 * euro, house.now);
    house.budget.commit("3", std::nullopt, house.now);
    CHECK(house.words() == "8.00 EUR of 10.00 EUR in this month");
    CHECK(house.reserve("4", 2 * euro) == "");
    CHECK(house.budget.standing(house.now).left == 0);
}

TEST_CASE("a second reservation under one id is the same one, with another amount") {
    House house;
    CHECK(house.reserve("1", 8 * euro) == "");
    CHECK(house.reserve("1", 9 * euro) == "");
    CHECK(house.reserve("1", 11 * euro) != "");
    CHECK(house.budget.standing(house.now).reserved == 9 * euro);
}

TEST_CASE(
    "a reservation that nobody came back for is taken for spent, and made good when he does") {
    House house;
    CHECK(house.reserve("1", 4 * euro) == "");
    CHECK(house.reserve("2", 1 * euro) == "");
    CHECK(house.budget.next() == house.now + 10min);
    house.now += 10min;
    house.budget.look(house.now);
    CHECK(house.told() ==
          "budget 'sms': nobody came back for reservation '1' of 4.00 EUR; it is taken for spent; "
          "budget 'sms': nobody came back for reservation '2' of 1.00 EUR; it is taken for spent; "
          "budget 'sms': 50 % reached: 5.00 EUR of 10.00 EUR are spent in this month");
    CHECK(house.budget.state().expired == 5 * euro);
    house.budget.commit("1", 3 * euro, house.now);
    house.budget.release("2", house.now);
    CHECK(house.budget.state().spent == 3 * euro);
    CHECK(house.budget.state().expired == 0);
    CHECK(house.budget.state().count == 1);
}

TEST_CASE("each threshold is told once a period, the highest of those reached at once") {
    House house;
    house.budget.spend(4 * euro, house.now);
    CHECK(house.told() == "");
    house.budget.spend(5 * euro, house.now);
    CHECK(house.told() ==
          "budget 'sms': 80 % reached: 9.00 EUR of 10.00 EUR are spent in this "
          "month");
    house.budget.spend(euro / 2, house.now);
    CHECK(house.told() == "");
    CHECK(house.reserve("1", euro) != "");
    CHECK(house.told() ==
          "budget 'sms': 100 % reached: 9.50 EUR of 10.00 EUR are spent in this month and 0.00 EUR "
          "reserved, and more was asked for");
    CHECK(house.reserve("1", euro) != "");
    house.budget.spend(3 * euro, house.now);
    CHECK(house.told() == "");
    house.now = utc(2026, 4, 1);
    house.budget.spend(6 * euro, house.now);
    CHECK(house.told() ==
          "budget 'sms': a new month begins; in the last month 12.50 EUR of 10.00 EUR were spent, "
          "4 times; budget 'sms': 50 % reached: 6.00 EUR of 10.00 EUR are spent in this month");
}

TEST_CASE("a budget that is not hard is told of and refuses nothing; one of nothing refuses all") {
    House soft({.name = "x", .most = 5, .is_hard = false});
    CHECK(soft.reserve("1", 50) == "");
    soft.budget.commit("1", std::nullopt, soft.now);
    CHECK(soft.told() == "budget 'x': 100 % reached: 50 of 5 are spent in this month");
    House none({.name = "x", .most = 0});
    CHECK(none.reserve("1", 1) != "");
    CHECK(none.reserve("1", 0) == "");
}

TEST_CASE("nothing is carried over: a period pays for what was reserved in it") {
    House house;
    house.now = utc(2026, 3, 31, 23h + 55min);
    CHECK(house.reserve("1", 7 * euro) == "");
    house.now = utc(2026, 4, 1);
    CHECK(house.budget.standing(house.now).left == 10 * euro);
    house.budget.commit("1", 8 * euro, house.now);
    CHECK(house.budget.state().spent == 0);
    house.budget.commit("never reserved", 2 * euro, house.now);
    CHECK(house.budget.state().spent == 2 * euro);
}

TEST_CASE("a person sets, resets and blocks, and who and why is told") {
    House house;
    house.budget.spend(9 * euro, house.now);
    house.told();
    house.budget.set_spent(6 * euro, "anna", "invoice of March", house.now);
    CHECK(house.told() == "budget 'sms': set from 9.00 EUR to 6.00 EUR: invoice of March");
    house.budget.spend(3 * euro, house.now);
    CHECK(house.told().starts_with("budget 'sms': 80 % reached"));
    house.budget.block(true, "anna", "prices doubled", house.now);
    CHECK(house.reserve("1", 1) == "budget 'sms' is blocked by anna: prices doubled");
    house.now = utc(2026, 4, 2);
    CHECK(house.reserve("1", 1) != "");
    house.budget.take_told();
    house.budget.reset("bert", "", house.now);
    auto told = house.budget.take_told();
    REQUIRE(told.size() == 1);
    CHECK(told[0].who == "bert");
    CHECK(told[0].what == Told::What::by_hand);
    CHECK(told[0].words == "budget 'sms': reset; 0.00 EUR had been spent");
    CHECK(house.reserve("1", 10 * euro) == "");
    house.budget.commit("1", std::nullopt, house.now);
    CHECK(house.reserve("2", 1) != "");
    house.budget.reset("bert", "", house.now);
    CHECK(house.reserve("2", 1) == "");
}

TEST_CASE("a clock that is set back gives no new budget") {
    House house;
    house.budget.spend(10 * euro, house.now);
    house.now -= 24h * 60;
    CHECK(house.reserve("1", 1) != "");
    house.budget.reset("anna", "the clock was wrong", house.now);
    CHECK(house.reserve("1", 1) == "");
    house.now -= 24h * 60;
    house.budget.look(house.now);
    CHECK(house.budget.next() <= house.now + 10min);
}

TEST_CASE("months, days and hours are those that clocks in the zone show") {
    auto const zone = berlin();
    auto check = [&](Every every, WallTime at, WallTime begins, WallTime ends) {
        CHECK(period_at(every, zone, at) == Period{begins, ends});
        CHECK(period_at(every, zone, begins) == Period{begins, ends});
        CHECK(period_at(every, zone, ends - 1ms) == Period{begins, ends});
        CHECK(period_at(every, zone, ends).begins == ends);
    };
    // March begins and ends an hour apart from UTC, before and after the change.
    check(Every::month, utc(2026, 3, 10), utc(2026, 2, 28, 23h), utc(2026, 3, 31, 22h));
    check(Every::month, utc(2026, 12, 31, 23h), utc(2026, 12, 31, 23h), utc(2027, 1, 31, 23h));
    check(Every::month, utc(2028, 2, 10), utc(2028, 1, 31, 23h), utc(2028, 2, 29, 23h));
    check(Every::day, utc(2026, 3, 29, 12h), utc(2026, 3, 28, 23h), utc(2026, 3, 29, 22h));
    check(Every::day, utc(2026, 10, 25, 12h), utc(2026, 10, 24, 22h), utc(2026, 10, 25, 23h));
    // 02:00 comes twice in October, and is two hours.
    check(Every::hour, utc(2026, 10, 25, 30min), utc(2026, 10, 25, 0h), utc(2026, 10, 25, 1h));
    check(Every::hour, utc(2026, 10, 25, 90min), utc(2026, 10, 25, 1h), utc(2026, 10, 25, 2h));
    check(Every::hour, utc(2026, 3, 29, 90min), utc(2026, 3, 29, 1h), utc(2026, 3, 29, 2h));
}

TEST_CASE("an hour in which clocks change by half an hour ends there, and another begins") {
    auto change = utc(2026, 4, 4, 15h);  // 02:00 becomes 01:30
    schedule::Zone zone{"Lord_Howe", 39'600, {{change.time_since_epoch() / 1s, 37'800}}};
    CHECK(period_at(Every::hour, zone, change - 1ms) == Period{change - 1h, change});
    CHECK(period_at(Every::hour, zone, change) == Period{change, change + 30min});
    CHECK(period_at(Every::hour, zone, change + 31min) == Period{change + 30min, change + 90min});
}

TEST_CASE("where clocks go back over midnight, or skip it, days follow one another all the same") {
    auto change = utc(2026, 4, 5, 3h);  // 00:00 becomes 23:00 of the day before
    schedule::Zone back{"back", -3 * 3'600, {{change.time_since_epoch() / 1s, -4 * 3'600}}};
    schedule::Zone skip{"skip", -4 * 3'600, {{(change + 1h).time_since_epoch() / 1s, -3 * 3'600}}};
    // And one that goes back from 00:30 to 23:30: the day that had begun goes on.
    schedule::Zone half{
        "half", -3 * 3'600, {{(change + 30min).time_since_epoch() / 1s, -4 * 3'600}}};
    for (auto const& zone : {back, skip, half})
        for (auto at = change - 30h; at < change + 30h; at += 17min) {
            auto period = period_at(Every::day, zone, at);
            CHECK(period.begins <= at);
            CHECK(at < period.ends);
            CHECK(period_at(Every::day, zone, period.ends).begins == period.ends);
        }
    CHECK(period_at(Every::day, back, change).ends - period_at(Every::day, back, change).begins ==
          25h);
}

TEST_CASE("a price holds from the beginning of its day until the next one's") {
    House house({.name = "x", .currency = "USD"}, berlin());
    auto day = utc(2026, 4, 1).time_since_epoch() / 24h;
    Rule rule{.name = "x", .currency = "USD"};
    rule.prices = {{"post", day, 15'000}, {"post", 0, 10'000}, {"sms", day, 1}};
    house.budget.set(rule, berlin());
    CHECK(*house.budget.price("post", 3, utc(2026, 3, 31, 21h)) == 30'000);
    CHECK(*house.budget.price("post", 3, utc(2026, 3, 31, 22h)) == 45'000);
    CHECK(house.budget.price("sms", 1, utc(2026, 3, 1)).error().kind == Error::Kind::not_found);
    CHECK(house.budget.price("post", -1, house.now).error().kind == Error::Kind::invalid);
    CHECK(house.budget.price("post", INT64_MAX, house.now).error().kind == Error::Kind::invalid);
}

TEST_CASE("amounts are read as they are printed, and nothing else is") {
    for (Amount amount :
         {Amount{0}, Amount{1}, 6'500 * Amount{1}, 12'400'000 * Amount{1}, most_amount}) {
        auto words = print_amount(amount, "EUR");
        CHECK(*parse_amount(words.substr(0, words.find(' ')), "EUR") == amount);
        CHECK(*parse_amount(print_amount(amount, ""), "") == amount);
    }
    CHECK(print_amount(12'400'000, "EUR") == "12.40 EUR");
    CHECK(print_amount(6'500, "EUR") == "0.0065 EUR");
    CHECK(print_amount(-1'500'000, "EUR") == "-1.50 EUR");
    CHECK(*parse_amount("12", "EUR") == 12 * euro);
    for (auto text :
         {"", ".", "1.", ".5", "1.1234567", "-1", "1e3", "1,5", " 1", "x", "99999999999999999999"})
        CHECK(!parse_amount(text, "EUR"));
    CHECK(!parse_amount("1.5", ""));
}

TEST_CASE("a budget of another span begins anew, and amounts out of all bounds change nothing") {
    House house;
    house.budget.spend(9 * euro, house.now);
    house.budget.set({.name = "sms", .every = Every::day, .most = euro, .currency = "EUR"}, {});
    CHECK(house.budget.standing(house.now).spent == 0);
    CHECK(house.reserve("1", -1) != "");
    CHECK(house.reserve("1", most_amount + 1) != "");
    CHECK(house.reserve("", 1) != "");
    CHECK(house.budget.state().reserved.empty());
}

TEST_CASE("no more than so many reservations are open") {
    House house({.name = "x", .most = 1'000'000'000});
    for (std::size_t i = 0; i < most_reservations; i++)
        REQUIRE(house.reserve(std::to_string(i), 1) == "");
    CHECK(house.reserve("more", 1) ==
          "budget 'x': 10000 reservations are open; commit or release some");
    house.now += 10min;
    CHECK(house.reserve("more", 1) == "");
    CHECK(house.budget.state().spent == static_cast<Amount>(most_reservations));
    CHECK(house.budget.state().lapsed.size() == most_lapsed);
}

TEST_CASE(
    "in any order of calls, and read back at any moment, a hard budget is never overspent by "
    "what was reserved, and the sums are right") {
    for (unsigned seed = 1; seed <= 200; seed++) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Rule const rule{.name = "x", .every = Every::hour, .most = 100};
        Budget budget(rule, berlin()), twin(rule, berlin());
        auto now = utc(2026, 10, 24, 20h);
        for (int i = 0; i < 300; i++) {
            std::string const id = std::to_string(random() % 12);
            Amount const amount = random() % 40;
            auto act = [&](Budget& on) {
                switch (i % 5) {
                case 0:
                case 1:
                    return on.reserve(id, amount, now).ok();
                case 2:
                    // At most what was reserved: then nothing may go beyond.
                    for (auto const& each : on.state().reserved)
                        if (each.id == id) {
                            on.commit(id, std::min(amount, each.amount), now);
                            break;  // the list is another one now
                        }
                    return true;
                case 3:
                    on.release(id, now);
                    return true;
                default:
                    on.look(now);
                    return true;
                }
            };
            bool one = act(budget);
            CHECK(act(twin) == one);
            REQUIRE(budget.state() == twin.state());
            auto standing = budget.standing(now);
            REQUIRE(standing.spent + standing.reserved <= rule.most);
            REQUIRE(standing.spent + standing.reserved + standing.left == rule.most);
            REQUIRE(standing.begins <= now);
            REQUIRE(now < standing.ends);
            now += Duration(random() % 600'000);
            if (random() % 4 == 0) twin = Budget(rule, berlin(), read(write(twin.state())));
        }
        CHECK(budget.take_told().size() < 300);
    }
}

TEST_CASE("of a record that cannot be read nothing has been spent, and unknown lines are skipped") {
    CHECK(read("nonsense") == State{});
    House house;
    house.budget.spend(euro, house.now);
    CHECK(read(write(house.budget.state()) + "new=1\nreserved=x\n") == house.budget.state());
}

TEST_CASE("a week begins on Monday, where clocks change as well") {
    schedule::Zone const utc;
    auto at = [](std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); };
    constexpr std::int64_t monday = 1'795'392'000, day = 86'400;  // 2026-11-23
    for (std::int64_t second : {std::int64_t{0}, std::int64_t{1}, 3 * day, 7 * day - 1})
        CHECK(budget::period_at(budget::Every::week, utc, at(monday + second)) ==
              budget::Period{at(monday), at(monday + 7 * day)});
    CHECK(budget::period_at(budget::Every::week, utc, at(monday - 1)).ends == at(monday));
    // Before 1970 as well: its first day was a Thursday.
    CHECK(budget::period_at(budget::Every::week, utc, at(0)).begins == at(-3 * day));
}

TEST_CASE("a budget knows what is reserved, what ran out, and nothing else") {
    budget::Budget budget({.name = "x", .most = 10, .reserved_for = Duration(1'000)}, {});
    auto now = WallTime(std::chrono::hours(1000));
    REQUIRE(budget.reserve("a", 1, now));
    CHECK(budget.knows("a"));
    CHECK_FALSE(budget.knows("b"));
    budget.look(now + Duration(1'000));
    CHECK(budget.knows("a"));
    budget.commit("a", 2, now + Duration(1'000));
    CHECK_FALSE(budget.knows("a"));
}
