// daemon/clock_words.h: what the log says when the wall clock was set or the machine slept.

#pragma once

#include <string>

#include "ports/event.h"

namespace lares::daemon {

/// "the system clock was set back by 60 min; deadlines do not depend on it"; of a sleep its length,
/// and a step of the clock beside it only when it is more than the waking itself.
std::string jump_in_words(ports::WallClockJumped const&);

}  // namespace lares::daemon
