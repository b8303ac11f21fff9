// apps/capture/pace_test.cc: the waits that services publish, number by number.

#include "apps/capture/pace.h"

#include <doctest/doctest.h>

#include "apps/capture/doubles.h"
#include "apps/capture/tally.h"

namespace lares::capture {

TEST_CASE("HTTP errors wait 5 s, doubling up to 320 s") {
    Backoff backoff;
    for (int seconds : {5, 10, 20, 40, 80, 160, 320, 320, 320})
        CHECK(backoff.after({.kind = Ending::Kind::http, .status = 503}) == seconds * 1s);
    backoff.succeeded();
    CHECK(backoff.after({.kind = Ending::Kind::http, .status = 500}) == 5s);
}

TEST_CASE("network errors wait 250 ms more each time, up to 16 s") {
    Backoff backoff;
    for (int i = 1; i <= 64; ++i) CHECK(backoff.after({}) == i * 250ms);
    CHECK(backoff.after({.kind = Ending::Kind::stall}) == 16s);
    CHECK(backoff.after({.kind = Ending::Kind::by_peer}) == 16s);
}

TEST_CASE("being limited waits from 60 s, doubling; what the service asks for is granted") {
    for (int status : {420, 429}) {
        Backoff backoff;
        Ending limited{.kind = Ending::Kind::http, .status = status};
        for (int seconds : {60, 120, 240, 480, 960, 960})
            CHECK(backoff.after(limited) == seconds * 1s);
    }
    Backoff backoff;
    CHECK(backoff.after({.kind = Ending::Kind::http, .status = 503, .retry_after = 100s}) == 100s);
    CHECK(backoff.after({.kind = Ending::Kind::http, .status = 503, .retry_after = 1s}) == 10s);
    CHECK(backoff.after({.kind = Ending::Kind::http, .status = 503, .retry_after = 100h}) == 1h);
    CHECK(backoff.after({.kind = Ending::Kind::stopped}) == 0ms);
}

TEST_CASE("keys are forgotten in the order they came, and none is never met again") {
    Doubles doubles(2);
    auto again = Doubles::Met::again, first = Doubles::Met::first_time;
    CHECK(doubles.meet("a") == first);
    CHECK(doubles.meet("b") == first);
    CHECK(doubles.meet("a") == again);
    CHECK(doubles.meet("c") == first);
    CHECK(doubles.meet("b") == again);
    CHECK(doubles.meet("a") == first);
    CHECK(doubles.meet("") == first);
    CHECK(doubles.meet("") == first);
}

TEST_CASE("what a service kept back is counted once, over files and connections") {
    auto limit = [](std::int64_t total) { return Facts{.kind = Kind::limit, .missed = total}; };
    Tally tally;
    tally.count(limit(10), 1);
    tally.count(limit(30), 1);
    CHECK(tally.missed() == 30);
    tally = tally.following();
    CHECK(tally.missed() == 0);
    tally.count(limit(45), 1);
    CHECK(tally.missed() == 15);
    tally.connection_ended();
    tally.count(limit(7), 1);
    CHECK(tally.missed() == 22);
}

}  // namespace lares::capture
