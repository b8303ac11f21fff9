// config/paths.h: paths as supervisord reads them: "~" first, then absolute, then without "..".
//
// Pure text, by the rules of Python's os.path on POSIX; nothing is looked up but homes.

#pragma once

#include <string>
#include <string_view>

#include "config/world.h"

namespace lares::config {

/// `path` seen from `base`, an absolute directory, without ".", ".." and double slashes.
std::string absolute_path(std::string_view path, std::string_view base);

/// What stands before the last slash: "/etc" of "/etc/x", "/" of "/x", "" of "x".
std::string_view directory_of(std::string_view path);

/// "~/x" and "~name/x" with the home in place; unchanged when there is no such user.
std::string expand_home(World const&, std::string_view path);

}  // namespace lares::config
