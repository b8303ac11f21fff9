// core/maintenance_test.cc: what maintenance holds, and how it ends.

#include "core/maintenance.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::maintenance;
using namespace std::chrono_literals;

namespace {

constexpr WallTime noon{std::chrono::seconds(1'772'449'200)};

Maintenance of(std::vector<std::string> needs) {
    return begin({}, noon, 2h, std::move(needs), "new disks", "anna");
}

}  // namespace

TEST_CASE("maintenance holds all tasks, or those that need what it names") {
    Task report{.name = "report", .needs = {"db:db_0"}, .resources = {"gpu"}};
    CHECK(holds(of({}), report));
    CHECK(holds(of({"db"}), report));
    CHECK(holds(of({"web", "db:*"}), report));
    CHECK(holds(of({"db:db_0"}), report));
    CHECK_FALSE(holds(of({"db:db_1"}), report));
    CHECK_FALSE(holds(of({"d"}), report));
    CHECK(holds(of({"gpu"}), report));
    CHECK_FALSE(holds(of({"web"}), report));
    CHECK_FALSE(holds(Maintenance{}, report));
    CHECK(block_words(of({"db", "gpu"})) == "maintenance by anna of 'db', 'gpu': new disks");
}

TEST_CASE("maintenance ends by itself, also when the clock is set back a year") {
    auto maintenance = of({});
    CHECK_FALSE(is_over(maintenance, noon + 2h - 1ms));
    CHECK(is_over(maintenance, noon + 2h));
    CHECK_FALSE(is_over(maintenance, noon - 1h));
    CHECK(is_over(maintenance, noon - 24h * 365));
    CHECK(begin({}, noon, 24h * 365, {}, "", "").until == noon + 24h * 14);
}

TEST_CASE("maintenance that is begun again goes on, with another end") {
    auto maintenance = of({"db"});
    maintenance.counts.jobs = 7;
    auto longer = begin(maintenance, noon + 1h, 3h, {}, "slow disks", "ben");
    CHECK(longer.began == noon);
    CHECK(longer.until == noon + 4h);
    CHECK(longer.counts.jobs == 7);
    CHECK(holds(longer, {.name = "x"}));
}

TEST_CASE("what was held is caught up with at a rate that the held tasks share") {
    auto maintenance = of({});
    CHECK_FALSE(throttle(maintenance));
    maintenance.counts = {.jobs = 3, .files = 1, .skipped = 2, .silenced = 0};
    maintenance = end(maintenance, noon + 2h, {{"export", 2}, {"report", 1}, {"idle", 0}});
    CHECK(maintenance.phase == Phase::catching_up);
    CHECK(report(maintenance) ==
          "maintenance of 2 h ended: 3 jobs and 1 file were held, 2 due times skipped, 0 messages "
          "silenced; catching up with 3 jobs of 2 tasks at 10 in 1 s");
    REQUIRE(throttle(maintenance));
    CHECK(throttle(maintenance)->tasks == std::vector<std::string>{"export", "report"});
    CHECK(throttle(maintenance)->rate == catch_up_rate);
    for (auto task : {"export", "other", "report"}) maintenance = note_left(maintenance, task);
    CHECK(maintenance.phase == Phase::catching_up);
    maintenance = note_left(maintenance, "export");
    CHECK(maintenance.phase == Phase::off);
    CHECK_FALSE(throttle(maintenance));
}

TEST_CASE("when nothing waits there is nothing to catch up with") {
    auto maintenance = end(of({}), noon + 30min, {});
    CHECK(maintenance.phase == Phase::off);
    CHECK(report(maintenance).ends_with("; nothing to catch up with"));
    CHECK(end(maintenance, noon, {{"a", 1}}) == maintenance);
}

TEST_CASE("maintenance begun while another is caught up with holds that work again") {
    auto maintenance = end(of({}), noon + 2h, {{"export", 2}});
    maintenance = begin(maintenance, noon + 3h, 1h, {}, "again", "anna");
    CHECK(maintenance.phase == Phase::on);
    CHECK(maintenance.backlog.empty());
    CHECK(maintenance.began == noon + 3h);
}

TEST_CASE("maintenance is the same after it was written and read") {
    auto maintenance = of({"db", "line\nbreak"});
    maintenance.counts = {1, 2, 3, 4};
    CHECK(read(write(maintenance)) == maintenance);
    maintenance = end(maintenance, noon + 1h, {{"export", 2}, {"a=b", 7}});
    CHECK(read(write(maintenance)) == maintenance);
    CHECK(read("") == Maintenance{});
    CHECK(read("phase=2\ntask=x\nwaiting=-4\n") == Maintenance{});
    CHECK(read("phase=9\n") == Maintenance{});
}
