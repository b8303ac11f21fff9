// text/cron_days.h: which days of a month a cron expression names.
//
// The calendar half of text/cron.h, of use to whoever reads an expression (does it ever fire?) and
// to whoever computes its next run (core/schedule.h). Proleptic Gregorian; no clock, no zone.

#pragma once

#include <cstdint>

#include "text/cron.h"

namespace lares::text {

/// The days of this month that fit, as bits 1 to 31; 0 when the month is not named. Vixie's rule:
/// either of two restricted day fields is enough; both must fit when one begins with '*'.
std::uint32_t fitting_days(Cron const&, int year, unsigned month);

/// The last day of a month: 28 to 31.
unsigned last_day(int year, unsigned month);

/// Whether any day of the 400 years after which the calendar repeats fits. @reboot: false.
bool ever_fires(Cron const&);

}  // namespace lares::text
