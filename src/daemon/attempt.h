// daemon/attempt.h: one attempt at a job while it is under way, and what its successor must know.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "core/job.h"
#include "ports/event.h"
#include "ports/processes.h"
#include "ports/store.h"
#include "text/record.h"

namespace lares::daemon {

struct Attempt {
    enum class Phase {
        committing,  // not in the store yet: nothing may begin
        preparing,   // environment files, a large payload
        spawning,
        running,
        ending,  // told to end
        ended,   // its end is on its way into the store
    };
    enum class How { process, line, remote };

    std::uint64_t run = 0;
    job::Id job = 0;
    job::Id event = 0;  // of its start: the cause of what follows
    std::string task;
    int number = 1;
    How how = How::process;
    Phase phase = Phase::committing;
    int pid = 0;
    std::uint64_t start_ticks = 0;
    Instant started{};
    WallTime wall_started{};
    std::optional<Instant> deadline;  // of its timeout
    std::optional<Instant> rung_at;   // of the ladder that ends it
    int rung = 0;
    job::Outcome ends_as = job::Outcome::ok;  // of an ending one, other than by itself
    std::string ends_words;
    std::string log;                                    // path
    std::string command, environment, directory, user;  // for its row
    int progress = -1;
    std::string progress_words;
    std::string node;  // remote
    Duration lease{0};
    std::uint64_t token = 0;
    // Made before its start is written, where nothing must be read for it first.
    std::unique_ptr<ports::SpawnRequest> request;
    bool is_pid_told = false;                      // to memory and store
    bool is_left = false;                          // by a predecessor
    bool is_ahead = false;                         // began while its start goes to the disk
    std::shared_ptr<ports::RunRow const> as_then;  // of a rerun: what is to be as it was

    /// Else a predecessor's row has what we do not know.
    bool knows_its_row() const { return !is_left || !command.empty(); }
};

/// How it ended, whatever it was.
struct Ended {
    int code = 0;
    int signal = 0;
    bool core_dumped = false;
    Duration cpu{0};
    std::int64_t peak_memory_bytes = 0, read_bytes = 0, written_bytes = 0;
    std::string words;
    std::string result;
    Instant at{};
    bool status_unknown = false;
};

/// The record under "job-run/<run>", written before it is spawned and again when its pid is known.
std::string write_attempt(Attempt const&);
/// `run` is of the key.
Attempt read_attempt(std::uint64_t run, text::Record const&);

}  // namespace lares::daemon
