// config/expect_settings.h: what somebody expects of a task, a folder or a program, as a value.
//
// Part of config/settings.h, apart because programs and tasks both have it.

#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace lares::config {

/// `expect =`, one line each. Of folders only `files` and `every` (a file came); of
/// programs output takes the place of successes: `by`, `every`, and `output` with a span.
struct Expect {
    enum class Kind { by, every, within_of_file, output, files };
    Kind kind = Kind::by;
    std::string text;   // as written
    int by_minute = 0;  // by 06:00 [days]: a success since the day began; files: files that came
    std::uint8_t weekdays = 0x7f;  // bit 0: Sunday
    Duration span{0};     // every 1h; within 10min of file X; output within 10min (0: at all)
    std::string pattern;  // of file
    int count = 1;        // by, files: by 06:00 at least 3
    bool operator==(Expect const&) const = default;
};

}  // namespace lares::config
