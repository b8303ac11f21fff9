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

TEST_CASE("every from the start comes at its interval, from the end after each end") {
    Task from_start = task("0 0 30 2 *", {90}), from_end = from_start;
    from_start.every = from_end.every = 600;
    from_end.every_from_end = true;
    CHECK(day(from_start).started == 144);
    // Each takes 600 s of waiting and 90 s of work.
    CHECK(day(from_end).started == (86'399 - 599) / 690 + 1);
}

TEST_CASE("an every from the end goes on after a job that overlap refused") {
    Task one = task("5 0 * * *", {700}, queue::Overlap::skip);
    one.every = 600;
    one.every_from_end = true;
    TaskReport const report = day(one);
    CHECK(report.skipped == 1);
    CHECK(report.started > 60);
}

TEST_CASE("what follows on others comes when all of them, or any of them, have ended") {
    Task first = task("0 3 * * *", {3600}), second = task("0 1 * * *", {60});
    Task all = task("0 0 30 2 *", {10}), any = all;
    all.after = {{.others = {0, 1}, .any_of = false}};
    any.after = {{.others = {0, 1}, .any_of = true}};
    Report const report = simulate::simulate({first, second, all, any}, -1, 2);
    CHECK(report.tasks.at(2).started == 2);
    CHECK(report.tasks.at(3).started == 4);
}

TEST_CASE("tasks that share a resource wait for each other, whoever came first is next") {
    Task long_one = task("0 0 * * *", {7200}), other = task("0 1 * * *", {60});
    long_one.resources = other.resources = {{"db", 1}};
    Report const report = simulate::simulate({long_one, other}, -1, 1, 1000, 10, {{"db", 1}});
    CHECK(report.tasks.at(1).greatest_wait == 3600);
    CHECK(report.tasks.at(1).greatest_wait_at == 3600);
    CHECK(report.resources.at(0).greatest_use == 1);
    CHECK(report.resources.at(0).busy == 7260);
    Report const two = simulate::simulate({long_one, other}, -1, 1, 1000, 10, {{"db", 2}});
    CHECK(two.tasks.at(1).late == 0);
    CHECK(two.resources.at(0).greatest_use == 2);
}

TEST_CASE("a resource is kept for the big job that waits, so that small ones do not starve it") {
    Task small = task("* * * * *", {100}), big = task("0 12 * * *", {60});
    small.workers = 4;
    small.resources = {{"gpu", 1}};
    big.resources = {{"gpu", 2}};
    Report const report = simulate::simulate({small, big}, -1, 1, 10'000, 10, {{"gpu", 2}});
    CHECK(report.tasks.at(1).started == 1);
    CHECK(report.tasks.at(1).greatest_wait <= 100);
}

TEST_CASE("what needs more of a resource than there is never starts, and keeps nothing") {
    Task too_big = task("0 1 * * *", {60}), other = task("0 2 * * *", {60});
    too_big.resources = {{"db", 3}};
    other.resources = {{"db", 1}};
    Report const report = simulate::simulate({too_big, other}, -1, 1, 1000, 10, {{"db", 1}});
    CHECK(report.tasks.at(0).started == 0);
    CHECK(report.tasks.at(0).left == 1);
    CHECK(report.tasks.at(1).started == 1);
}

TEST_CASE("closed hours make jobs late until they are over") {
    Task one = task("0 * * * *", {60});
    one.opens = [](std::int64_t at) { return at % 86'400 < 6 * 3600 ? 6 * 3600 : at; };
    TaskReport const report = day(one);
    CHECK(report.started == 24);
    CHECK(report.greatest_wait == 6 * 3600);
    CHECK(report.greatest_depth == 6);
    CHECK(report.greatest_depth_at == 5 * 3600);
}

TEST_CASE("due instants that a calendar leaves out bring nothing") {
    Task one = task("0 * * * *", {60});
    one.schedules.front().counts = [](std::int64_t due) { return due >= 12 * 3600; };
    CHECK(day(one).due == 12);
}

TEST_CASE("minutes in which several tasks begin are counted by which tasks they are") {
    Task const hourly = task("0 * * * *", {1}), night = task("0 3 * * *", {1}),
               seldom = task("30 3 * * *", {1});
    Task late = night;
    late.name = "late";
    Report const report = simulate::simulate({hourly, late, seldom}, -1, 3);
    REQUIRE(report.collisions.size() == 1);
    CHECK(report.collisions.front().tasks == std::vector<std::string>{"t", "late"});
    CHECK(report.collisions.front().minutes == 3);
    CHECK(report.collisions.front().first == 3 * 3600);
    CHECK(report.collision_minutes == 3);
}

TEST_CASE("tasks that bring each other at one instant end with the number of jobs") {
    Task first = task("0 1 * * *", {0}), second = task("0 0 30 2 *", {0});
    first.after = {{.others = {1}, .any_of = true}};
    second.after = {{.others = {0}, .any_of = true}};
    CHECK(simulate::simulate({first, second}, -1, 1, 100).cut);
}
