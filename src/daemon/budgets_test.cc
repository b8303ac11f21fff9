// daemon/budgets_test.cc: money over deaths: what is written is all that a successor has.

#include "daemon/budgets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "sim/kernel.h"
#include "sim/logs.h"

using namespace lares;
using namespace lares::daemon;

namespace {

struct Clock final : ports::Clock {
    WallTime at{std::chrono::hours(500'000)};
    Instant now() const override { return Instant(at.time_since_epoch()); }
    WallTime wall() const override { return at; }
    int local_offset_seconds(WallTime) const override { return 0; }
    void wake_at(std::optional<Instant>) override {}
};

struct Utc final : ports::Zones {
    Result<std::shared_ptr<schedule::Zone const>> find(std::string const&) override {
        return std::make_shared<schedule::Zone const>();
    }
    bool reload() override { return false; }
    std::vector<std::string> files() const override { return {}; }
};

/// Only numbers: what is committed is kept by the test.
struct Numbers final : ports::Store {
    std::uint64_t last = 0;
    void open() override {}
    bool is_open() const override { return true; }
    std::string trouble() const override { return ""; }
    std::uint64_t next_id() override { return ++last; }
    void commit(ports::Commit, std::function<void(Result<ports::Committed>)>) override {}
    void read(ports::Question, std::function<void(Result<ports::Found>)>) override {}
    void read_all(std::vector<ports::Question>,
                  std::function<void(Result<ports::Found>)>) override {}
    void prune(ports::Retention, WallTime, std::function<void(Result<ports::Pruned>)>) override {}
    std::size_t backlog() const override { return 0; }
    void flush(std::function<void()>) override {}
};

config::BudgetSettings settings(std::int64_t limit, std::string currency = "EUR") {
    config::BudgetSettings made;
    made.name = "sms";
    made.limit_micros = limit;
    made.currency = std::move(currency);
    made.prices = {{"sms", 250'000, 0}};
    return made;
}

/// One daemon; `disk` outlives it.
struct Life {
    std::map<std::string, std::string>& disk;
    Clock& clock;
    sim::Kernel kernel{1};
    sim::Logs logs{kernel};
    Utc zones;
    Numbers store;
    MainLog log{clock, logs};
    Journal journal{store, clock, log, {}, {}};
    Budgets budgets{clock, zones, log, journal};
    std::vector<ports::EventRow> events;

    Life(std::map<std::string, std::string>& kept, Clock& time, config::BudgetSettings const& of)
        : disk(kept), clock(time) {
        budgets.configure({of});
        for (auto const& [key, record] : disk) budgets.load(key, record);
    }
    /// As a commit does.
    std::set<std::string> write() {
        std::vector<ports::Write> writes;
        std::set<std::string> freed;
        budgets.write(writes, freed);
        for (auto const& each : writes) {
            if (auto const* mark = std::get_if<ports::SetMark>(&each))
                disk[mark->key] = mark->value;
            if (auto const* event = std::get_if<ports::PutEvent>(&each))
                events.push_back(event->event);
        }
        return freed;
    }
    budget::Standing standing() { return budgets.find("sms")->standing(clock.at); }
};

std::vector<deliver::Spending> const one_sms{{"sms", 1}};

}  // namespace

TEST_CASE("what is reserved, spent and given back is the same for a successor") {
    std::map<std::string, std::string> disk;
    Clock clock;
    {
        Life life(disk, clock, settings(1'000'000));
        CHECK_FALSE(life.budgets.admit("sms", "delivery/1", {{"sms", 3}}));
        life.write();
        auto hold = life.budgets.admit("sms", "delivery/2", {{"sms", 2}});
        REQUIRE(hold);
        CHECK(hold->words.find("do not fit") != std::string::npos);
        CHECK(hold->until > clock.at);
    }
    {
        Life life(disk, clock, settings(1'000'000));
        CHECK(life.standing().reserved == 750'000);
        // Two parts went out, as the gateway's answer counts them.
        life.budgets.spent("sms", "delivery/1", 0, deliver::Spending{"sms", 2});
        CHECK(life.write().contains("sms"));
        CHECK(life.standing().left == 500'000);
    }
    Life life(disk, clock, settings(1'000'000));
    CHECK(life.standing().spent == 500'000);
    CHECK(life.standing().reserved == 0);
    CHECK_FALSE(life.budgets.admit("sms", "delivery/3", one_sms));
    life.budgets.released("sms", "delivery/3");
    life.budgets.released("sms", "delivery/3");
    CHECK(life.standing().spent == 500'000);
    // What the service says counts before any price of ours.
    CHECK_FALSE(life.budgets.admit("sms", "delivery/4", one_sms));
    life.budgets.spent("sms", "delivery/4", 310'000, deliver::Spending{"sms", 1});
    CHECK(life.standing().spent == 810'000);
}

TEST_CASE("a daemon that dies at any step spends each message once") {
    std::mt19937 chance(7);
    for (int round = 0; round < 200; ++round) {
        std::map<std::string, std::string> disk;
        Clock clock;
        std::optional<Life> life;
        life.emplace(disk, clock, settings(100'000'000));
        enum class Stage { waiting, sending, ended };  // as the store has it
        std::vector<Stage> deliveries(8, Stage::waiting);
        auto id = [](std::size_t at) { return "delivery/" + std::to_string(at + 1); };
        auto die_perhaps = [&] {
            if (chance() % 3 != 0) return false;
            life.emplace(disk, clock, settings(100'000'000));
            return true;
        };
        while (std::ranges::find_if(deliveries, [](Stage s) { return s != Stage::ended; }) !=
               deliveries.end()) {
            auto at = chance() % deliveries.size();
            if (deliveries[at] == Stage::waiting) {
                CHECK_FALSE(life->budgets.admit("sms", id(at), one_sms));
                if (die_perhaps()) continue;  // nothing of it was written
                life->write();
                deliveries[at] = Stage::sending;
            } else if (deliveries[at] == Stage::sending) {
                bool is_sent = chance() % 2 == 0;
                if (is_sent)
                    life->budgets.spent("sms", id(at), 0, std::nullopt);
                else
                    life->budgets.released("sms", id(at));
                if (die_perhaps()) continue;  // the receipt says it again
                life->write();
                deliveries[at] = is_sent ? Stage::ended : Stage::waiting;
            }
        }
        CHECK(life->standing().spent == 8 * 250'000);
        CHECK(life->standing().reserved == 0);
    }
}

TEST_CASE("thresholds and what people set are events with their share and their name") {
    std::map<std::string, std::string> disk;
    Clock clock;
    auto of = settings(1'000'000);
    of.thresholds = {50, 100};
    Life life(disk, clock, of);
    for (int i = 0; i < 2; ++i) {
        auto id = "delivery/" + std::to_string(i);
        CHECK_FALSE(life.budgets.admit("sms", id, one_sms));
        life.budgets.spent("sms", id, 0, std::nullopt);
    }
    life.write();
    REQUIRE(life.events.size() == 1);
    CHECK(life.events[0].kind == "budget.threshold");
    CHECK(life.events[0].subject == "budget/sms");
    CHECK(life.events[0].data == R"({"percent":50})");
    life.budgets.find("sms")->reset("user 'anna'", "the fair", clock.at);
    life.budgets.changed("sms");
    life.write();
    CHECK(life.events.back().kind == "budget.set");
    CHECK(life.events.back().who == "user 'anna'");
    CHECK(life.events.back().words.find("the fair") != std::string::npos);
}

TEST_CASE("another configuration keeps what was spent, and one that goes and comes back too") {
    std::map<std::string, std::string> disk;
    Clock clock;
    Life life(disk, clock, settings(1'000'000));
    CHECK_FALSE(life.budgets.admit("sms", "delivery/1", {{"sms", 4}}));
    life.budgets.spent("sms", "delivery/1", 0, std::nullopt);
    life.write();
    CHECK(life.budgets.admit("sms", "delivery/2", one_sms));
    life.budgets.configure({});
    CHECK(life.budgets.find("sms") == nullptr);
    CHECK_FALSE(life.budgets.admit("sms", "delivery/2", one_sms));  // nothing holds it then
    life.budgets.configure({settings(2'000'000)});
    CHECK(life.standing().spent == 1'000'000);
    CHECK_FALSE(life.budgets.admit("sms", "delivery/2", one_sms));
}

TEST_CASE("a count counts, with the price of its unit or of a broader one") {
    std::map<std::string, std::string> disk;
    Clock clock;
    auto of = settings(10'000'000, "");
    of.prices = {{"post", 2'000'000, 0}};
    Life life(disk, clock, of);
    CHECK(*life.budgets.price("sms", "post_with_link", 2) == 4);
    CHECK(*life.budgets.price("sms", "message", 3) == 3);
    CHECK_FALSE(Life(disk, clock, settings(1)).budgets.price("sms", "post", 1));
}
