// cli/request.h: a command line as values: what was asked for, before anything is done about it.
//
// Filled by cli/parse.cc from the rows of cli/rows.h. A field that no option of the given command
// fills keeps its default.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/load.h"

namespace lares::cli {

enum class Command {
    none,
    up,
    down,
    status,
    start,
    stop,
    restart,
    signal,
    pid,
    tail,
    scale,
    check,
    explain,
    version,
    help,
    completion,
    plan,
    apply,
    update,
    reread,
    add,
    remove,
    avail,
    reload,
    config,
    program,
    event,
    upgrade,
    hash_password,
    import_from,
    manual,
    next,
    put,
    run,
    jobs,
    job,
    cancel,
    retry,
    pause,
    resume,
    drain,
    tasks,
    folders,
    runs,
    log,
    rerun,
    diff,
    trace,
    why,
    why_not,
    audit,
    at,
    events,
    maintenance,
    db,
    token,
    user,
    outbox,
    notify,
    channel,
    budget,
    letter,
    alerts,
    top,
    simulate,
    shadow,
    priority,
    folder,
};

/// Where the daemon of `lares up` runs: in the background, on this terminal, or as nodaemon= says.
enum class Ground { as_configured, background, foreground };

/// What `lares up` hands to bin/, which starts the daemon.
struct UpRequest {
    std::optional<std::string> config;  // -c; none: the default paths
    Ground ground = Ground::as_configured;
    bool no_keeper = false;
    config::Overrides overrides;  // of [supervisord], as config::load takes them
    std::string program;          // for "For help, use PROGRAM -h"; empty: as it was called
};

struct Request {
    Command command = Command::none;
    /// What stands after the command: names, a file, a signal and names, ...
    std::vector<std::string> words;

    // Of every command:
    bool help = false;
    bool version = false;
    bool json = false;
    bool no_color = false;
    std::string server;  // empty: from the configuration
    std::string config;  // empty: the default paths
    std::string username;
    std::string password;

    // Of single commands:
    bool watch = false;
    bool fail = false;
    bool no_wait = false;
    bool rolling = false;
    bool follow = false;
    bool main = false;
    bool yes = false;
    std::string bytes;  // a size, as written
    std::string lines;  // a number, as written
    // Of jobs and the journal, as written:
    std::string key, once, priority, at, in, after;
    std::string json_payload, batch;  // files
    std::string state, since, count;
    std::string reason, needs, file;
    std::string role;
    // Of messages, as written:
    std::string title, text, attach, thread, link, severity, channel, expires;
    bool wait = false;
    bool html = false;
    std::string language;
    bool dead = false;
    bool as_then = false;
    bool as_now = false;
    bool detach = false;
    bool foreground = false;
    bool no_keeper = false;
    bool system = false;
    config::Overrides overrides;
    // Of next:
    std::optional<std::string> expression;
    std::optional<std::string> timezone;  // none: the machine's own
    std::string from;                     // an ISO time; empty: now
    std::string days;                     // a number, as written
    bool ics = false;
    // Of simulate and shadow:
    std::string assume;       // a span of time, as written
    std::string failing;      // a percentage, as written
    std::string database;     // a file
    std::string syslog;       // files, as a glob; "-": standard input
    std::string to;           // an ISO time
    std::string of_user;      // whose table it is
    bool all = false;         // no other tables are in use
    bool running = false;     // of jobs: what runs now
    bool one_screen = false;  // of top: print it and end
};

}  // namespace lares::cli
