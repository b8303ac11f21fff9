// core/queue_limits_test.cc: what tasks share (resources, a throttle) and what stops them from
// outside (blocks, caps).

#include "core/queue_house.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::queue;
using namespace std::chrono_literals;
using job::Outcome;

TEST_CASE("a resource is shared by all tasks, and one that waits says who holds it") {
    Rules export_task = task("export"), import_task = task("import");
    export_task.resources = import_task.resources = {{"db", 1}};
    House house({export_task, import_task}, {{"db", 1}});
    house.put("export");
    house.put("import");
    CHECK(house.take() == Ids{1});
    CHECK(house.queue.used() == std::map<std::string, int>{{"db", 1}});
    CHECK(house.why(2) ==
          "resource: waits for 1 of resource 'db': 1 of 1 held by job 1 of task 'export'");
    CHECK(house.queue.why(2, house.now).front().other == 1);
    CHECK(house.wait() == std::nullopt);
    house.end(1);
    CHECK(house.take() == Ids{2});
}

TEST_CASE("what is free is kept for who comes first, so that small ones never starve a big one") {
    Rules big = task("big"), small = task("small", 9);
    big.resources = {{"db", 3}};
    small.resources = {{"db", 1}};
    House house({big, small}, {{"db", 3}});
    house.put("small");
    house.put("small");
    house.take();
    Id large = house.put("big");
    Id late = house.put("small");
    CHECK(house.take().empty());
    CHECK(house.why(late) ==
          "resource: waits for resource 'db': what is free is kept for job 3 of task 'big', which "
          "comes first");
    house.end(1);
    CHECK(house.take().empty());
    house.end(2);
    CHECK(house.take() == Ids{large});
    house.end(large);
    CHECK(house.take() == Ids{late});
}

TEST_CASE("what comes due wakes nobody while its resource is held") {
    Rules rules = task("a", 9);
    rules.resources = {{"db", 1}};
    House house({rules}, {{"db", 1}});
    house.put("a");
    house.put("a", {}, 1h);
    CHECK(house.take() == Ids{1});
    CHECK(house.wait() == std::nullopt);
    house.end(1);
    CHECK(house.take().empty());
    CHECK(house.wait() == 1h);
}

TEST_CASE("what ages faster overtakes what a resource is kept for, at the instant that is told") {
    Rules big = task("big"), small = task("small", 9), other = task("other");
    big.resources = {{"db", 2}};
    small.resources = other.resources = {{"db", 1}};
    big.ageing = other.ageing = 10min;
    small.ageing = 1min;
    House house({big, small, other}, {{"db", 2}});
    house.put("small");
    CHECK(house.take() == Ids{1});
    house.put("big", {.priority = 1});
    Id quick = house.put("small");
    // 1 + t / 10 min = t / 1 min; of equals the older comes first.
    CHECK(house.take().empty());
    CHECK(house.wait() == 66'667ms);
    house.now += 66'666ms;
    CHECK(house.take().empty());
    house.now += 1ms;
    CHECK(house.take() == Ids{quick});
}

TEST_CASE("tasks of the same needs keep what one of them needs, not what all need together") {
    Rules big = task("big"), alike = task("alike"), small = task("small", 9);
    big.resources = alike.resources = {{"db", 2}, {"gpu", 1}};
    alike.ageing = 20min;
    small.resources = {{"db", 1}};
    House house({big, alike, small}, {{"db", 4}, {"gpu", 1}});
    house.put("big");
    CHECK(house.take() == Ids{1});
    house.put("alike");
    house.now += 1s;
    // One db is free beside what is kept for the first of the two that wait for the gpu.
    house.queue.set_resources({{"db", 5}, {"gpu", 1}});
    Rules same = big;
    same.task = "same";
    house.queue.set_rules({big, alike, small, same});
    house.put("same");
    Id little = house.put("small");
    CHECK(house.take() == Ids{little});
}

TEST_CASE("who comes first waits for what is held only, not for those behind it") {
    Rules first = task("first"), second = task("second"), third = task("third");
    third.resources = {{"gpu", 1}};
    first.resources = {{"db", 1}, {"gpu", 1}};
    second.resources = {{"db", 1}};
    House house({first, second, third}, {{"db", 1}, {"gpu", 1}});
    house.put("third");
    house.take();
    house.put("first");
    house.put("second");
    CHECK(house.take().empty());
    CHECK(house.why(2) ==
          "resource: waits for 1 of resource 'gpu': 1 of 1 held by job 1 of task 'third'");
    CHECK(house.queue.why(3, house.now).front().other == 2);
}

TEST_CASE("what needs more than there is waits for good, says so, and keeps nothing") {
    Rules big = task("big"), small = task("small");
    big.resources = {{"db", 3}, {"gpu", 1}};
    small.resources = {{"db", 2}};
    House house({big, small}, {{"db", 2}});
    house.put("big", {.priority = 9});
    house.put("small");
    CHECK(house.take() == Ids{2});
    CHECK(house.why(1) ==
          "resource: needs 3 of resource 'db', of which there are 2: it can never start; resource: "
          "needs 1 of resource 'gpu', of which there are 0: it can never start");
    house.queue.set_resources({{"db", 5}, {"gpu", 1}});
    CHECK(house.take() == Ids{1});
}

TEST_CASE("a running job holds what it took, though the rules have changed since") {
    Rules rules = task("a");
    rules.resources = {{"db", 1}};
    House house({rules}, {{"db", 1}});
    house.put("a");
    house.take();
    house.queue.set_rules({task("a")});
    CHECK(house.queue.used().at("db") == 1);
    house.end(1);
    CHECK(house.queue.used().at("db") == 0);
}

TEST_CASE("blocks stop a task or all; one with an end lifts itself, and deadline knows") {
    House house({task("a"), task("b")});
    house.put("a");
    house.queue.block("a", {"paused", "paused by anna", std::nullopt});
    house.queue.block("a", {"window", "closed", house.now + 1h});
    CHECK(house.take().empty());
    CHECK(house.wait() == std::nullopt);
    CHECK(house.why(1) == "paused: paused by anna; window: closed");
    house.queue.unblock("a", "paused");
    CHECK(house.wait() == 1h);
    house.queue.block("", {"maintenance", "until noon", house.now + 2h});
    CHECK(house.wait() == 2h);
    CHECK(house.queue.blocks("").size() == 1);
    CHECK(house.queue.blocks("a").size() == 1);
    house.put("b");
    house.now += 2h;
    CHECK(house.take() == Ids{1, 2});
    CHECK(house.queue.blocks("a").empty());
}

TEST_CASE("a block whose end has come is told no more, though nothing waits for it") {
    House house({task("a")});
    house.queue.block("a", {"circuit", "a trial comes", house.now + 1min});
    CHECK(house.wait() == std::nullopt);
    CHECK(house.queue.blocks("a").size() == 1);
    house.now += 1min;
    CHECK(house.wait() == std::nullopt);
    CHECK(house.queue.blocks("a").empty());
}

TEST_CASE("a cap lets fewer run than the task has workers") {
    House house({task("a", 5)});
    for (int i = 0; i < 3; i++) house.put("a");
    house.queue.set_cap("a", Cap{"circuit", "one at a time, as a trial", 1});
    CHECK(house.take() == Ids{1});
    CHECK(house.why(2) == "circuit: one at a time, as a trial: 1 of 1 worker is busy: job 1");
    house.queue.set_cap("a", std::nullopt);
    CHECK(house.take() == Ids{2, 3});
}

TEST_CASE("a throttle is one rate for all tasks that it names") {
    House house({task("a", 9), task("b", 9), task("c", 9)});
    for (auto name : {"a", "b", "c", "a"}) house.put(name);
    house.queue.set_throttle(Throttle{"catchup", "catching up", {1, 1s}, {"b", "a"}});
    CHECK(house.take() == Ids{1, 3});
    CHECK(house.why(2) == "catchup: catching up");
    CHECK(house.wait() == 1s);
    house.now += 1s;
    CHECK(house.take() == Ids{2});
    house.queue.set_throttle(Throttle{"catchup", "catching up", {1, 1s}, {"a"}});
    CHECK(house.take().empty());
    house.queue.set_throttle(std::nullopt);
    CHECK(house.take() == Ids{4});
}
