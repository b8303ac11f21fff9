// cli/classic_settings.h: what supervisorctl knows before it asks anybody: its options and its
// section of the configuration.

#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/client.h"
#include "cli/doors.h"

namespace lares::cli::classic {

struct Settings {
    api::Server server{"http://localhost:9001", "", ""};
    std::string prompt = "supervisor";
    std::string history_file;        // empty: none is kept
    bool is_interactive = false;     // asks before it ends or restarts the daemon
    std::vector<std::string> words;  // the action and its arguments; empty: the prompt
};

/// Options win over [supervisorctl]. An int is the exit status of what has ended already: -h, or a
/// refusal that was told. Sections of Python plug-ins are warned of and passed over. Unlike the
/// original, [include] is followed when the main file names no server.
std::variant<Settings, int> read_settings(Doors const&, std::string const& program,
                                          std::vector<std::string> const& words);

}  // namespace lares::cli::classic
