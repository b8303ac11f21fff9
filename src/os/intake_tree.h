// os/intake_tree.h: a file or a folder with all in it, copied durably or removed.
//
// Links are copied as links and never followed. May wait for a disk.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lares::os {

/// Contents (holes stay holes), mode, times and, where we may, owner; on the disk when it returns.
/// `to` must not exist. unavailable: the disk is full or read-only.
Result<> copy_tree(std::string const& from, std::string const& to);
/// Not there: success.
Result<> remove_tree(std::string const& path);
/// Paths of all that is no folder, sorted.
Result<std::vector<std::string>> files_below(std::string const& folder);

}  // namespace lares::os
