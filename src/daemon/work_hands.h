// daemon/work_hands.h: what the road of work needs of the world and of the daemon, so that it knows
// neither: bin/up.cc and the simulation choose the ports, daemon/working.cc gives the rest.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/world.h"
#include "daemon/main_log.h"
#include "ports/clock.h"
#include "ports/folders.h"
#include "ports/intake.h"
#include "ports/logs.h"
#include "ports/memory.h"
#include "ports/processes.h"
#include "ports/store.h"
#include "ports/worker.h"
#include "ports/zones.h"

namespace lares::daemon {

/// What work needs of the world, and of the daemon.
struct WorkHands {
    ports::Clock& clock;
    ports::Processes& processes;
    ports::Logs& logs;
    ports::Memory& memory;
    ports::Folders& folders;
    ports::Worker& worker;
    ports::Store& store;
    ports::Zones& zones;
    ports::Intake& intake;
    config::World const& world;
    MainLog& log;
    std::function<ports::RunId()> next_run;
    /// Numbers of runs go on above this one: those of before the machine's start are in the store.
    std::function<void(std::uint64_t)> raise_runs;
    std::function<ports::ChannelId()> next_channel;
    std::function<ports::WatchId()> next_watch;
    std::function<std::uint64_t()> next_wait;
    /// Names of programs or groups that are not RUNNING, with what they are: "db (FATAL)".
    std::function<std::string(std::string_view name)> missing_program;
    std::function<std::string()> server_url;
    std::function<int()> revision;
    std::function<std::string(std::string_view bytes)> sha256;
    std::function<Result<>(std::string const& path, std::string_view bytes)> write_file;  // worker
    std::function<Result<>(std::string const& path)> remove_file;                         // worker
    std::function<Result<std::string>(std::string const& path, std::size_t bytes)> read_tail;
    std::function<std::string(std::string_view full_name)> program_of, log_of;  // of a process
    std::function<std::vector<std::string>(std::string_view name)> processes_of;
    std::function<void()> tell_unnoted = {};  // of programs, once the journal can be read
    std::string host;
    std::string boot_id;
    std::string deliver_program, no_deliver_program;  // lares-deliver, or why there is none
    std::string random;                               // bytes
    unsigned seed = 1;
    /// Told of every event of the journal, in order, before it is on the disk.
    std::function<void(ports::EventRow const&)> seen = {};
};

}  // namespace lares::daemon
