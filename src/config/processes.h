// config/processes.h: one program made into its processes, with the option that stood in the way.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "config/world.h"
#include "text/expand.h"

namespace lares::config {

struct Fault {
    std::string option;
    std::string value;
    Error error;
    bool in_expansion = false;  // of a %(name)s, not of the value it gave
};

struct Made {
    std::vector<ProcessSettings> processes;
    std::optional<Fault> fault;  // of the first process that cannot be made
};

/// "program:x", "eventlistener:x", "fcgi-program:x".
std::string section_name(Program const&);

/// supervisord's words for several processes of one name.
inline constexpr std::string_view needs_process_num =
    "%(process_num) must be present within process_name when numprocs > 1";
bool holds_process_num(std::string_view process_name);

/// ENV_X of the daemon's environment, then of [supervisord] environment, and host_node_name.
text::Names environment_names(World const&, text::Variables const& of_supervisord);

/// What %(semicolon)s and %(hash)s stand for in tasks and folders, where the sign itself would
/// begin a comment behind a space.
std::vector<std::pair<std::string, std::string>> comment_signs();

/// As expand_processes(), for a caller that has many programs and the names at hand. `base` is the
/// directory from which relative log files are seen.
Made make_processes(World const&, text::Names const& names, std::string const& here,
                    std::string const& base, Program const&, std::string const& group,
                    int numprocs);

/// The directory from which relative log files are seen: supervisord opens them after it has gone
/// to `directory`, which it does only when it detaches.
std::string const& log_base(Daemon const&, World const&);

}  // namespace lares::config
