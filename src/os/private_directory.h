// os/private_directory.h: the folder in which the daemon keeps its own things.
//
// Nobody but its owner may look into it: what is kept there names commands and their states.

#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace lares::os {

/// Whom it belongs to when it is made; none: who we are.
struct DirectoryOwner {
    std::optional<unsigned> uid, gid;
};

/// Makes `path` (absolute) with mode 0700, and what is missing above it with mode 0755. One that is
/// there is left as it is, and must be a directory in which we can write.
Result<> make_private_directory(std::string const& path, DirectoryOwner owner = {});

}  // namespace lares::os
