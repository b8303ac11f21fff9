// ports/store.h: what must survive: jobs, runs, events, files of folders, marks; behind it SQLite
// (one node), later PostgreSQL and MariaDB (several).
//
// Writes are values, collected into commits; the store groups the commits of a moment into one
// transaction, in order, and answers each when it is on the disk. Reads see a snapshot and hold no
// write up. Every answer comes as a callback on the loop's thread.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/delivery.h"
#include "core/job.h"
#include "core/journal_rows.h"

namespace lares::ports {

using journal::EventRow;
using journal::FileRow;
using journal::RunRow;

// What a commit is made of.

/// Refused, with all that follows from it left to the caller, when another job has its `once`.
struct PutJob {
    job::Job job;
};
/// Everything but id, task, payload, key, once, created, source, cause. `expect_run`: written only
/// while the job's run is that one (fencing); 0: always. Else, or when there is no such job: an ask
/// fails (conflict), of a must it is left out and told in Committed::conflicts.
struct SetJob {
    job::Job job;
    std::uint64_t expect_run = 0;
    /// start: nothing but state, run and attempts is other than before.
    enum class Changes { all, start };
    Changes changes = Changes::all;
};
/// Inserts, or replaces the row of that number while that run has not ended. One that has is not
/// written over: an ask fails (conflict), of a must it is left out.
struct PutRun {
    RunRow run;
};
/// Writes from `ended` on, and pid and log when they are given; the rest stays as PutRun wrote it.
/// Without such a row it is inserted whole.
struct EndRun {
    RunRow run;
};
/// With id 0 it gets the next one.
struct PutEvent {
    EventRow event;
};
/// Inserts, or replaces the row of that id. With id 0 it gets the next one.
struct PutFile {
    FileRow file;
};
struct SetMark {
    std::string key, value;
};
struct DropMark {
    std::string key;
};
/// As PutJob: `key` is unique for good in its channel.
struct PutDelivery {
    delivery::Delivery delivery;
};
/// not_before, ended, state, attempts, provider and words of the delivery of that id; nothing when
/// there is none.
struct SetDelivery {
    delivery::Delivery delivery;
};
/// An alert as core/alert.h writes it (`record`), with what is asked for beside it. Inserts, or
/// replaces the row of that id.
struct AlertRecord {
    job::Id id = 0;
    std::string subject, state;
    std::string severity;
    WallTime opened{}, ended{};  // ended: epoch while it is open
    std::string record;
    bool operator==(AlertRecord const&) const = default;
};
/// One of its members; one row for each (alert, subject, kind).
struct MemberRecord {
    job::Id alert = 0;
    std::string subject, kind;
    std::string record;
    bool operator==(MemberRecord const&) const = default;
};
struct PutAlert {
    AlertRecord alert;
};
struct PutMember {
    MemberRecord member;
};
/// All members of one alert.
struct DropMembers {
    job::Id alert;
};
using Write = std::variant<PutJob, SetJob, PutRun, EndRun, PutEvent, PutFile, SetMark, DropMark,
                           PutDelivery, SetDelivery, PutAlert, PutMember, DropMembers>;

struct Commit {
    std::vector<Write> writes;
    /// ask: fails at once, as a whole, when it cannot be written. must: has happened already; it is
    /// kept (bounded by limits::store_backlog writes) and tried again until it is written; what
    /// comes later waits behind it.
    enum class Kind { ask, must };
    Kind kind = Kind::ask;
    /// With a PutJob whose `once` is taken: false: nothing of the commit is written (conflict);
    /// true: that PutJob alone is left out, with the events about that job behind it.
    bool may_conflict = false;
};

struct Committed {
    /// Jobs left out: their ids, and the id of the job that has their `once`; 0: a SetJob whose run
    /// is another's by now. Deliveries likewise, with the one that has their key.
    std::vector<std::pair<job::Id, job::Id>> conflicts;
};

// What can be asked. Each limit is at most limits::store_rows.

struct LiveJobs {};  // all that are ready or running, oldest first; without limit
struct JobsAsked {
    std::string task;   // empty: all
    std::string state;  // job::name(State); empty: all; "live", "ended"
    std::string source, once;
    std::string payload_file;   // exact; empty: any
    job::Id before = 0;         // older than this id; 0: the newest
    WallTime since{}, until{};  // created; epoch: no bound
    std::size_t limit = 100;
};
struct JobAsked {
    job::Id id;
};
struct RunsAsked {
    std::string kind, subject, outcome;
    job::Id job = 0;
    std::uint64_t run = 0;     // that one
    std::uint64_t before = 0;  // older than this run
    bool only_open = false;
    WallTime since{}, until{};  // started
    std::size_t limit = 100;
};
struct EventsAsked {
    std::string subject;          // exact
    std::string subject_prefix;   // "program/"
    std::string kind_prefix;      // "job."
    job::Id id = 0;               // that one
    std::vector<job::Id> causes;  // that follow from one of these
    job::Id before = 0, after = 0;
    WallTime since{}, until{};
    bool oldest_first = false;
    std::size_t limit = 100;
};
struct FilesAsked {
    std::string folder, path, state;
    std::string destination;  // where it was moved to; empty: any
    std::string hash;         // empty: any
    job::Id job = 0;
    std::uint64_t id = 0, before = 0;
    std::size_t limit = 100;
};
struct MarksAsked {
    std::string prefix;
};
/// Waiting or sending, oldest first.
struct LiveDeliveries {
    std::string channel;     // empty: all
    delivery::Id after = 0;  // newer than this one
    std::size_t limit = 10'000;
};
struct DeliveriesAsked {
    std::string channel, state,
        source;  // state: delivery::name(State), "live", "ended"; empty: any
    delivery::Id id = 0, before = 0;
    job::Id cause = 0;
    WallTime since{}, until{};  // created
    std::size_t limit = 100;
};
/// By id, newest first. `open_or_since`: those that are open, and those that ended then or later,
/// oldest first, with all their members; without limit.
struct AlertsAsked {
    std::string subject, state;  // state: "open", "ended", or one of alert::name(State)
    job::Id id = 0, before = 0;
    WallTime open_or_since{};
    bool with_members = false;
    std::size_t limit = 100;
};
/// Rows by task and state, for the numbers.
struct CountsAsked {};
using Question =
    std::variant<LiveJobs, JobsAsked, JobAsked, RunsAsked, EventsAsked, FilesAsked, MarksAsked,
                 CountsAsked, LiveDeliveries, DeliveriesAsked, AlertsAsked>;

struct CountRow {
    std::string task, state;
    std::int64_t jobs = 0;
};
struct Found {
    std::vector<job::Job> jobs;
    std::vector<RunRow> runs;
    std::vector<EventRow> events;
    std::vector<FileRow> files;
    std::vector<delivery::Delivery> deliveries;
    std::vector<AlertRecord> alerts;
    std::vector<MemberRecord> members;  // of these alerts
    std::vector<std::pair<std::string, std::string>> marks;
    std::vector<CountRow> counts;
};

/// How long, and how many, ended things are kept; each by its kind. 0: no bound.
struct Retention {
    Duration jobs_for{0}, dead_for{0}, events_for{0}, runs_for{0}, deliveries_for{0};
    std::int64_t jobs = 0, events = 0, runs = 0;
};
struct Pruned {
    std::int64_t jobs = 0, runs = 0, events = 0, files = 0, deliveries = 0;
    // Logs of runs of jobs (kind "job") that no other run of the job names: to be removed. A
    // program's log is never among them.
    std::vector<std::string> logs;
    std::vector<std::string> payload_files;  // that no job names any more
    bool more = false;                       // a slice; ask again
};

class Store {
public:
    virtual ~Store() = default;

    /// Opens, migrates and reads what there is, elsewhere; tells by StoreChanged. When it fails it
    /// is tried again by itself, later each time (1 s to 60 s).
    virtual void open() = 0;
    virtual bool is_open() const = 0;
    /// Why it is not, or why it cannot be written, in words; empty when all is well.
    virtual std::string trouble() const = 0;

    /// The next number for a job, an event or a file; only while it is open.
    virtual std::uint64_t next_id() = 0;
    /// unavailable, at once but not within the call: an ask while it is not open or in trouble, or
    /// with limits::store_asked writes before it; a must with limits::store_backlog before it,
    /// which is then lost. An ask that failed may yet be found written after a power cut, never the
    /// other way round.
    virtual void commit(Commit, std::function<void(Result<Committed>)> done) = 0;
    /// unavailable: it is not open, or too many questions wait.
    virtual void read(Question, std::function<void(Result<Found>)> done) = 0;
    /// Several in one snapshot.
    virtual void read_all(std::vector<Question>, std::function<void(Result<Found>)> done) = 0;
    /// Removes a slice of what is over the bounds (runs and files go with their jobs).
    virtual void prune(Retention, WallTime now, std::function<void(Result<Pruned>)> done) = 0;
    /// The loop is about to sleep. From the first call on, what is committed until the next one may
    /// be held back for it, so that it goes to the disk together.
    virtual void turn_ended() {}
    /// Writes waiting to be on the disk.
    virtual std::size_t backlog() const = 0;
    /// Everything asked so far is on the disk, or has failed; for the end of the daemon. In trouble
    /// it is tried once more, at once: what must be written may be left in the backlog.
    virtual void flush(std::function<void()> done) = 0;
};

}  // namespace lares::ports
