// os/identity.h: who the daemon is: its user, its umask, its folder.

#pragma once

#include <string>

#include "base/result.h"

namespace lares::os {

/// Groups as initgroups(3), then gid and uid, for good. Only before any thread exists. Nothing
/// happens when we are that user already. denied: "Can't drop privilege as nonroot user".
Result<> become_user(std::string const& name, unsigned uid, unsigned gid);

/// Sets the umask and, unless it is empty, the current folder.
Result<> set_umask_and_directory(unsigned mask, std::string const& directory);

}  // namespace lares::os
