// daemon/clock_words.cc: sleep and steps in a sentence.

#include "daemon/clock_words.h"

#include "core/in_words.h"

namespace lares::daemon {

namespace {

/// What the real-time clock, which counts during a sleep, may be off by: it has whole seconds.
constexpr Duration waking_error{2'000};

std::string step_in_words(Duration step) {
    std::string direction = step < Duration(0) ? "back" : "forward";
    return "set " + direction + " by " + in_words(std::chrono::abs(step));
}

}  // namespace

std::string jump_in_words(ports::WallClockJumped const& jump) {
    Duration step = jump.by - jump.suspended;
    if (jump.suspended <= Duration(0))
        return "the system clock was " + step_in_words(step) + "; deadlines do not depend on it";
    std::string words = "the machine slept for " + in_words(jump.suspended);
    if (std::chrono::abs(step) > waking_error)
        words += ", and its clock was " + step_in_words(step);
    return words + "; deadlines waited meanwhile";
}

}  // namespace lares::daemon
