// core/circuit_test.cc: when a task is paused because everything fails, and how it comes back.

#include "core/circuit.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::circuit;
using namespace std::chrono_literals;

namespace {

struct House {
    Policy policy;
    Circuit circuit;
    Instant now{1000s};
    std::optional<Instant> look_at;

    std::string tell(Happening::Kind kind, job::Id job = 0) {
        auto next = step(policy, circuit, {kind, now, job, "exited with 1"});
        circuit = next.circuit;
        look_at = next.look_at;
        return next.told;
    }
    std::string fail(job::Id job) { return tell(Happening::Kind::failed, job); }
    std::string succeed(job::Id job) { return tell(Happening::Kind::succeeded, job); }
    std::string look() { return tell(Happening::Kind::look); }
    std::string open() {
        std::string words;
        for (job::Id job = 1; job <= 5; job++) words = fail(job);
        return words;
    }
};

}  // namespace

TEST_CASE("five different jobs that fail with no success between pause the task") {
    House house;
    for (job::Id job = 1; job < 5; job++) CHECK(house.fail(job) == "");
    CHECK_FALSE(block(house.circuit));
    CHECK(house.fail(5) ==
          "paused for 60 s: 5 jobs failed with no success between, the last was job 5: exited "
          "with 1");
    REQUIRE(block(house.circuit));
    CHECK(block(house.circuit)->until == house.now + 60s);
    CHECK(house.look_at == house.now + 60s);
    CHECK(house.fail(6) == "");
}

TEST_CASE("one job that fails again and again pauses nothing, nor do failures between successes") {
    House house;
    for (int i = 0; i < 100; i++) CHECK(house.fail(1) == "");
    for (job::Id job = 2; job < 100; job++) {
        if (job % 4 == 0) house.succeed(job);
        CHECK(house.fail(job) == "");
    }
    CHECK(house.circuit.failed.size() < 5);
}

TEST_CASE("after the pause one job at a time is tried; a success closes the circuit") {
    House house;
    house.open();
    house.now += 59s;
    CHECK(house.look() == "");
    house.now += 1s;
    CHECK(house.look() == "trying one job at a time");
    CHECK_FALSE(house.look_at);
    CHECK_FALSE(block(house.circuit));
    REQUIRE(cap(house.circuit));
    CHECK(cap(house.circuit)->most == 1);
    CHECK(house.succeed(7) == "goes on: job 7 succeeded");
    CHECK(house.circuit == Circuit{});
    CHECK_FALSE(cap(house.circuit));
}

TEST_CASE("each trial that fails doubles the pause, up to the most; a success begins anew") {
    House house;
    house.open();
    auto wait = 60s;
    for (int i = 0; i < 12; i++) {
        CHECK(house.circuit.until - house.now == std::min<Duration>(wait, 1h));
        house.now = house.circuit.until;
        house.look();
        CHECK(house.fail(1) != "");
        wait *= 2;
    }
    house.succeed(1);
    CHECK(house.open().starts_with("paused for 60 s"));
}

TEST_CASE("a success of what had begun before closes an open circuit, and so does a person") {
    House house;
    house.open();
    CHECK(house.succeed(9) == "goes on: job 9 succeeded");
    house.open();
    CHECK(house.tell(Happening::Kind::reset) == "goes on: reset");
    CHECK(house.tell(Happening::Kind::reset) == "");
    CHECK_FALSE(house.look_at);
}

TEST_CASE("a failure that is told before the look that was due is the trial's") {
    House house;
    house.open();
    house.now += 61s;
    CHECK(house.fail(1) == "paused for 2 min: the trial failed, job 1: exited with 1");
}

TEST_CASE("after = 0 never pauses") {
    House house{.policy = {.after = 0}};
    CHECK(house.open() == "");
    CHECK(house.circuit == Circuit{});
}

TEST_CASE("what is kept of a circuit is read again as it was, by the calendar") {
    House house;
    CHECK_FALSE(read(write(house.circuit, WallTime{})));
    house.fail(7);
    house.fail(8);
    auto closed = read(write(house.circuit, WallTime{}));
    REQUIRE(closed);
    CHECK(closed->first == house.circuit);
    house.open();
    WallTime until{1'800'000'000s};
    auto open = read(write(house.circuit, until));
    REQUIRE(open);
    CHECK(open->second == until);
    house.circuit.until = {};
    CHECK(open->first == house.circuit);
    house.circuit.state = State::open;
    house.circuit.until = house.now;
    house.look();
    auto trial = read(write(house.circuit, WallTime{}));
    REQUIRE(trial);
    CHECK(trial->first.state == State::trial);
    CHECK(trial->first.opened == 1);
}

TEST_CASE("no bytes are read as a circuit that there cannot be") {
    for (auto text : {"", "state=3", "state=-1", "state=x", "opened=4", "\n\n=", "state=0"})
        CHECK_FALSE(read(text));
    auto odd = read("state=1\nopened=-5\nfailed=x\nuntil=y");
    REQUIRE(odd);
    CHECK(odd->first.opened == 0);
    CHECK(odd->first.failed == std::vector<job::Id>{0});
}
