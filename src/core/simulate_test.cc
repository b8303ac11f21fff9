// core/simulate_test.cc: days of work played on a virtual clock.

#include "core/simulate.h"

#include <doctest/doctest.h>

#include "core/simulate_house_test.h"

using namespace lares;
using namespace lares::simulate;
using namespace lares::simulate::testing;

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
    two.rules.workers = 2;
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
    parallel.rules.parallel = 2;
    TaskReport const report = day(parallel);
    CHECK(report.started == 16);
    CHECK(report.left == 8);
}

TEST_CASE("a full queue refuses") {
    Task full = task("0 * * * *", {86'400});
    full.rules.queue_max = 3;
    TaskReport const report = day(full);
    CHECK(report.refused == 20);
    CHECK(report.greatest_depth == 3);
    CHECK(report.left == 3);
}

TEST_CASE("durations of the past are used in turn, and arrivals bring jobs too") {
    Task mixed = task("0 0 * * *", {100, 200});
    mixed.arrivals = {{50'000}, {10'000}, {10'050}, {-5}};
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
    Report const report = simulate::simulate(house({short_one, other}), -1, 1);
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
    all.after = {{.others = {{0}, {1}}, .any_of = false}};
    any.after = {{.others = {{0}, {1}}, .any_of = true}};
    Report const report = simulate::simulate(house({first, second, all, any}), -1, 2);
    CHECK(report.tasks.at(2).started == 2);
    CHECK(report.tasks.at(3).started == 4);
}

TEST_CASE("tasks that share a resource wait for each other, whoever came first is next") {
    Task long_one = task("0 0 * * *", {7200}), other = task("0 1 * * *", {60});
    long_one.rules.resources = other.rules.resources = {{"db", 1}};
    Report const report =
        simulate::simulate(house({long_one, other}), -1, 1, 1000, 10, {{"db", 1}});
    CHECK(report.tasks.at(1).greatest_wait == 3600);
    CHECK(report.tasks.at(1).greatest_wait_at == 3600);
    CHECK(report.resources.at(0).greatest_use == 1);
    CHECK(report.resources.at(0).busy == 7260);
    Report const two = simulate::simulate(house({long_one, other}), -1, 1, 1000, 10, {{"db", 2}});
    CHECK(two.tasks.at(1).late == 0);
    CHECK(two.resources.at(0).greatest_use == 2);
}

TEST_CASE("a resource is kept for the big job that waits, so that small ones do not starve it") {
    Task small = task("* * * * *", {100}), big = task("0 12 * * *", {60});
    small.rules.workers = 4;
    small.rules.resources = {{"gpu", 1}};
    big.rules.resources = {{"gpu", 2}};
    Report const report = simulate::simulate(house({small, big}), -1, 1, 10'000, 10, {{"gpu", 2}});
    CHECK(report.tasks.at(1).started == 1);
    CHECK(report.tasks.at(1).greatest_wait <= 100);
}

TEST_CASE("what needs more of a resource than there is never starts, and keeps nothing") {
    Task too_big = task("0 1 * * *", {60}), other = task("0 2 * * *", {60});
    too_big.rules.resources = {{"db", 3}};
    other.rules.resources = {{"db", 1}};
    Report const report = simulate::simulate(house({too_big, other}), -1, 1, 1000, 10, {{"db", 1}});
    CHECK(report.tasks.at(0).started == 0);
    CHECK(report.tasks.at(0).left == 1);
    CHECK(report.tasks.at(1).started == 1);
}

TEST_CASE("closed hours make jobs late until they are over") {
    Task one = task("0 * * * *", {60});
    one.hours = [](std::int64_t at) {
        std::int64_t const second = at % 86'400;
        Hours hours{.next_begin = 86'400 - second};
        if (second < 6 * 3600) hours.closed_for = 6 * 3600 - second;
        return hours;
    };
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
    Report const report = simulate::simulate(house({hourly, late, seldom}), -1, 3);
    REQUIRE(report.collisions.size() == 1);
    CHECK(report.collisions.front().tasks == std::vector<std::string>{"t", "late"});
    CHECK(report.collisions.front().minutes == 3);
    CHECK(report.collisions.front().first == 3 * 3600);
    CHECK(report.collision_minutes == 3);
}

TEST_CASE("tasks that bring each other at one instant end with the number of jobs") {
    Task first = task("0 1 * * *", {0}), second = task("0 0 30 2 *", {0});
    first.after = {{.others = {{1}}, .any_of = true}};
    second.after = {{.others = {{0}}, .any_of = true}};
    CHECK(simulate::simulate(house({first, second}), -1, 1, 100).cut);
}

namespace {

using How = Attempt::How;
constexpr Attempt good{.seconds = 60}, bad{.seconds = 60, .how = How::error, .code = 1};

/// Hourly, with waits that nothing lengthens.
Task failing(std::vector<Attempt> attempts, int retries) {
    Task made = task("0 * * * *", {});
    made.attempts = std::move(attempts);
    made.rules.retry = {.retries = retries,
                        .backoff_min = std::chrono::seconds(100),
                        .backoff_max = std::chrono::seconds(200),
                        .jitter_percent = 0};
    return made;
}

}  // namespace

TEST_CASE("an attempt that failed is tried again after its wait, and takes its time again") {
    TaskReport const report = day(failing({bad, bad, good}, 5));
    CHECK(report.due == 24);
    CHECK(report.started == 3 * 24);
    CHECK(report.failed == 2 * 24);
    CHECK(report.dead == 0);
    CHECK(report.busy == 3 * 24 * 60);
    CHECK(report.late == 0);  // a wait before a retry is meant
    CHECK(report.left == 0);
}

TEST_CASE("a job whose retries are used up is dead, and what follows on failure comes") {
    Task one = failing({bad}, 2), on_failure = task("0 0 30 2 *", {1}), on_success = on_failure,
         on_any = on_failure;
    using On = After::On;
    on_failure.after = {{.others = {{0, On::failure}}}};
    on_success.after = {{.others = {{0, On::success}}}};
    on_any.after = {{.others = {{0, On::any}}}};
    Report const report = simulate::simulate(house({one, on_failure, on_success, on_any}), -1, 1);
    CHECK(report.tasks[0].started == 3 * 24);
    CHECK(report.tasks[0].dead == 24);
    CHECK(report.tasks[1].started == 24);
    CHECK(report.tasks[2].started == 0);
    CHECK(report.tasks[3].started == 24);
}

TEST_CASE("codes that are not retried, and crashes that poison, end a job at once") {
    Task coded = failing({bad}, 9);
    coded.rules.retry.on_codes = {75};
    CHECK(day(coded).started == 24);
    CHECK(day(coded).dead == 24);
    Task timed_out = failing({{.seconds = 60, .how = How::timeout}, good}, 9);
    timed_out.rules.retry.on_codes = {75};
    CHECK(day(timed_out).dead == 0);
    Task poison = failing({{.seconds = 60, .how = How::crash}}, 9);
    poison.rules.poison_after = 2;
    CHECK(day(poison).started == 48);
    CHECK(day(poison).dead == 24);
}

TEST_CASE("a stated share of failures replaces those of the past, the same each time") {
    Task one = failing({bad}, 0);
    one.failing = 0.25;
    TaskReport const report = simulate::simulate({one}, -1, 100).tasks[0];
    CHECK(report.failed == report.dead);
    CHECK(report.failed > 2'400 / 4 * 8 / 10);
    CHECK(report.failed < 2'400 / 4 * 12 / 10);
    CHECK(report == simulate::simulate({one}, -1, 100).tasks[0]);
    one.failing = 0;
    CHECK(day(one).failed == 0);
    one.failing = 1;
    one.rules.retry.on_codes = {75};
    one.rules.retry.retries = 1;
    CHECK(day(one).failed == 48);
}

TEST_CASE(
    "a job that waits to be tried again keeps its task busy, and one that replaces it ends it") {
    Task skips = failing({bad}, 1);
    skips.rules.overlap = queue::Overlap::skip;
    skips.rules.retry.backoff_min = skips.rules.retry.backoff_max = std::chrono::hours(2);
    TaskReport report = day(skips);
    CHECK(report.skipped == 16);
    CHECK(report.started == 16);
    CHECK(report.dead == 8);
    skips.rules.overlap = queue::Overlap::replace;
    report = day(skips);
    CHECK(report.started == 24);
    CHECK(report.replaced == 23);
    CHECK(report.left == 1);
}

TEST_CASE("what fails and is tried again at once for ever ends with the number of attempts") {
    Task one = failing({{.seconds = 0, .how = How::error}}, -1);
    one.rules.retry.backoff_min = one.rules.retry.backoff_max = Duration(0);
    CHECK(simulate::simulate({one}, -1, 1, 1'000).cut);
}

TEST_CASE("a task waits until what it needs has ended well") {
    Task nightly = task("0 3 * * *", {3600}), needs = task("0 * * * *", {60});
    needs.needs = {0};
    TaskReport report = simulate::simulate(house({nightly, needs}), -1, 1).tasks[1];
    CHECK(report.greatest_wait == 4 * 3600);
    CHECK(report.started == 24);
    nightly.ended_well = true;
    CHECK(simulate::simulate(house({nightly, needs}), -1, 1).tasks[1].late == 0);
    nightly.attempts = {bad};
    report = simulate::simulate(house({nightly, needs}), -1, 1).tasks[1];
    CHECK(report.started == 4);  // until it failed
    CHECK(report.left == 20);
}

TEST_CASE("a rate lets no more start within any of its spans") {
    Task burst = task("0 0 30 2 *", {1});
    burst.rules.workers = 100;
    for (int i = 0; i < 10; ++i) burst.arrivals.push_back({1'000});
    burst.rules.rate = {.count = 3, .span = std::chrono::seconds(60)};
    TaskReport const report = day(burst);
    CHECK(report.started == 10);
    CHECK(report.greatest_wait == 180);
    CHECK(report.late == 7);
    CHECK(report.greatest_depth == 7);
}
