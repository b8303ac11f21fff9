// os/durable_file.h: a small file that is there after a power cut, old or new, never half.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::os {

/// Replaces `path`: written whole beside it, synchronised, renamed, and the folder synchronised.
/// Waits for the disk: for the worker. Mode 0600.
Result<> replace_durably(std::string const& path, std::string_view bytes);

}  // namespace lares::os
