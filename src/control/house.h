// control/house.h: what the operations ask of the daemon.
//
// The daemon implements it; the table of operations (control/operations.h) is written against it
// and tested with a scripted one. Everything runs on the loop's thread; what takes time answers
// through a callback, once, or never when the asker has gone (forget()).

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/supervise.h"
#include "ports/logs.h"
#include "ports/usage.h"
#include "ports/zones.h"

namespace lares::config {
struct Settings;
}

namespace lares::control {

class ConfigHouse;
class MessageHouse;
class WorkHouse;

/// supervisord's fault codes (spec §4.2), which every face maps to its own: HTTP statuses, exit
/// codes.
enum class Fault {
    unknown_method = 1,
    incorrect_parameters = 2,
    bad_arguments = 3,
    signature_unsupported = 4,
    shutdown_state = 6,
    bad_name = 10,
    bad_signal = 11,
    no_file = 20,
    not_executable = 21,
    failed = 30,
    abnormal_termination = 40,
    spawn_error = 50,
    already_started = 60,
    not_running = 70,
    success = 80,
    already_added = 90,
    still_running = 91,
    cant_reread = 92,
};

/// How one request about one process ended: success, or a fault with its extra words (without the
/// fault's name).
struct Outcome {
    Fault fault = Fault::success;
    std::string extra = {};
    /// Of which sort the failure is, where supervisord's codes are too coarse for a face.
    std::optional<Error::Kind> kind = {};
};

struct ProcessInfo {
    std::string group;
    std::string name;
    supervise::State state = supervise::State::stopped;
    int pid = 0;
    WallTime started{};   // of the last spawn; epoch 0 when never
    WallTime stopped{};   // of the last end; epoch 0 when never
    int exit_status = 0;  // supervisord's: -1 by signal, 0 while running or after a too quick exit
    std::string spawn_error;
    std::string out_log;  // "" when none or redirected
    std::string err_log;
    // Ours, for lares.status:
    std::string why;  // of the present state: "exited with 1 before startsecs, retrying in 2 s"
    std::string waits_for;  // "db (FATAL), cache"; empty: nothing
    bool ready = false;
    std::int64_t restarts = 0;  // automatic ones since the daemon started
    int last_signal = 0;        // that ended it; 0: none
    std::int64_t peak_memory_bytes = 0;
    Duration cpu{0};      // of all its ended runs
    std::string program;  // section name
    std::vector<std::string> needs;
    std::int64_t exits = 0;  // ends of its process since the daemon started
    std::int64_t unexpected_exits = 0;
    bool is_public = false;  // on the public status page
};

/// Index of a process, valid within one turn.
using ProcessIndex = int;
/// A request that waits; forget() with it when the client has gone.
using WaitId = std::uint64_t;

enum class DaemonState { shutdown = -1, restarting = 0, running = 1, fatal = 2 };

class House {
public:
    virtual ~House() = default;

    virtual int process_count() const = 0;
    virtual ProcessInfo info(ProcessIndex) const = 0;
    /// Indices sorted by group name, then process name, as getAllProcessInfo lists them.
    virtual std::vector<ProcessIndex> by_name() const = 0;
    /// Indices of one group in (priority, name) order; none when there is no such group.
    virtual std::optional<std::vector<ProcessIndex>> group(std::string_view name) const = 0;
    /// Group and process names both exact.
    virtual std::optional<ProcessIndex> find(std::string_view group,
                                             std::string_view name) const = 0;
    virtual supervise::State state(ProcessIndex) const = 0;

    /// Starts, and with `wait` answers when it is RUNNING or has failed; else at once. The outcomes
    /// are startProcess's (spec §4.2): no_file, not_executable, already_started, spawn_error,
    /// abnormal_termination. 0 when answered already.
    virtual WaitId start(ProcessIndex, bool wait, std::function<void(Outcome)>) = 0;
    /// not_running when it is not up; with `wait` answers when it has stopped. What needs it stops
    /// first.
    virtual WaitId stop(ProcessIndex, bool wait, std::function<void(Outcome)>) = 0;
    virtual WaitId restart(ProcessIndex, bool wait, std::function<void(Outcome)>) = 0;
    virtual Outcome signal(ProcessIndex, int number) = 0;
    virtual Outcome write_stdin(ProcessIndex, std::string_view bytes) = 0;
    /// Removes and reopens both logs of a process.
    virtual void clear_logs(ProcessIndex, std::function<void(Outcome)>) = 0;
    /// Changes numprocs of a program (section name); others are not touched. Answers when the
    /// surplus ones have stopped and the new ones have been asked to start.
    virtual WaitId scale(std::string_view program, int numprocs, std::function<void(Outcome)>) = 0;
    /// Restarts the given processes one by one, each when the one before is RUNNING again; stops at
    /// the first that does not come back. The outcome names it.
    virtual WaitId rolling_restart(std::vector<ProcessIndex>, std::function<void(Outcome)>) = 0;
    /// The asker has gone: its callback must not be called any more.
    virtual void forget(WaitId) = 0;

    virtual DaemonState daemon_state() const = 0;
    virtual std::string identifier() const = 0;
    virtual int pid() const = 0;
    virtual std::string main_log() const = 0;  // path; empty: none
    virtual std::string config_path() const = 0;
    virtual WallTime wall() const = 0;
    virtual int local_offset_seconds(WallTime at) const = 0;
    virtual void clear_main_log(std::function<void(Outcome)>) = 0;
    /// A REMOTE_COMMUNICATION event for whoever listens.
    virtual void send_remote_event(std::string_view type, std::string_view data) = 0;
    /// Both answer at once and act afterwards. restart: reads the configuration first; a faulty one
    /// changes nothing and is the Error.
    virtual void ask_shutdown() = 0;
    virtual void ask_restart(std::function<void(Result<>)>) = 0;
    /// Has this daemon's place taken by one of the binary at `path` (empty: the file that this one
    /// is of), while everything runs on. Answers when the binary has been tried, and ends this
    /// daemon after that.
    virtual void ask_upgrade(std::string path, std::function<void(Result<>)>) = 0;

    /// What is applied; until the next turn.
    virtual config::Settings const& settings() const = 0;
    virtual ports::Zones& zones() = 0;
    /// Of this machine, as it goes into the jitter of schedules.
    virtual std::string host_name() const = 0;
    /// What these processes use, measured now.
    virtual void measure(std::vector<int> pids,
                         std::function<void(std::vector<ports::ProcessUsage>)>) = 0;
    virtual ports::LoopFigures loop_figures() const = 0;

    /// What concerns configurations.
    virtual ConfigHouse& configuration() = 0;
    /// What concerns tasks, jobs, folders and the journal.
    virtual WorkHouse& work() = 0;
    virtual MessageHouse& messages() = 0;

    /// Channels of a process's logs, for following; none when it has no such log.
    enum class Stream { out, err };
    virtual std::optional<ports::ChannelId> channel(ProcessIndex, Stream) const = 0;
    virtual ports::ChannelId main_channel() const = 0;
    virtual ports::Logs& logs() = 0;
};

}  // namespace lares::control
