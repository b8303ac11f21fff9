// config/settings_program.h: what a configuration says of programs, and what tasks share with them.
//
// Part of config/settings.h. The names are the options' names (spec/supervisor.md §1.7 to 1.11 and
// our own additions); what each means, its default and its range stand in the option rows
// (config/options.h). Values only.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/expect_settings.h"
#include "config/notify.h"
#include "config/roles.h"
#include "core/health.h"
#include "core/supervise.h"
#include "text/diagnostic.h"
#include "text/environment.h"
#include "text/log_lines.h"

namespace lares::config {

/// A user as the system knows it, found when the configuration is read.
struct User {
    std::string name;
    unsigned uid = 0;
    unsigned gid = 0;
    std::string home;
    std::string shell;
    bool operator==(User const&) const = default;
};

struct LogTarget {
    enum class Kind { automatic, none, file, syslog, journald };
    Kind kind = Kind::automatic;
    std::string path;  // of file
    bool operator==(LogTarget const&) const = default;
};

/// Where one stream of a program goes, and how its files are kept.
struct LogSettings {
    LogTarget logfile;
    std::int64_t maxbytes = 50 << 20;  // 0: never rotate by size
    int backups = 10;                  // 0: truncate
    std::int64_t capture_maxbytes = 0;
    bool events_enabled = false;
    bool syslog = false;
    // Ours:
    Duration rotate_every{0};     // 0: not by time; 24h rotates at local midnight
    bool compress = false;        // rotated files become .gz
    Duration keep_for{0};         // rotated files older than this are deleted; 0: no limit
    std::int64_t keep_bytes = 0;  // rotated files together; 0: no limit
    text::LogFormat format = text::LogFormat::raw;
    std::string prefix;  // may hold %(process_name)s ...; expanded per process
    bool timestamp = false;
    bool operator==(LogSettings const&) const = default;
};

/// How to ask a program whether it is ready or well.
struct Probe {
    enum class Kind { none, after, http, tcp, exec, notify };
    Kind kind = Kind::none;
    Duration after{0};              // after
    std::string target;             // http: URL; tcp: host:port or unix path; exec: command
    std::vector<std::string> argv;  // exec, split
    bool operator==(Probe const&) const = default;
};

struct HookCommand {
    std::vector<std::string> argv;  // empty: none; no shell runs
    Duration time_limit{30'000};
    bool operator==(HookCommand const&) const = default;
};

enum class OnEnd { ignore, shutdown };

/// What the daemon does when the program ends for good (EXITED without restart, or FATAL).
struct EndPolicy {
    OnEnd what = OnEnd::ignore;
    std::optional<int> code;  // of the daemon; none: the program's own exit code
    bool operator==(EndPolicy const&) const = default;
};

/// What the next daemon does with a process that outlived its daemon and the keeper: keep it
/// (without its pipes), stop it and start anew, or leave it alone and start another.
enum class OnOrphan { adopt, stop, ignore };

/// Resource limits of each process (setrlimit): name as in limit_NAME ("nofile"), soft and hard,
/// -1 unlimited.
struct ResourceLimit {
    std::string name;
    std::int64_t soft = -1;
    std::int64_t hard = -1;
    bool operator==(ResourceLimit const&) const = default;
};

/// memory_max = 200MB restart: looked at from time to time, as memmon does.
struct MemoryWatch {
    std::int64_t most = 0;  // resident bytes of the process and its descendants; 0: not watched
    Duration every{10'000};
    bool operator==(MemoryWatch const&) const = default;
};

struct Cgroup {
    std::int64_t memory_max = 0;  // bytes; 0: none
    std::int64_t memory_high = 0;
    int cpu_max_percent = 0;  // 150 means one and a half CPUs; 0: none
    int cpu_weight = 0;       // 1 to 10000; 0: default
    int pids_max = 0;
    int io_weight = 0;
    bool operator==(Cgroup const&) const = default;
    bool wanted() const { return *this != Cgroup{}; }
};

/// The two result handlers that are built in: OK or FAIL, and printing what was answered.
inline constexpr std::string_view default_handler = "supervisor.dispatchers:default_handler";
inline constexpr std::string_view printing_handler = "supervisor_stdout:event_handler";

enum class ProgramKind { program, eventlistener, fcgi_program, task };

/// A [program:x] (or eventlistener, fcgi-program) section. Texts that may differ between its
/// processes are kept unexpanded here and expanded in ProcessSettings.
struct Program {
    std::string name;
    ProgramKind kind = ProgramKind::program;
    text::Place place;
    std::string file;  // that first introduced the section

    std::string command;
    std::string process_name = "%(program_name)s";
    int numprocs = 1;
    int numprocs_start = 0;
    int priority = 999;
    bool autostart = true;
    supervise::Policy policy;  // startsecs ... window: the options that decide
    bool stopasgroup = false;
    bool killasgroup = false;
    std::optional<User> user;
    bool redirect_stderr = false;
    LogSettings out;
    LogSettings err;
    std::string environment;
    std::string directory;  // empty: the daemon's
    std::optional<unsigned> umask;
    std::string serverurl;  // empty: AUTO

    // eventlistener, fcgi-program:
    std::vector<std::string> events;
    int buffer_size = 10;
    std::string result_handler;
    bool event_length_in_bytes = false;  // how headers count the payload; else characters
    std::string socket;
    int socket_backlog = 0;
    std::string socket_owner;
    std::optional<unsigned> socket_mode;

    // Ours:
    std::vector<std::string> depends_on;  // names of programs or groups
    std::vector<std::string> sockets;     // names of [socket:x], handed over as 3, 4, ...
    Probe ready;
    health::Plan ready_plan{.purpose = health::Purpose::readiness};
    Probe alive;
    health::Plan alive_plan{.purpose = health::Purpose::liveness};
    std::vector<std::string> environment_files;  // a leading '-' means it may be absent
    std::vector<ResourceLimit> limits;
    std::optional<int> nice;
    std::optional<int> oom_score_adj;
    std::vector<int> cpu_affinity;
    Cgroup cgroup;
    MemoryWatch memory_watch;
    HookCommand pre_start, post_start, pre_stop, post_stop;
    std::vector<std::string> watch_restart;  // files or globs
    Duration watch_delay{500};               // quiet for so long before the restart
    EndPolicy on_exit, on_fatal;
    bool remember = false;  // what a person started or stopped stays so at the next start
    OnOrphan on_orphan = OnOrphan::adopt;
    std::vector<Notify> notify;      // who is told of what; none: as [lares] says
    std::vector<Expect> expects;     // of each of its processes, while it is RUNNING
    bool user_environment = false;   // set HOME, USER, LOGNAME, SHELL from `user`
    bool clear_environment = false;  // do not inherit the daemon's
    bool is_public = false;          // on the status page that needs no login

    /// Options whose text differs between the processes ("%(process_num)s" in it), as written, by
    /// name. Their fields here hold the first process's value; ProcessSettings has each one's.
    text::Variables varying;

    bool operator==(Program const&) const = default;
};

/// True when nothing but the place in the files differs, so that a reload has nothing to do.
bool same_meaning(Program const&, Program const&);

/// One process of a program, all texts expanded.
struct ProcessSettings {
    std::string group;
    std::string name;
    int number = 0;  // process_num
    std::string command;
    std::vector<std::string> argv;  // empty when the command cannot be split: see command_error
    std::string command_error;      // "can't parse command '...': No closing quotation"
    text::Variables environment;    // the program's own, expanded
    LogTarget out, err;
    std::string out_prefix, err_prefix;
    // The program's, unless they vary between its processes (Program::varying):
    std::string directory;
    std::vector<std::string> environment_files;
    Probe ready, alive;
    HookCommand pre_start, post_start, pre_stop, post_stop;
    bool operator==(ProcessSettings const&) const = default;
};

}  // namespace lares::config
