// daemon/deadlines_test.cc: timers come due in order, once, and can be moved.

#include "daemon/deadlines.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::daemon;
using namespace std::chrono_literals;

TEST_CASE("deadlines come due in the order of their time, each once") {
    Deadlines deadlines;
    deadlines.set(1, Instant(30ms));
    deadlines.set(2, Instant(10ms));
    CHECK(deadlines.earliest() == Instant(10ms));
    CHECK_FALSE(deadlines.take_due(Instant(9ms)));
    CHECK(deadlines.take_due(Instant(10ms)) == 2u);
    CHECK_FALSE(deadlines.take_due(Instant(10ms)));
    CHECK(deadlines.take_due(Instant(99ms)) == 1u);
    CHECK_FALSE(deadlines.earliest());
}

TEST_CASE("a deadline set again replaces the one before, and none removes it") {
    Deadlines deadlines;
    deadlines.set(1, Instant(30ms));
    deadlines.set(1, Instant(50ms));
    CHECK(deadlines.earliest() == Instant(50ms));
    deadlines.set(1, std::nullopt);
    CHECK_FALSE(deadlines.earliest());
    CHECK_FALSE(deadlines.take_due(Instant(99ms)));
}
