// core/simulate_test.cc: days of work played on a virtual clock.

#include "core/simulate.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::simulate;

namespace {

Task task(std::string const& expression, std::vector<std::int64_t> durations,
          queue::Overlap overlap = queue::Overlap::queue) {
    auto read = text::parse_cron(expression);
    REQUIRE(read.ok());
    Task made;
    made.name = "t";
    made.schedules.push_back({read->cron, std::make_shared<schedule::Zone const>(), 0});
    made.durations = std::move(durations);
    made.overlap = overlap;
    return made;
}

/// The report on one task over one day.
TaskReport day(Task const& one) { return simulate::simulate({one}, -1, 1).tasks.at(0); }

}  // namespace

TEST_CASE("jobs that are shorter than their interval never wait") {
    TaskReport const report = day(task("0 * * * *", {600}));
    CHECK(report.due == 24);
    CHECK(report.started == 24);
    CHECK(report.late == 0);
    CHECK(report.overlaps == 0);
    CHECK(report.busy == 24 * 600);
    CHECK(report.greatest_depth == 0);
}

TEST_CASE("a job that takes longer than its interval makes the next ones late") {
    TaskReport const report = day(task("0 * * * *", {2 * 3600}));
    CHECK(report.due == 24);
    CHECK(report.started == 12);
    CHECK(report.overlaps == 23);
    CHECK(report.late == 11);
    CHECK(report.greatest_wait == 11 * 3600);
    CHECK(report.greatest_wait_at == 11 * 3600);
    CHECK(report.left == 12);
    CHECK(report.busy == 86'399);
}

TEST_CASE("two workers keep up where one does not") {
    Task two = task("0 * * * *", {2 * 3600});
    two.workers = 2;
    TaskReport const report = day(two);
    CHECK(report.started == 24);
    CHECK(report.late == 0);
    CHECK(report.left == 0);
}

TEST_CASE("overlap = skip leaves out what is due while one runs") {
    TaskReport const report = day(task("0 * * * *", {5400}, queue::Overlap::skip));
    CHECK(report.started == 12);
    CHECK(report.skipped == 12);
    CHECK(report.late == 0);
}

TEST_CASE("overlap = replace ends what runs") {
    TaskReport const report = day(task("0 * * * *", {5400}, queue::Overlap::replace));
    CHECK(report.started == 24);
    CHECK(report.replaced == 23);
    CHECK(report.late == 0);
    CHECK(report.busy == 23 * 3600 + 3599);
}

TEST_CASE("overlap = parallel runs up to so many and queues the rest") {
    Task parallel = task("0 * * * *", {3 * 3600}, queue::Overlap::parallel);
    parallel.parallel = 2;
    TaskReport const report = day(parallel);
    CHECK(report.started == 16);
    CHECK(report.left == 8);
}

TEST_CASE("a full queue refuses") {
    Task full = task("0 * * * *", {86'400});
    full.queue_max = 3;
    TaskReport const report = day(full);
    CHECK(report.refused == 20);
    CHECK(report.greatest_depth == 3);
    CHECK(report.left == 3);
}

TEST_CASE("durations of the past are used in turn, and arrivals bring jobs too") {
    Task mixed = task("0 0 * * *", {100, 200});
    mixed.arrivals = {50'000, 10'000, 10'050, -5};
    TaskReport const report = day(mixed);
    CHECK(report.due == 4);
    CHECK(report.busy == 600);
    CHECK(report.late == 1);
    CHECK(report.greatest_wait == 150);
    CHECK(report.greatest_wait_at == 10'050);
}

TEST_CASE("an end and a due time at the same instant do not overlap") {
    TaskReport const report = day(task("0 * * * *", {3600}));
    CHECK(report.overlaps == 0);
    CHECK(report.late == 0);
}

TEST_CASE("depth is told over time, of all tasks together, and long runs keep their peaks") {
    Task short_one = task("0 6 * * *", {60}), other = task("0 6 * * *", {120});
    Report const report = simulate::simulate({short_one, other}, -1, 1);
    CHECK(report.depth == std::vector<Depth>{{21'600, 0, 2}, {21'660, 0, 1}, {21'720, 0, 0}});
    CHECK_FALSE(report.cut);
    Report const long_run =
        simulate::simulate({task("* * * * *", {59, 300})}, -1, 30, 1'000'000, 10);
    CHECK(long_run.depth.size() <= 10);
    CHECK(long_run.depth.back().ready + 10 >= long_run.tasks[0].left);
}

TEST_CASE("a simulation has a bound, and says when it met it") {
    Report const report = simulate::simulate({task("* * * * *", {})}, -1, 3'650, 1'000);
    CHECK(report.cut);
    CHECK(report.tasks[0].due == 1'000);
}
