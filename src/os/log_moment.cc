// os/log_moment.cc: reading the clocks.

#include "os/log_moment.h"

#include <ctime>

namespace lares::os {

namespace {

Duration read_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::milliseconds(time.tv_nsec / 1'000'000);
}

}  // namespace

Moment read_moment() {
    return {Instant(read_clock(CLOCK_MONOTONIC)), WallTime(read_clock(CLOCK_REALTIME))};
}

}  // namespace lares::os
