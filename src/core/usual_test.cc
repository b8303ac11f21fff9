// core/usual_test.cc: what is called slower or heavier than usual, and what is not.

#include "core/usual.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::usual;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t megabyte = 1 << 20;

History runs(std::size_t count, Run run) {
    History history;
    for (std::size_t i = 0; i < count; i++) note(history, run);
    return history;
}

}  // namespace

TEST_CASE("a run that took more than so many percent of the usual is told") {
    auto history = runs(8, {3min, 10s, 200 * megabyte});
    CHECK(judge(history, {9min, 10s, 200 * megabyte}, 300) == "");
    CHECK(judge(history, {9min + 1ms, 10s, 200 * megabyte}, 300) == "took 9 min, usually 3 min");
    CHECK(judge(history, {3min, 61s, 812 * megabyte}, 300) ==
          "CPU time 61 s, usually 10 s; peak memory 812 MB, usually 200 MB");
    CHECK(judge(history, {9h, 9h, 900 * megabyte}, 0) == "");
}

TEST_CASE("nothing is unusual before eight runs are known") {
    auto history = runs(7, {1s, 1s, megabyte});
    CHECK(judge(history, {1h, 1h, 9'000 * megabyte}, 300) == "");
    CHECK(usual::usual(history) == Run{});
    note(history, {1s, 1s, megabyte});
    CHECK(judge(history, {1h, 1s, megabyte}, 300) == "took 60 min, usually 1 s");
}

TEST_CASE("small runs may vary by large factors") {
    auto history = runs(20, {10ms, 0ms, 2 * megabyte});
    CHECK(judge(history, {1009ms, 999ms, 17 * megabyte}, 300) == "");
    CHECK(judge(history, {1010ms, 1s, 18 * megabyte}, 300) ==
          "took 1 s, usually 10 ms; CPU time 1 s, usually 0 s; peak memory 18 MB, usually 2.0 MB");
}

TEST_CASE("one long run neither hides the next nor becomes usual") {
    auto history = runs(15, {1min, 1s, megabyte});
    for (int i = 0; i < 7; i++) note(history, {10h, 1s, megabyte});
    CHECK(usual::usual(history).wall == 1min);
    CHECK(judge(history, {10h, 1s, megabyte}, 300) != "");
}

TEST_CASE("what was usual long ago is forgotten after thirty runs") {
    auto history = runs(30, {1min, 1s, megabyte});
    for (int i = 0; i < 30; i++) note(history, {1h, 1s, megabyte});
    CHECK(history.runs.size() == 30);
    CHECK(usual::usual(history).wall == 1h);
}

TEST_CASE("a history is the same after it was written and read") {
    auto history = runs(3, {1min, 1s, megabyte});
    note(history, {});
    CHECK(read(write(history)) == history);
    CHECK(read("") == History{});
    CHECK(read("wall=1\nwall=2\ncpu=3\nmemory=4\n") == History{});
    CHECK(read("wall=-1\ncpu=9999999999999999999999\nmemory=x\n").runs.front() == Run{});
}
