// core/past_test.cc: what is remembered of jobs, and old arrivals on days to come.

#include "core/past.h"

#include <doctest/doctest.h>

using namespace lares::simulate;

namespace {
constexpr std::int64_t a_day = 86'400, a_week = 7 * a_day;

/// The instants alone.
std::vector<std::int64_t> again_at(std::vector<std::int64_t> const& instants, std::int64_t first,
                                   std::int64_t last, std::int64_t from, std::int64_t until) {
    std::vector<Arrival> arrivals;
    for (std::int64_t const at : instants) arrivals.push_back({.at = at});
    std::vector<std::int64_t> again;
    for (Arrival const& one : lares::simulate::repeated(arrivals, first, last, from, until))
        again.push_back(one.at);
    return again;
}
}  // namespace

TEST_CASE(
    "attempts are remembered in their order with how they went; what was cut short tells nothing") {
    PastReader reader;
    reader.add_run("a", 1300, 499, "ok", 0);
    reader.add_run("a", 1200, 9'000, "interrupted", 0);
    reader.add_run("a", 1100, 1'200, "ok", 0);
    reader.add_run("a", 1050, 2'000, "crash", 0);
    reader.add_run("a", 1000, 1'500, "error", 7);
    Past const past = reader.take();
    using How = Attempt::How;
    CHECK(past.tasks.at("a").attempts ==
          std::vector<Attempt>{{2, How::error, 7}, {2, How::crash, 0}, {1, How::good, 0}, {0}});
    CHECK(past.runs == 4);
    CHECK(past.first == 1000);
    CHECK(past.last == 1300);
}

TEST_CASE("what clocks and ends of others brought is no arrival, since both are played again") {
    PastReader reader;
    for (char const* source :
         {"schedule 0 3 * * *", "schedule 0 3 * * * (catching up)", "every", "after load",
          "on_success of load", "folder in", "put by anna", "http /hook/x", "on_failure of load"})
        reader.add_job({.task = "a", .created = 50, .source = source});
    Past const past = reader.take();
    CHECK(past.arrivals == 3);
    CHECK(past.tasks.at("a").arrivals.size() == 3);
}

TEST_CASE("arrivals come again a week later, and week after week") {
    std::int64_t const last = 10 * a_day;
    auto const again = again_at({2 * a_day, 9 * a_day}, 0, last, last, last + 2 * a_week);
    // The newest whole week is from day 3 to day 10: the one of day 2 is older.
    CHECK(again == std::vector<std::int64_t>{16 * a_day, 23 * a_day});
}

TEST_CASE("a past of less than a week is repeated by days, one of hours every day") {
    CHECK(again_at({100}, 0, 3600, 3600, 3600 + 3 * a_day) ==
          std::vector<std::int64_t>{100 + a_day, 100 + 2 * a_day, 100 + 3 * a_day});
    CHECK(again_at({100}, 0, 3 * a_day, 3 * a_day, 9 * a_day).empty() == false);
}

TEST_CASE("days that lie in the past get the arrivals that they had") {
    std::int64_t const last = 4 * a_week;
    CHECK(again_at({a_week + 5, 3 * a_week + 6}, 0, last, a_week, 2 * a_week) ==
          std::vector<std::int64_t>{a_week + 5});
    CHECK(again_at({a_week + 5}, 0, last, a_week + 5, 2 * a_week).empty());
}

TEST_CASE("arrivals that fall on the bounds count once") {
    CHECK(again_at({a_day}, 0, a_day, a_day, 3 * a_day) ==
          std::vector<std::int64_t>{2 * a_day, 3 * a_day});
    CHECK(again_at({}, 0, 0, 0, a_week).empty());
}
