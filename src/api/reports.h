// api/reports.h: what a running Lares tells its clients, as values.
//
// The daemon sends these as XML-RPC structs (control's lares.* operations); reading is forgiving: a
// member that is missing keeps its default, one that is not known is passed over, so that client
// and daemon of different versions understand each other.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/value.h"
#include "text/xmlrpc.h"

namespace lares::api {

/// supervisord's fault codes, as far as a client reacts to them; `ok` is its 80, SUCCESS.
namespace code {
inline constexpr std::int64_t bad_name = 10;
inline constexpr std::int64_t abnormal_termination = 40;
inline constexpr std::int64_t spawn_error = 50;
inline constexpr std::int64_t already_started = 60;
inline constexpr std::int64_t not_running = 70;
inline constexpr std::int64_t ok = 80;
}  // namespace code

/// One process, as lares.status lists it. Times are whole seconds since 1970, 0 for never.
struct Process {
    std::string group;
    std::string name;
    std::string program;     // the section it comes from
    std::int64_t state = 0;  // supervisord's number
    std::string state_name;  // "RUNNING"
    std::int64_t pid = 0;    // 0: none
    std::int64_t started = 0;
    std::int64_t stopped = 0;
    std::int64_t uptime_seconds = 0;
    std::string why;        // it is in this state; may be empty
    std::string waits_for;  // "db (FATAL), cache"; empty: nothing
    bool ready = false;
    std::int64_t restarts = 0;
    std::int64_t exit_status = 0;
    std::int64_t signal = 0;  // that ended it; 0: none
    std::string spawn_error;
    std::string out_log;
    std::string err_log;
    std::int64_t peak_memory_bytes = 0;
    std::int64_t cpu_ms = 0;
    std::string description;  // supervisord's words
    std::vector<std::string> needs;

    /// "web", or "web:web_0" where group and process have different names.
    std::string full_name() const { return group == name ? name : group + ":" + name; }
    bool operator==(Process const&) const = default;
};

struct Status {
    std::string version;
    std::string commit;
    std::int64_t pid = 0;
    std::string identifier;
    std::string state;   // of the daemon: "RUNNING", "SHUTDOWN", ...
    std::string config;  // path of its configuration
    std::int64_t started = 0;
    std::int64_t tasks = 0;                     // that are configured
    std::int64_t unexplained = 0, audited = 0;  // what the audit found, and when; 0: not yet
    bool config_drift = false;                  // the files are not what runs
    std::vector<std::string> config_drift_files;
    std::vector<Process> processes;    // sorted by group, then name
    std::vector<std::string> unknown;  // patterns that match nothing
};

/// How a request ended for one process. `name` is the pattern itself when nothing matched it.
struct Outcome {
    std::string name;
    std::string group;
    std::int64_t status = code::ok;
    std::string description;

    std::string full_name() const {
        return group == name || group.empty() ? name : group + ":" + name;
    }
};

/// A piece of a log's end: `size` is the file's, `cut` says that the log is longer than the piece.
struct LogPiece {
    std::string text;
    std::int64_t size = 0;
    bool cut = false;
};

/// One thing that an update would do, and why.
struct PlannedChange {
    std::string action;   // "start", "restart", "stop", ...
    std::string name;     // of the process or group
    std::string program;  // the section it comes from
    std::string why;
    std::vector<std::string> lines;       // of the configuration: "/etc/x.conf:12: command = x"
    std::vector<std::string> dependants;  // what needs it
};

struct PlannedOption {
    std::string option, before, after;
    std::string place;  // "/etc/x.conf:12"; may be empty
};

/// A task, folder or channel, or [lares] itself, that becomes another.
struct PlannedWork {
    std::string action;  // "add", "change", "remove"
    std::string kind;    // "task", ...
    std::string name;
    std::string timezone;
    std::vector<std::string> next_before, next_after;  // ISO, with offset
    std::vector<std::string> notes;
    std::int64_t waiting = 0, running = 0;  // jobs, or files of a folder
    std::vector<PlannedOption> options;
};

struct Plan {
    std::string fingerprint;  // `lares apply` takes it
    std::int64_t revision = 0;
    std::vector<PlannedChange> changes;
    std::vector<PlannedWork> work;
    std::vector<std::string> warnings;
    std::vector<std::string> errors;  // with any, nothing can be applied
};

/// One configuration that was in force.
struct Revision {
    std::int64_t number = 0;
    std::int64_t when = 0;  // seconds since 1970
    std::string by;
    std::string cause;
    std::int64_t programs = 0;
    bool is_current = false;
};

// Each takes its value apart, so that a thousand processes are not copied. An Error (io) names what
// is not of the expected shape.
Result<Status> read_status(text::Value);
Result<std::vector<Outcome>> read_outcomes(text::Value);
Result<LogPiece> read_log_piece(text::Value);
Result<Plan> read_plan(text::Value);
Result<std::vector<Revision>> read_revisions(text::Value);

/// What a person calls the fault: "no such process" for 10; empty for a code not known here.
std::string_view words_of(std::int64_t fault);

/// "no such process: nope"; the fault's own words when the code is not known. The kind follows the
/// code: not_found for a name or a file, conflict for a state, invalid for what was asked wrongly.
Error error_of(text::XmlRpcFault const&);

/// The extra words of "NAME: extra", without the fault's name; empty when there are none.
std::string_view extra_words(std::string_view description);

}  // namespace lares::api
