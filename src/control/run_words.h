// control/run_words.h: runs of a schedule in words for people: local and UTC, and what the clock
// did.
//
// Pure: values in, text out.

#pragma once

#include <cstdint>
#include <string>

#include "core/schedule.h"

namespace lares::control {

/// "Sun 2026-03-29 03:00 +02:00".
std::string run_time(std::int64_t at, std::int32_t offset);

/// "Sun 2026-03-29 03:00 +02:00  2026-03-29 01:00 UTC".
std::string run_times(schedule::Zone const&, std::int64_t at);

/// What is unusual about a run: "made up: ...", "first of two passes", "second pass"; else empty.
std::string run_mark(schedule::Zone const&, schedule::Due const&);

/// A line for each change of the clock in (after, until], with its end.
std::string change_lines(schedule::Zone const&, std::int64_t after, std::int64_t until);

/// How clock changes touch this kind of job, as a sentence.
std::string class_words(text::Cron const&);

}  // namespace lares::control
