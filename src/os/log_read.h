// os/log_read.h: reading a piece of a log for a client; runs on a worker.

#pragma once

#include <cstdint>
#include <string>

#include "ports/logs.h"

namespace lares::os {

/// Up to `length` bytes, at most limits::log_read_bytes, from `offset`, which counts from the end
/// when negative (beyond the beginning: from the beginning). Past the end there are none. Only
/// regular files are read: reading a fifo would take what is meant for its reader.
ports::LogRead read_log(std::string const& path, std::int64_t offset, std::int64_t length);

}  // namespace lares::os
