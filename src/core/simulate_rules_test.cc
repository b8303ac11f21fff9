// core/simulate_rules_test.cc: what priorities, unique keys, circuits, budgets and full queues
// cost.

#include <doctest/doctest.h>

#include "core/simulate_house_test.h"

using namespace lares;
using namespace lares::simulate;
using namespace lares::simulate::testing;

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

/// All at one instant.
std::vector<Arrival> burst(std::int64_t at, int count) {
    return std::vector<Arrival>(std::size_t(count), Arrival{.at = at});
}

/// A task that only arrivals bring jobs.
Task fed(std::vector<Arrival> arrivals, std::int64_t seconds) {
    Task made = task("0 0 30 2 *", {seconds});
    made.arrivals = std::move(arrivals);
    return made;
}

}  // namespace

TEST_CASE("of jobs that wait the one of the highest priority starts first") {
    Task one = fed(burst(1'000, 3), 100);
    one.rules.ageing = Duration(0);
    one.arrivals[2].priority = 5;
    Report const report = simulate::simulate({one}, -1, 1);
    REQUIRE(report.priorities.size() == 2);
    PriorityReport const &high = report.priorities[0], &low = report.priorities[1];
    CHECK(high.priority == 5);
    CHECK(high.late == 0);
    CHECK(low.started == 2);
    CHECK(low.greatest_wait == 200);
    CHECK(low.greatest_wait_at == 1'000);
    CHECK(low.total_wait == 300);
}

TEST_CASE("a low priority starves where priorities are strict, and comes to its turn by ageing") {
    // The high ones come as fast as they are done.
    std::vector<Arrival> arrivals = burst(0, 2);
    arrivals[1].priority = 0;
    for (std::int64_t at = 100; at < 86'000; at += 100)
        arrivals.push_back({.at = at, .priority = 10});
    arrivals[0].priority = 10;
    Task one = fed(arrivals, 100);
    one.rules.ageing = Duration(0);
    Report report = simulate::simulate({one}, -1, 1);
    CHECK(report.priorities[1].greatest_wait == 86'000);
    one.rules.ageing = std::chrono::minutes(10);
    report = simulate::simulate({one}, -1, 1);
    CHECK(report.priorities[1].priority == 0);
    CHECK(report.priorities[1].greatest_wait == 10 * 600);
    CHECK(report.priorities[0].late > 0);
}

TEST_CASE("priorities count among tasks that share a resource") {
    Task low = fed(burst(1'000, 2), 100), high = fed({{1'050}}, 100);
    low.rules.resources = high.rules.resources = {{"db", 1}};
    low.rules.workers = 2;
    auto const played = [&] {
        return simulate::simulate(house({low, high}), -1, 1, 1'000, 10, {{"db", 1}});
    };
    CHECK(played().tasks[1].greatest_wait == 150);
    high.priority = 1;
    CHECK(played().tasks[1].greatest_wait == 50);
    CHECK(played().tasks[0].greatest_wait == 200);
}

TEST_CASE("unique refuses a job while one with its key is live, and takes it afterwards") {
    Task one = fed({{.at = 100, .key = "a"},
                    {.at = 150, .key = "b"},
                    {.at = 160, .key = "a"},
                    {.at = 201, .key = "a"}},
                   100);
    TaskReport report = day(one);
    CHECK(report.due == 4);
    CHECK(report.duplicates == 1);
    CHECK(report.started == 3);
    CHECK(report.refused == 0);
    Task clocked = task("*/10 * * * *", {3 * 600 + 1});
    clocked.key = "k";
    report = day(clocked);
    CHECK(report.duplicates == 108);
    CHECK(report.started == 36);
}

TEST_CASE("a unique key is held while its job waits to be tried again") {
    Task one = failing({bad, good}, 1);
    one.key = "k";
    one.rules.retry.backoff_min = one.rules.retry.backoff_max = std::chrono::hours(2);
    TaskReport const report = day(one);
    CHECK(report.duplicates == 16);
    CHECK(report.started == 16);
}

TEST_CASE("a circuit opens after so many failed jobs, and is tried one at a time") {
    Task one = fed(burst(0, 20), 10);
    one.rules.workers = 5;
    one.circuit = 5;
    one.attempts = {{.seconds = 10, .how = How::error, .code = 1}};
    TaskReport const report = simulate::simulate({one}, -1, 1).tasks[0];
    // Five at once; then one each after 60, 120, 240, … s and at last every hour.
    CHECK(report.opened == 16);
    CHECK(report.started == 20);
    CHECK(report.dead == 20);
    CHECK(report.circuit.jobs == 15);
    CHECK(report.circuit.greatest == report.open_for - 3'600);
    // 1, 2, 4, …, 32 minutes and ten hours, the last of which holds nobody.
    CHECK(report.open_for == (63 + 10 * 60) * 60);
    one.circuit = 0;
    CHECK(day(one).opened == 0);
    CHECK(day(one).circuit == Hold{});
}

TEST_CASE("a success closes a circuit, and all workers go on") {
    Task one = fed(burst(0, 9), 10);
    one.rules.workers = 3;
    one.circuit = 3;
    Attempt const fails{.seconds = 10, .how = How::error, .code = 1};
    one.attempts = {fails, fails, fails, {10}, {10}, {10}, {10}, {10}, {10}};
    TaskReport const report = day(one);
    CHECK(report.opened == 1);
    CHECK(report.open_for == 60);
    CHECK(report.circuit.jobs == 6);
    CHECK(report.circuit.greatest == 60);
    CHECK(report.circuit.total == 6 * 60);
    CHECK(report.greatest_wait == 10 + 60 + 10 + 10);
}

TEST_CASE("retries wait for the budget of their task, first attempts do not") {
    Task one = fed(burst(0, 6), 10);
    one.rules.workers = 100;
    one.rules.retry = {.retries = 1,
                       .backoff_min = std::chrono::seconds(20),
                       .backoff_max = std::chrono::seconds(20),
                       .jitter_percent = 0,
                       .budget = {.count = 2, .span = std::chrono::seconds(600)}};
    Attempt const fails{.seconds = 10, .how = How::error, .code = 1};
    one.attempts = {fails, fails, fails, fails, fails, fails, {10}};
    one.attempts.resize(1'000, {10});
    one.arrivals.push_back({.at = 100});
    TaskReport const report = day(one);
    CHECK(report.started == 13);
    CHECK(report.budget.jobs == 4);
    CHECK(report.budget.greatest == 1'200);
    CHECK(report.budget.total == 2 * 600 + 2 * 1'200);
    CHECK(report.late == 4);
    CHECK(report.circuit == Hold{});
}

TEST_CASE("a first attempt that waits while the budget is used up does not wait for it") {
    Task one = fed({{.at = 0}, {.at = 35}}, 10);
    one.rules.retry = {.retries = 1,
                       .backoff_min = std::chrono::seconds(20),
                       .backoff_max = std::chrono::seconds(20),
                       .jitter_percent = 0,
                       .budget = {.count = 1, .span = std::chrono::seconds(600)}};
    one.attempts = {{.seconds = 10, .how = How::error, .code = 1}, {10}, {10}};
    TaskReport const report = day(one);
    CHECK(report.started == 3);
    CHECK(report.greatest_wait == 5);
    CHECK(report.budget == Hold{});
}

TEST_CASE("how long closed hours and needs held jobs up is told of each") {
    Task closed = task("0 * * * *", {60});
    closed.hours = [](std::int64_t at) {
        Hours hours{.next_begin = 86'400 - at % 86'400};
        if (at % 86'400 < 2 * 3600) hours.closed_for = 2 * 3600 - at % 86'400;
        return hours;
    };
    TaskReport report = day(closed);
    CHECK(report.hours.jobs == 2);
    CHECK(report.hours.total == 3 * 3600);
    CHECK(report.needs == Hold{});
    Task nightly = task("0 3 * * *", {3600}), needing = task("0 2 * * *", {60});
    needing.needs = {0};
    report = simulate::simulate(house({nightly, needing}), -1, 1).tasks[1];
    CHECK(report.needs.jobs == 1);
    CHECK(report.needs.greatest == 2 * 3600);
    CHECK(report.hours == Hold{});
}

TEST_CASE("files wait outside of a full task in their order, and are late then") {
    std::vector<Arrival> files = burst(1'000, 5);
    for (Arrival& one : files) one.how = Arrival::How::file;
    Task one = fed(files, 100);
    one.rules.queue_max = 1;
    TaskReport report = day(one);
    CHECK(report.due == 5);
    CHECK(report.started == 5);
    CHECK(report.refused == 0);
    CHECK(report.stood_back == 4);
    CHECK(report.greatest_wait == 400);
    CHECK(report.greatest_depth == 1);
    for (Arrival& file : one.arrivals) file.how = Arrival::How::put;
    CHECK(day(one).refused == 4);
}

TEST_CASE("due times of a full task that waits for room are made up for as catchup says") {
    Task one = task("0 * * * *", {5 * 3600});
    one.rules.queue_max = 1;
    one.rules.when_full = queue::WhenFull::wait;
    one.catchup.made_up = [](std::size_t missed) { return std::min<std::size_t>(missed, 1); };
    TaskReport report = day(one);
    CHECK(report.due == 24);
    CHECK(report.started == 5);
    CHECK(report.refused == 0);
    CHECK(report.stood_back == 5);
    CHECK(report.missed == 3 + 3 * 4);
    CHECK(report.greatest_wait == 5 * 3600);
    one.catchup.made_up = [](std::size_t) { return std::size_t{0}; };
    TaskReport const none = day(one);
    CHECK(none.missed == 4 * 4);
    CHECK(none.due == 24);
    one.rules.when_full = queue::WhenFull::refuse;
    CHECK(day(one).missed == 0);
    CHECK(day(one).refused > 0);
}

TEST_CASE("what follows on another is taken also by a full task: it has happened") {
    Task first = fed(burst(1'000, 5), 0), next = fed({}, 3'600);
    first.rules.workers = 5;
    next.rules.queue_max = 1;
    next.after = {{.others = {{0}}}};
    TaskReport const report = simulate::simulate(house({first, next}), -1, 1).tasks[1];
    CHECK(report.started == 5);
    CHECK(report.refused == 0);
    CHECK(report.greatest_depth == 4);
}

TEST_CASE("overlap is for what triggers bring, not for what a person or a file brings") {
    Task one = fed(burst(1'000, 3), 100);
    one.rules.overlap = queue::Overlap::skip;
    CHECK(day(one).started == 3);
    for (Arrival& arrival : one.arrivals) arrival.how = Arrival::How::event;
    CHECK(day(one).started == 1);
    CHECK(day(one).skipped == 2);
}

TEST_CASE("what a clock brings without the payload that its task must have is refused") {
    Task one = task("0 * * * *", {60});
    one.refuses_clocks = true;
    one.arrivals = {{1'000}};
    TaskReport const report = day(one);
    CHECK(report.due == 25);
    CHECK(report.refused == 24);
    CHECK(report.started == 1);
}

TEST_CASE("thousands of tasks that share in different ways end a simulation early, not late") {
    std::vector<Task> tasks;
    Resources resources;
    for (int i = 0; i < 500; ++i) {
        Task one = task("* * * * *", {600});
        one.name = "t" + std::to_string(i);
        one.rules.resources = {{"all", 1}, {"r" + std::to_string(i), 1}};
        resources["r" + std::to_string(i)] = 1;
        tasks.push_back(std::move(one));
    }
    resources["all"] = 1;
    Report const report = simulate::simulate(tasks, -1, 400, 1'000'000, 10, resources, 30'000'000);
    CHECK(report.cut);
    CHECK(report.played_until < 86'400);
    CHECK(report.played_until > 0);
}
