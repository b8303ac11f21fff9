// config/world.h: what reading a configuration asks of the world, as functions.
//
// Values only; bin/ makes the real one, tests a scripted one. Not a port: it is used before the
// daemon is there, and on its worker.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "core/zone.h"
#include "text/environment.h"

namespace lares::config {

/// What reading a configuration asks of the world; bin/ gives the real one, tests a scripted one.
struct World {
    std::function<Result<std::string>(std::string const& path)> read_file;
    /// Paths that match, sorted by name. Relative patterns have been made absolute.
    std::function<std::vector<std::string>(std::string const& pattern)> glob;
    std::function<bool(std::string const& path)> is_directory;
    std::function<std::optional<User>(std::string const& name_or_uid)> find_user;
    std::function<std::optional<unsigned>(std::string const& name_or_gid)> find_group;
    /// A time zone by its IANA name, "" the machine's; the Error names the nearest one.
    std::function<Result<schedule::Zone>(std::string const& name)> find_zone;
    /// As read_file, for what a configuration refers to but must not be kept with it (bundle.h).
    std::function<Result<std::string>(std::string const& path)> read_secret;
    text::Variables environment;  // the daemon's own, for ENV_X
    std::string directory;        // current working directory, absolute
    std::string host_name;        // uname nodename
    std::string home;             // for "~"
    std::string temporary;        // $TMPDIR or /tmp: default childlogdir
    bool is_root = false;         // for the default of state_directory
};

/// Command-line values that override the file ("-l FILE" is {"logfile", "FILE"}).
using Overrides = std::vector<std::pair<std::string, std::string>>;

}  // namespace lares::config
