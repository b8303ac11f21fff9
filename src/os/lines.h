// os/lines.h: the lines of a text file that may be compressed, one after the other.
//
// For a short-lived command that reads logs: it may wait for a disk, and holds one piece at a time.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::os {

/// Hands each line, without its end, to `take`; of one longer than 64 KB the beginning. gzip is
/// recognised by its content. "-": standard input. The Error tells what could not be read: what was
/// before it has been taken.
Result<> each_line(std::string const& path, std::function<void(std::string_view)> const& take);

}  // namespace lares::os
