// text/cron_hints.h: what is legal in a cron expression and probably not meant.
//
// Of use to text/cron_parse.cc only. Each is a trap of spec/triggers.md §5 that cron accepts in
// silence.

#pragma once

#include <array>
#include <string>
#include <vector>

#include "text/cron.h"

namespace lares::text {

/// `star_steps`: of fields that are just '*/n', in the order of CronField; 1: none.
std::vector<std::string> cron_hints(Cron const&, std::array<int, 6> const& star_steps);

}  // namespace lares::text
