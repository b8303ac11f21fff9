// cli/tail.h: the pure parts of `lares tail`.

#pragma once

#include <cstddef>
#include <string_view>

namespace lares::cli {

/// The last `count` lines of `text`; the newline at its end belongs to the last one.
std::string_view last_lines(std::string_view text, std::size_t count);

/// How many bytes at the start of `stream` were shown already: the longest end of `shown` that
/// `stream` begins with. A stream begins some bytes before its end, so that nothing gets lost
/// between a reading and the stream.
std::size_t overlap(std::string_view shown, std::string_view stream);

}  // namespace lares::cli
