// control/work_house.h: what the operations over tasks, jobs, folders and the journal ask of the
// daemon.
//
// Apart from House because it is a subject of its own. Everything runs on the loop's thread; every
// callback comes once. What is only read from the store is asked of store() directly.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"
#include "core/audit.h"
#include "core/job.h"
#include "core/queue.h"
#include "ports/store.h"

namespace lares::control {

/// A job as a client, a trigger or a folder offers it.
struct NewJob {
    std::string task;
    std::string payload;  // JSON text of an object; empty: {}
    /// Of a payload that is kept in a file already, that of another job: its hash, in place of
    /// payload.
    std::string payload_file = {};
    std::string key;   // unique among the task's live jobs; empty: as the task's `unique` says
    std::string once;  // idempotency key; unique for good; empty: none
    std::optional<int> priority;  // none: the task's
    WallTime not_before{};
    std::vector<job::Id> after;
    std::string source;  // "put", "run", "schedule", "hook /hook/x", …; or core/rerun.h's
};

struct PutOutcome {
    job::Id id = 0;
    bool is_duplicate = false;  // id is of the job that was there
};

/// An error of one of many: which, and what.
struct PutFailure {
    std::size_t index = 0;
    Error error;
};

struct TaskInfo {
    config::Task const* task = nullptr;  // until the next turn
    queue::Depth depth;
    std::vector<queue::Block> blocks;
    std::vector<job::Id> running;
    std::optional<WallTime> next;  // due by a clock
    std::string next_by;           // the trigger's words
    WallTime last_end{};           // of a job; epoch: none known
    job::State last_state = job::State::ready;
    std::uint64_t last_run = 0;
    std::int64_t done = 0, failed = 0;  // since the daemon started
    Duration usual{0};                  // median wall time of its last good runs; 0: not known
    bool is_late = false;
    std::string late_words;
};

struct FolderInfo {
    config::Folder const* folder = nullptr;
    std::size_t waiting = 0, taken = 0, problems = 0;  // not stable yet; being worked on; parked
    bool is_polled = false;
    std::string trouble;  // or why it is polled
    std::string blocked;  // why it does not claim: "task 'x' is full"; empty: it does
    std::vector<std::pair<std::string, std::string>> reasons;  // path, why it waits; at most 100
};

struct RunningJob {
    job::Id id = 0;
    std::string task;
    std::uint64_t run = 0;
    int pid = 0;
    int attempt = 0;
    WallTime started{};
    int progress = -1;  // percent; -1: not told
    std::string progress_words;
    std::string node;
};

/// What a remote worker is given.
struct Lease {
    job::Job job;
    std::uint64_t run = 0, token = 0;
    Duration lasts{0};
};

struct Maintenance {
    bool is_on = false;
    WallTime until{};
    std::string reason, who;
    std::vector<std::string> needs;  // only tasks that need one of these; empty: all
    std::size_t held = 0;            // jobs that wait for its end
    std::string report;              // of the last one that ended; empty: there was none
};

using Done = std::function<void(Result<>)>;

/// What the daemon's own audit found last.
struct Audited {
    std::size_t unexplained = 0;
    WallTime at{};  // epoch: it has not looked yet
};

class WorkHouse {
public:
    virtual ~WorkHouse() = default;

    virtual ports::Store& store() = 0;

    /// Durable before answered, all in one commit, or none. The Error's kind: not_found (no such
    /// task), invalid (payload), conflict (full), unavailable (the store cannot be written).
    virtual void put(std::vector<NewJob>, std::string who,
                     std::function<void(Result<std::vector<PutOutcome>>)>) = 0;
    virtual std::vector<TaskInfo> tasks() const = 0;
    virtual std::optional<TaskInfo> task(std::string_view name) const = 0;
    virtual std::vector<FolderInfo> folders() const = 0;
    virtual std::vector<RunningJob> running() const = 0;
    virtual std::map<std::string, std::pair<int, int>> resources() const = 0;  // used, of how many

    /// Ends a running job, or takes a ready one out of the queue. conflict: it has ended already.
    virtual void cancel(job::Id, std::string who, Done) = 0;
    /// A dead, parked or cancelled job is ready again, with all its retries; one that waits for its
    /// time starts as soon as it can.
    virtual void retry(job::Id, std::string who, Done) = 0;
    virtual void set_priority(job::Id, int priority, std::string who, Done) = 0;
    /// With an empty task, all of them.
    /// pause: nothing new starts, what runs goes on. drain: as pause, and answers when nothing of
    /// it runs any more. The pause survives the daemon.
    virtual void pause(std::string task, std::string who, std::string reason, Done) = 0;
    virtual void resume(std::string task, std::string who, Done) = 0;
    virtual void drain(std::string task, std::string who, Done) = 0;
    /// What a folder with duplicates = ask, or a problem, waits for: run it, or leave it.
    virtual void settle_file(std::uint64_t file, bool run, std::string who, Done) = 0;
    /// Puts a file into a hot folder, as if it had been copied there; gives its path. not_found: no
    /// such folder; invalid: the folder would not take a file of this name.
    virtual void drop_file(std::string folder, std::string name, std::string bytes, std::string who,
                           std::function<void(Result<std::string>)>) = 0;

    /// Answers once the job has ended: at once when it has. not_found: there is no such job. Gives
    /// what House::forget() takes, 0 when it has answered already.
    virtual std::uint64_t when_ended(job::Id, std::function<void(Result<job::Job>)>) = 0;

    /// Whether the queue holds it: it waits, or runs.
    virtual bool is_live(job::Id) const = 0;
    virtual std::vector<queue::Reason> why(job::Id) const = 0;
    virtual std::vector<queue::Reason> why_task(std::string_view name) const = 0;

    /// Remote workers. claim answers with at most `most` jobs, none when there is nothing to do
    /// within `wait`. heartbeat and finish: conflict when the token is not the lease's any more.
    virtual void claim(std::string task, std::string node, int most, Duration lasts,
                       std::function<void(Result<std::vector<Lease>>)>) = 0;
    virtual void heartbeat(job::Id, std::uint64_t token, int progress, std::string words, Done) = 0;
    virtual void finish(job::Id, std::uint64_t token, bool ok, int code, std::string words,
                        std::string result, std::string log, Done) = 0;

    virtual Maintenance maintenance() const = 0;
    virtual void begin_maintenance(Duration, std::vector<std::string> needs, std::string reason,
                                   std::string who, Done) = 0;
    virtual void end_maintenance(std::string who, Done) = 0;

    /// Every time from `from` to `to` at which a clock of the configuration then in force should
    /// have brought a job, for the audit; at most limits::store_rows of them, the newest.
    virtual std::vector<audit::DueInstant> due_between(WallTime from, WallTime to) const = 0;
    virtual Audited audited() const = 0;

    /// A hook trigger by its path; null when there is none.
    virtual config::Task const* find_hook(std::string_view path) const = 0;
    /// An operator's act or a refusal, into the journal. `data`: JSON object or empty.
    virtual void note(std::string kind, std::string subject, std::string who, std::string words,
                      std::string data) = 0;
};

}  // namespace lares::control
