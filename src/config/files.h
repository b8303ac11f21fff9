// config/files.h: the main file and those it includes, read into one Ini.

#pragma once

#include <string>

#include "config/reader.h"

namespace lares::config {

/// Reads `path` (absolute) and what its [include] names. False when the main file cannot be read;
/// faulty text is reported and the rest read, so that later checks can go on.
bool read_files(Context&, std::string const& path);

}  // namespace lares::config
