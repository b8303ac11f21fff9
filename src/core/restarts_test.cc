// core/restarts_test.cc: the arithmetic of delays and windows, and the words for spans of time.

#include "core/restarts.h"

#include <doctest/doctest.h>

#include "core/counted.h"
#include "core/in_words.h"

using namespace lares;
using namespace lares::supervise;
using namespace std::chrono_literals;

TEST_CASE("without restart_delay the n-th failed start waits n seconds, up to the maximum") {
    Policy policy{.restart_max_delay = 3s};
    CHECK(delay_after_failure(policy, 1, 0) == 1s);
    CHECK(delay_after_failure(policy, 2, 0) == 2s);
    CHECK(delay_after_failure(policy, 3, 0) == 3s);
    CHECK(delay_after_failure(policy, 1'000'000, 0) == 3s);
}

TEST_CASE("without restart_delay an exit from RUNNING waits for the rest of a second") {
    CHECK(delay_after_exit({}, 5, 1s, 7) == 0s);
    CHECK(delay_after_exit({}, 5, 1h, 7) == 0s);
    CHECK(delay_after_exit({}, 5, 300ms, 7) == 700ms);
}

TEST_CASE("restart_delay grows by restart_backoff up to restart_max_delay") {
    Policy policy{.restart_delay = 1500ms, .restart_backoff = 2, .restart_max_delay = 10s};
    CHECK(delay_after_exit(policy, 1, 0s, 0) == 1500ms);
    CHECK(delay_after_exit(policy, 2, 0s, 0) == 3000ms);
    CHECK(delay_after_failure(policy, 3, 0) == 6000ms);
    CHECK(delay_after_failure(policy, 4, 0) == 10s);
    CHECK(delay_after_failure(policy, 1'000'000, 0) == 10s);
}

TEST_CASE("a restart_delay of 0 stays 0, however often it is doubled") {
    Policy policy{.restart_delay = 0s, .restart_backoff = 10, .restart_jitter_percent = 100};
    CHECK(delay_after_failure(policy, 1'000'000, 77) == 0s);
    CHECK(delay_after_exit(policy, 1'000'000, 0s, 77) == 0s);
}

TEST_CASE("jitter lengthens a delay by up to its share, also at the maximum") {
    Policy policy{.restart_delay = 10s, .restart_jitter_percent = 20};
    Duration least = 1h, most = 0s;
    for (unsigned random = 0; random < 5000; random += 8) {
        Duration delay = delay_after_failure(policy, 1, random);
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    CHECK(least == 10s);
    CHECK(most == 12s);
    policy.restart_max_delay = 10s;
    CHECK(delay_after_failure(policy, 9, 1000) == 12s);
}

TEST_CASE("the window counts restarts younger than its span") {
    RestartWindow window{2, 60s};
    std::vector<Instant> restarts;
    CHECK(window_allows(restarts, window, Instant(0s)));
    note_restart(restarts, window, Instant(0s));
    CHECK(window_allows(restarts, window, Instant(10s)));
    note_restart(restarts, window, Instant(10s));
    CHECK(!window_allows(restarts, window, Instant(59'999ms)));
    CHECK(window_allows(restarts, window, Instant(60s)));
    note_restart(restarts, window, Instant(60s));
    CHECK(restarts == std::vector{Instant(10s), Instant(60s)});
}

TEST_CASE("a window of 0 counts nothing and keeps nothing") {
    std::vector<Instant> restarts;
    for (int i = 0; i < 100; ++i) note_restart(restarts, {}, Instant(0s));
    CHECK(restarts.empty());
    CHECK(window_allows(restarts, {}, Instant(0s)));
}

TEST_CASE("things are counted in words, one of them too") {
    CHECK(counted(0, "job") == "0 jobs");
    CHECK(counted(1, "due time") == "1 due time");
    CHECK(counted(21, "file") == "21 files");
}

TEST_CASE("spans are told in the largest unit of which there are at least two") {
    auto check = [](Duration span, std::string const& words) { CHECK(in_words(span) == words); };
    check(-5s, "0 s");
    check(0ms, "0 s");
    check(12ms, "12 ms");
    check(99ms, "99 ms");
    check(100ms, "0.1 s");
    check(449ms, "0.4 s");
    check(2000ms, "2 s");
    check(9999ms, "9.9 s");
    check(10'900ms, "10 s");
    check(60s, "60 s");
    check(119'999ms, "119 s");
    check(2min, "2 min");
    check(119min, "119 min");
    check(2h, "2 h");
    check(47h, "47 h");
    check(48h, "2 days");
    check(24h * 400, "400 days");
}
