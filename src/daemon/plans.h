// daemon/plans.h: from settings to what the ports are asked: pure translations.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/load.h"
#include "config/settings.h"
#include "core/supervise.h"
#include "ports/logs.h"
#include "ports/processes.h"

namespace lares::daemon {

/// What every child of a program is given, whatever it runs (spec §2.3).
struct ChildContext {
    config::Settings const& settings;
    config::Program const& program;
    config::ProcessSettings const& process;
    text::Variables const& inherited;   // the daemon's own environment
    text::Variables const& from_files;  // environment_file contents
    std::string server_url;             // for SUPERVISOR_SERVER_URL; empty: none
};

/// The environment in supervisord's order of precedence: inherited, SUPERVISOR_*, the user's (when
/// asked), [supervisord] environment, environment files, the program's own. Later ones win.
std::vector<std::string> child_environment(ChildContext const&);

/// The request for `argv` in that context, without channels: the process itself, a hook or a probe.
ports::SpawnRequest child_request(ChildContext const&, std::vector<std::string> argv);

/// What a program that tells of its readiness or its life by notification needs: sd_notify's
/// socket, or the descriptor `ready = notify N` names (s6).
void request_notify(config::ProcessSettings const&, ports::SpawnRequest&);

/// The limits of the program's own cgroup, one directory named after the process; none when it asks
/// for none.
std::optional<ports::CgroupLimits> cgroup_limits(config::Program const&, std::string name);

/// Reads every file in order; a leading '-' means it may be absent. Blocks: for the worker.
Result<text::Variables> read_environment_files(config::World const&,
                                               std::vector<std::string> const& files);

/// "pre_start" for Hook::pre_start.
std::string_view hook_name(supervise::Hook);

/// "unix:///path" of the first unix server, else "http://host:port"; empty without servers.
std::string server_url(config::Settings const&);

/// How one stream is logged. `path` is the file (AUTO names are chosen by the caller); `automatic`
/// gives it the mode of AUTO logs.
ports::LogSpec log_spec(config::Settings const&, config::Program const&,
                        config::ProcessSettings const&, bool is_stdout, std::string path);

/// Whether events are made of what it writes there, or it speaks the listener protocol there.
bool wants_output(config::Program const&, bool is_stdout);

/// Number of RLIMIT_ for "nofile", as setrlimit(2) takes it; none for an unknown name.
std::optional<int> limit_number(std::string_view name);

}  // namespace lares::daemon
