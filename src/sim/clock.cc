// sim/clock.cc: setting the wall clock.

#include "sim/clock.h"

namespace lares::sim {

void Clock::jump(Duration span) {
    ahead_ += span;
    kernel_.note("the wall clock jumps by " + std::to_string(span.count()) + " ms");
    kernel_.tell({}, ports::WallClockJumped{});
}

}  // namespace lares::sim
