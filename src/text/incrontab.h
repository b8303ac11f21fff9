// text/incrontab.h: incron's tables, as incrontab(5) has them: path, mask, command.
//
// Read as incron 0.5.12 reads them: blanks between the three, a backslash before a blank that
// belongs to the path, masks as names and numbers between commas, and its options beside them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/diagnostic.h"

namespace lares::text {

struct IncrontabEntry {
    Place place;
    std::string path;
    std::uint32_t mask = 0;  // bits of inotify(7)
    bool is_recursive = true;
    bool is_loopable = false;
    bool has_dot_folders = false;
    std::string command;  // as written
    bool operator==(IncrontabEntry const&) const = default;
};

struct Incrontab {
    std::vector<IncrontabEntry> entries;
    std::vector<Diagnostic> found;
};

Incrontab read_incrontab(std::string_view text, int file = 0);

/// The names of the bits, "IN_CLOSE_WRITE,IN_MOVED_TO".
std::string print_mask(std::uint32_t mask);

/// What stands for $@, $#, $% and $& in a command. `path` and `name` may hold {{placeholders}}.
struct IncronNames {
    std::string path, name, flags, numbers;
};
/// The words of a command as incron makes them: split at blanks, with a backslash before one that
/// is part of a word, "$$" for '$'. What stands for a name never splits a word.
Result<std::vector<std::string>> incron_words(std::string_view command, IncronNames const& names);

}  // namespace lares::text
