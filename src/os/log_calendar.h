// os/log_calendar.h: when a log's period is over, by the calendar of this machine.
//
// Reads the time zone through the C library, which keeps it; no clock: the time comes in.

#pragma once

#include "base/time.h"

namespace lares::os {

/// The first end of a period strictly after `at`. `every` is a second or more.
///
/// Whole days end at local midnight; several days are counted from a Monday, so that 7 days end
/// with Sunday. Less than a day ends at multiples since local midnight, and at midnight. Anything
/// else (36 h) is counted from that Monday too.
WallTime period_end(WallTime at, Duration every);

}  // namespace lares::os
