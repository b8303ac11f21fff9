// text/procfile.h: Procfile, as Foreman and its kin read it: a name and a command line each.
//
// The .env file beside it is text/environment.h's parse_environment_file().

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"

namespace lares::text {

struct ProcfileEntry {
    Place place;
    std::string name;
    std::string command;  // for a shell
    bool operator==(ProcfileEntry const&) const = default;
};

struct Procfile {
    std::vector<ProcfileEntry> entries;
    std::vector<Diagnostic> found;
};

/// Lines "name: command", names of letters, digits, '_' and '-'; blank lines and "# comments" are
/// passed over. What is neither is an error with its place and keeps the others; of two entries
/// with one name the last wins, with a warning.
Procfile read_procfile(std::string_view text, int file = 0);

}  // namespace lares::text
