// control/flood_test.cc: how often a line is logged, how late an answer comes.

#include "control/flood.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;
using namespace std::chrono_literals;

namespace {

WallTime at(std::chrono::milliseconds since) { return WallTime(1'000'000s) + since; }

}  // namespace

TEST_CASE("one line a minute a kind is logged, and the next one tells how many there were") {
    FloodGate gate;
    CHECK(gate.pass("login", "a wrong login", at(0s)) == "a wrong login");
    for (int i = 0; i < 17; ++i) CHECK_FALSE(gate.pass("login", "a wrong login", at(30s)));
    CHECK(gate.pass("xml", "no xml", at(31s)) == "no xml");
    CHECK_FALSE(gate.pass("login", "a wrong login", at(59'999ms)));
    CHECK(gate.pass("login", "a wrong login", at(60s)) ==
          "a wrong login, and 18 like it since the last such line");
    CHECK(gate.pass("login", "a wrong login", at(120s)) == "a wrong login");
}

TEST_CASE("a clock that is set back does not silence the log") {
    FloodGate gate;
    gate.pass("login", "x", at(1h));
    CHECK(gate.pass("login", "x", at(0s)) == "x");
}

TEST_CASE("each wrong login of an address is answered later, up to two seconds") {
    Slowdown slowdown;
    long expected[] = {0, 100, 200, 400, 800, 1600, 2000, 2000, 2000};
    for (long delay : expected) CHECK(slowdown.after_failure("a", at(0s)).count() == delay);
    CHECK(slowdown.after_failure("b", at(0s)).count() == 0);
    CHECK(slowdown.after_failure("a", at(59s)).count() == 2000);
    CHECK(slowdown.after_failure("a", at(119s)).count() == 0);
}

TEST_CASE("addresses are remembered in bounds") {
    Slowdown slowdown;
    slowdown.after_failure("a", at(0s));
    for (int i = 0; i < 5000; ++i) slowdown.after_failure(std::to_string(i), at(0s));
    CHECK(slowdown.after_failure("a", at(0s)).count() == 0);
}

TEST_CASE("an address is told without its port") {
    CHECK(without_port("127.0.0.1:4711") == "127.0.0.1");
    CHECK(without_port("[::1]:4711") == "::1");
    CHECK(without_port("") == "");
}
