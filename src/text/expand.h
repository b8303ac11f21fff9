// text/expand.h: `%(name)s` expansions, Python's %-format as far as supervisord uses it.
//
// "%(name)s", "%(name)d", "%(name)02d" (flags -, 0, +, space, width, precision), "%%". Ours, not
// supervisord's: "%(ENV_X:-text)s" gives `text` when ENV_X is unknown or empty.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lares::text {

/// Names known at a place. Looked up own first, then `outer`, so that a thousand processes share
/// one environment. Not owning `outer`.
struct Names {
    std::map<std::string, std::variant<std::string, long>, std::less<>> own;
    Names const* outer = nullptr;

    std::variant<std::string, long> const* find(std::string_view name) const;
    std::vector<std::string> all() const;  // sorted, once each
};

/// Errors are supervisord's words without the section's suffix (spec §1.4):
///   Format string 'S' for 'WHERE' contains names ('X') which cannot be expanded. Available
///   names: A, B
///   Format string 'S' for 'WHERE' is badly formatted: unsupported format character 'Y' (0x59) at
///   index 12
/// "%s" without a name, for which Python would print its whole dictionary, is badly formatted.
/// @param where  "program:x.command"
Result<std::string> expand(std::string_view format, Names const& names, std::string_view where);

/// "%" doubled, so that expand() gives the text back.
std::string escape_percent(std::string_view text);

}  // namespace lares::text
