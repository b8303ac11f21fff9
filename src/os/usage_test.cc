// os/usage_test.cc: measured of ourselves, whom we know.

#include "os/usage.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "os/fd.h"

using namespace lares;

TEST_CASE("what this process uses is told, and of one that is not there nothing") {
    auto found = os::measure_processes({::getpid(), 0, -1, 1 << 30});
    REQUIRE(found.size() == 4);
    CHECK(found[0].is_there);
    CHECK(found[0].pid == ::getpid());
    CHECK(found[0].memory_bytes > 100'000);
    CHECK(found[0].threads >= 1);
    CHECK_FALSE(found[1].is_there);
    CHECK_FALSE(found[2].is_there);
    CHECK_FALSE(found[3].is_there);
}

TEST_CASE("an opened descriptor is counted") {
    auto before = os::measure_processes({::getpid()})[0].descriptors;
    os::Fd more{::dup(0)};
    REQUIRE(more);
    CHECK(os::measure_processes({::getpid()})[0].descriptors == before + 1);
}

TEST_CASE("time that was spent is seen") {
    auto before = os::measure_processes({::getpid()})[0].cpu;
    // Kernels count in ticks of 10 ms; some work is enough for one.
    unsigned volatile sum = 0;
    for (int round = 0; round < 50 && os::measure_processes({::getpid()})[0].cpu == before; ++round)
        for (unsigned i = 0; i < 2'000'000; ++i) sum = sum + i;
    CHECK(os::measure_processes({::getpid()})[0].cpu > before);
}
