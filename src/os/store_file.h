// os/store_file.h: small files that are there whole or not at all, also after a power cut.
//
// These wait for a disk: on a worker.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::os {

/// Writes `bytes` beside `path`, forces them to the disk and renames them into place; makes the
/// file's own folder (mode 0700) when it is missing. On failure `path` is what it was.
Result<> store_file(std::string const& path, std::string_view bytes);
/// not_found when it is not there.
Result<> remove_file(std::string const& path);

}  // namespace lares::os
