// daemon/unit.h: one process of a program, as the daemon keeps it while it runs.
//
// A value with public fields: what is decided about it stands in core/, what is done to it in
// daemon.h. The settings it was made from are kept, so that a later configuration can be compared.

#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "control/house.h"
#include "core/health.h"
#include "core/supervise.h"
#include "core/wishes.h"
#include "ports/event.h"

namespace lares::daemon {

/// A request that waits for a process to get somewhere.
struct Waiter {
    enum class For { spawned, running, running_again, down };
    control::WaitId id;
    For what;
    std::function<void(control::Outcome)> answer;
};

/// A command at a turning point of the process, or an exec probe: killed when it takes too long.
struct SideRun {
    std::optional<ports::RunId> run;
    bool timed_out = false;
    bool given_up = false;  // told to end
    int pid = 0;            // with start_ticks, for a successor
    std::uint64_t start_ticks = 0;
    std::optional<Instant> deadline;  // of a hook
};

/// A probe under way, by whichever of the two roads; at most one a watch.
struct Asking {
    health::Watch watch;
    std::optional<ports::ProbeId> probe;
    SideRun exec;
};

/// What a process gets when it is down (daemon/comparison.h).
struct Successor {
    config::Program const* program = nullptr;
    config::ProcessSettings settings;
    bool start = false;  // once it has them
    bool told = false;   // to stop
};

struct Unit {
    std::uint64_t key = 0;  // never reused: names its timers
    int index = 0;          // in the daemon's list; changes when the list does
    config::Program const* program = nullptr;
    config::ProcessSettings settings;
    int group_priority = 999;
    supervise::Process process;

    std::optional<ports::RunId> run;
    std::uint64_t start_ticks = 0;            // of the process, for a successor
    std::optional<supervise::Signal> unsent;  // decided, and perhaps not sent yet
    ports::ChannelId out{};                   // 0: none
    ports::ChannelId err{};
    std::string out_path, err_path;  // "" when there is no file
    Asking ready, alive;
    std::array<SideRun, 4> hooks;  // by supervise::Hook

    int last_pid = 0;  // of the run, also after its end; 0 when the last start made no process
    /// What its process wrote before its pid was told of: events about it would name no process.
    std::vector<ports::Event> early_output;

    WallTime started{}, stopped{};
    int exit_status = 0;
    int last_signal = 0;
    std::string spawn_error;
    std::optional<ports::SpawnFailure::Kind> spawn_failure;
    std::string why;
    std::string status;                            // STATUS= by sd_notify
    std::int64_t exits = 0, unexpected_exits = 0;  // since this daemon started
    std::int64_t restarts = 0;
    std::int64_t peak_memory_bytes = 0;
    Duration cpu{0};

    bool has_exited = false;  // since STARTING was last entered

    std::vector<Waiter> waiters;
    bool removing = false;  // goes when it is down (scale, another configuration)
    std::optional<Successor> successor;
    /// What it has from its next start on.
    config::Program const& coming() const { return successor ? *successor->program : *program; }

    bool touched = false;       // differs from what is noted
    wishes::Entry noted_entry;  // its wish, as noted
    bool is_orphan = false;     // outlived the keeper: has no pipes
    bool stop_orphan = false;   // and is to be stopped for it

    std::string full_name() const { return settings.group + ":" + settings.name; }
    /// As people see it: without the group when both are called the same.
    std::string shown_name() const {
        return settings.group == settings.name ? settings.name : full_name();
    }
};

}  // namespace lares::daemon
