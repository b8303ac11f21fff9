// text/glob.h: shell patterns over names and paths, as fnmatch(3) has them, without a file system.

#pragma once

#include <string_view>

namespace lares::text {

/// `*`, `?`, `[a-z]`, `[!a]`, `\x`. With `path`, no wildcard matches '/', and a leading '.' must be
/// matched by itself, as glob(7) says. Time is linear in pattern × name whatever the pattern.
enum class GlobKind { name, path };
bool glob_match(std::string_view pattern, std::string_view name, GlobKind kind = GlobKind::name);

/// True when `pattern` holds a wildcard.
bool is_glob(std::string_view pattern);

}  // namespace lares::text
