// text/quantity.h: byte sizes, durations, whole numbers and switches, from text and back.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lares::text {

/// As supervisord: a whole number of bytes, or with KB, MB, GB (any case, powers of 1024, a space
/// before it allowed). Ours: TB, and K, M, G, T. Negative or fractional sizes are refused.
Result<std::int64_t> parse_size(std::string_view text);
std::string print_size(std::int64_t bytes);  // "50MB", "1536": the shortest exact form

/// "500ms", "10s", "5m" or "5min", "2h", "1d", and sums ("1h30m"). A bare number is seconds, with
/// up to three decimals
/// ("0.5"), as supervisord's *secs options are. Refuses negative ones and overflow.
Result<Duration> parse_duration(std::string_view text);
std::string print_duration(Duration);  // "1h30m", "500ms", "0s"

/// Python's int(): sign, underscores between digits, surrounding spaces. Refuses with Python's
/// words: invalid literal for int() with base 10: 'x'.
Result<long long> parse_integer(std::string_view text);

/// yes/true/on/1, no/false/off/0, any case; else: not a valid boolean value: 'x'.
Result<bool> parse_boolean(std::string_view text);

/// 022, 0o22, 22 as octal; else: x can not be converted to an octal type.
Result<unsigned> parse_octal(std::string_view text);

}  // namespace lares::text
