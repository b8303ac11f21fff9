// runs_test.cc: main() of the runs: the test suites, or a few seeds by hand.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "seed_run.h"
#include "work_run.h"

using namespace lares::runs;

namespace {

constexpr unsigned every_seed_until = 200;
constexpr unsigned every_work_seed_until = 160;

/// Those that have found something once; a line is a number and what it found, behind `before`.
std::vector<unsigned> known_seeds(std::string const& before = "") {
    std::vector<unsigned> seeds;
    std::ifstream file(LARES_SEEDS);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(before)) continue;
        line.erase(0, before.size());
        if (!line.empty() && line[0] >= '0' && line[0] <= '9')
            seeds.push_back(static_cast<unsigned>(std::strtoul(line.c_str(), nullptr, 10)));
    }
    return seeds;
}

int run_range(char const* range, Outcome (*run)(unsigned, bool)) {
    char* rest = nullptr;
    auto first = static_cast<unsigned>(std::strtoul(range, &rest, 10));
    auto last = *rest == '-' ? static_cast<unsigned>(std::strtoul(rest + 1, nullptr, 10)) : first;
    int failed = 0;
    for (unsigned seed = first; seed <= last; ++seed) {
        auto outcome = run(seed, /*verbose=*/first == last);
        std::fputs(outcome.report.c_str(), stdout);
        failed += outcome.ok ? 0 : 1;
    }
    std::printf("%d of %u failed\n", failed, last - first + 1);
    return failed == 0 ? 0 : 1;
}

}  // namespace

TEST_SUITE_BEGIN("seeds");

TEST_CASE("whatever is asked and goes wrong, the promises hold") {
    for (unsigned seed = 1; seed <= every_seed_until; ++seed) {
        auto outcome = run_seed(seed);
        CHECK_MESSAGE(outcome.ok, outcome.report);
    }
}

TEST_CASE("whatever goes wrong, each job, due time and file comes to its one end") {
    for (unsigned seed = 1; seed <= every_work_seed_until; ++seed) {
        auto outcome = run_work_seed(seed);
        CHECK_MESSAGE(outcome.ok, outcome.report);
    }
}

TEST_CASE("what a seed has found once is not there any more") {
    for (unsigned seed : known_seeds()) {
        auto outcome = run_seed(seed);
        CHECK_MESSAGE(outcome.ok, outcome.report);
    }
    for (unsigned seed : known_seeds("work ")) {
        auto outcome = run_work_seed(seed);
        CHECK_MESSAGE(outcome.ok, outcome.report);
    }
}

TEST_CASE("the same seed gives the same run") {
    CHECK(run_seed(7, true).report == run_seed(7, true).report);
}

TEST_SUITE_END();

int main(int count, char** arguments) {
    for (int i = 1; i < count; ++i) {
        std::string argument = arguments[i];
        if (argument.starts_with("--seed=")) return run_range(arguments[i] + 7, run_seed);
        if (argument.starts_with("--seeds=")) return run_range(arguments[i] + 8, run_seed);
        if (argument.starts_with("--work-seeds="))
            return run_range(arguments[i] + 13, run_work_seed);
    }
    return doctest::Context(count, arguments).run();
}
