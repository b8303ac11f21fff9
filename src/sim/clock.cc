// sim/clock.cc: setting the wall clock, and sleeping.

#include "sim/clock.h"

namespace lares::sim {

void Clock::jump(Duration span) {
    ahead_ += span;
    kernel_.note("the wall clock jumps by " + std::to_string(span.count()) + " ms");
    kernel_.tell({}, ports::WallClockJumped{.by = span});
}

void Clock::sleep(Duration span) {
    ahead_ += span;
    kernel_.note("the machine slept for " + std::to_string(span.count()) + " ms");
    kernel_.tell({}, ports::WallClockJumped{.by = span, .suspended = span});
}

}  // namespace lares::sim
