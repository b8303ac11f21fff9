// os/log_moment.h: both clocks, read once for a turn of the log thread.
//
// The log thread has no loop, and the clock port belongs to the loop's thread.

#pragma once

#include "base/time.h"

namespace lares::os {

struct Moment {
    Instant now;
    WallTime wall;
};

Moment read_moment();

}  // namespace lares::os
