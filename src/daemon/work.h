// daemon/work.h: the one road of work: trigger → job → run → event, as the daemon walks it.
//
// Holds the queue (core/queue.h) and carries out what it decides: puts jobs into the store, starts
// their attempts once that is committed, and records how they ended before anything follows. What
// has happened is in the store before it is said or acted upon: a kill -9 at any instruction loses
// nothing and repeats at most the step under way (docs/decisions/0016-one-road.md).
//
// It knows no Daemon: what it needs of it comes as WorkHands. The store opens by itself, later than
// the daemon; until then nothing starts, triggers keep what is due, and attempts of a predecessor
// go on.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/settings.h"
#include "config/world.h"
#include "control/work_house.h"
#include "core/agenda.h"
#include "core/audit.h"
#include "core/circuit.h"
#include "core/expect.h"
#include "core/maintenance.h"
#include "core/queue.h"
#include "core/usual.h"
#include "daemon/attempt.h"
#include "daemon/deadlines.h"
#include "daemon/hot_folders.h"
#include "daemon/journal.h"
#include "daemon/line_answers.h"
#include "daemon/line_workers.h"
#include "daemon/main_log.h"
#include "daemon/messages.h"
#include "daemon/payload_files.h"
#include "daemon/plans.h"
#include "daemon/work_hands.h"
#include "ports/clock.h"
#include "ports/folders.h"
#include "ports/logs.h"
#include "ports/memory.h"
#include "ports/processes.h"
#include "ports/store.h"
#include "ports/worker.h"
#include "ports/zones.h"

namespace lares::daemon {

/// A process of a program with `expect =`. Not up: it is not RUNNING, or nobody hears its output.
struct ExpectedProgram {
    std::string name, shown;  // "web:web_0"
    std::vector<config::Expect> const* expects = nullptr;
    bool is_up = false;
    std::vector<ports::ChannelId> channels = {};  // of its logs
};

/// A job as a trigger, a follower or a client brings it.
struct Incoming {
    control::NewJob job;
    job::Id cause = 0;
    bool by_clock = false;
    WallTime due{};
    std::string trigger = {};             // subject for what is skipped: "trigger/report#0"
    std::vector<ports::Write> with = {};  // in the same commit, also when it is skipped
};

class Work final : public control::WorkHouse {
public:
    explicit Work(WorkHands hands);
    ~Work() override;

    /// At the start and whenever other settings were taken; they outlive the next call.
    void configure(config::Settings const&);
    /// Takes up a record that a predecessor left; false when it is none of work's.
    bool take_left(std::string_view key, text::Record const&);
    /// Before anything is spawned.
    void adopt_left();
    /// Opens the store; once everything else is there.
    void start();

    bool owns(ports::RunId run) const {
        return owned_.contains(static_cast<std::uint64_t>(run)) || messages_.owns(run);
    }
    void on(ports::StoreChanged const&);
    void on(ports::Spawned const&);
    void on(ports::SpawnFailed const&);
    void on(ports::Exited const&);
    void on(ports::Notified const&);
    bool on(ports::OutputSeen const&);  // false: not of work
    void on(ports::StdinDrained const& event) {
        if (!messages_.on_drained(event.run)) lines_.drained(event.run, now_);
    }
    void on(ports::FolderSeen const&);
    void on(ports::FolderTrouble const&);
    void on(ports::WallClockJumped const&);
    bool on(ports::FilesChanged const&);
    /// A program's state, or what is configured, changed: needs are looked at again.
    void programs_changed() { look_at_gates_ = true; }
    /// Something happened that may be a trigger: one of supervisord's event types.
    void event_happened(std::string_view type, std::string_view subject, std::string_view words);

    /// Processes of which something is expected: all of them, as they are configured and run now.
    void expect_of_programs(std::vector<ExpectedProgram> const&);
    /// One of them is RUNNING, or is so no longer.
    void program_is(ExpectedProgram const&);

    void turn(Instant now);
    std::optional<Instant> deadline() const;

    /// Nothing starts any more; what runs is told to end and will be done again.
    void begin_end();
    bool is_at_rest() const;
    std::string still_running() const;  // names, for "waiting for ... to die"
    void kill_everything();
    void flush(std::function<void()> done);

    /// The store is being opened for the first time, and nothing speaks against it yet.
    bool is_opening() const {
        return started_ && (!loaded_ || messages_.is_opening()) && !ending_ &&
               hands_.store.trouble().empty();
    }

    Journal& journal() { return journal_; }
    Messages& messages() { return messages_; }

    // control::WorkHouse
    ports::Store& store() override { return hands_.store; }
    void put(std::vector<control::NewJob>, std::string who,
             std::function<void(Result<std::vector<control::PutOutcome>>)>) override;
    std::vector<control::TaskInfo> tasks() const override;
    std::optional<control::TaskInfo> task(std::string_view name) const override;
    std::vector<control::FolderInfo> folders() const override;
    /// Why the file at that path is not worked on; none: nothing is known of it.
    std::optional<std::string> why_file(std::string_view path) const;
    std::vector<control::RunningJob> running() const override;
    std::map<std::string, std::pair<int, int>> resources() const override;
    void cancel(job::Id, std::string who, control::Done) override;
    void retry(job::Id, std::string who, control::Done) override;
    void set_priority(job::Id, int priority, std::string who, control::Done) override;
    void pause(std::string task, std::string who, std::string reason, control::Done) override;
    void resume(std::string task, std::string who, control::Done) override;
    void drain(std::string task, std::string who, control::Done) override;
    std::uint64_t when_ended(job::Id, std::function<void(Result<job::Job>)>) override;
    /// Who waited for an end has gone.
    void forget(std::uint64_t wait);
    bool is_live(job::Id id) const override { return jobs_.contains(id); }
    std::vector<audit::DueInstant> due_between(WallTime from, WallTime to) const override;
    control::Audited audited() const override;
    void settle_file(std::uint64_t file, bool run, std::string who, control::Done) override;
    void drop_file(std::string folder, std::string name, std::string bytes, std::string who,
                   std::function<void(Result<std::string>)>) override;
    std::vector<queue::Reason> why(job::Id) const override;
    std::vector<queue::Reason> why_task(std::string_view name) const override;
    void claim(std::string task, std::string node, int most, Duration lasts,
               std::function<void(Result<std::vector<control::Lease>>)>) override;
    void heartbeat(job::Id, std::uint64_t token, int progress, std::string words,
                   control::Done) override;
    void finish(job::Id, std::uint64_t token, bool ok, int code, std::string words,
                std::string result, std::string log, control::Done) override;
    control::Maintenance maintenance() const override;
    void begin_maintenance(Duration, std::vector<std::string> needs, std::string reason,
                           std::string who, control::Done) override;
    void end_maintenance(std::string who, control::Done) override;
    config::Task const* find_hook(std::string_view path) const override;
    void note(std::string kind, std::string subject, std::string who, std::string words,
              std::string data) override;

private:
    using PutDone = std::function<void(Result<std::vector<control::PutOutcome>>)>;
    using ClaimDone = std::function<void(Result<std::vector<control::Lease>>)>;
    using Files = PayloadFiles::Files;

    struct TaskState;
    struct Schedule {  // one `schedule =` line
        std::shared_ptr<schedule::Zone const> zone;
        std::int64_t first = 0;   // since when it is followed
        std::int64_t seen = 0;    // dues up to here are dealt with
        std::uint32_t place = 0;  // in clocked_; its key in the agenda
        bool waits = false;       // full: tried again when there is room
        bool is_fresh = false;    // its marks are still to be written
    };
    struct Followed {
        std::string mark;  // the schedule's key in the store
        std::int64_t first, seen;
        bool is_fresh = false;
    };
    struct Clocked {
        TaskState* state;
        std::uint32_t index;  // of its schedules
    };
    struct TaskState {
        config::Task const* task = nullptr;
        std::shared_ptr<schedule::Zone const> zone;
        std::vector<Schedule> schedules;
        std::optional<Instant> every_at;
        std::size_t pending = 0;              // puts under way to the store
        std::size_t unwritten_starts = 0;     // of attempts that did not wait for theirs
        std::map<std::string, job::Id> keys;  // of them
        WallTime last_end{};
        job::State last_state = job::State::ready;
        std::uint64_t last_run = 0;
        std::int64_t done = 0, failed = 0;
        bool is_paused = false;
        std::vector<control::Done> draining;
        std::set<std::string> after_seen;  // of all-of triggers: "0/extract" ended as asked
        Instant events_since{};            // of event triggers, for their limit
        int events = 0;
        std::string late_words;
        circuit::Circuit circuit;
        Instant usual_told{};      // when what is usual was last written
        std::uint64_t number = 0;  // for its timers; never reused
    };
    /// What all processes of a task have in common; of which `own` the daemon itself does not have.
    struct Model {
        ports::SpawnRequest request;
        std::vector<std::string> own;
        std::string server_url;
    };
    /// One `expect =` line and how it stands.
    struct Expectation {
        expect::Rule rule;
        expect::State state;
        std::string subject, name, mark;  // "task/report", "report"
        std::shared_ptr<schedule::Zone const> zone;
        std::optional<WallTime> look_at;
        bool is_up = true;  // of a process: whether it is RUNNING
        Duration quiet{0};  // of a process: how long after output no more is listened for
    };
    struct Unheard {  // a log that has grown, until it is listened to again
        Instant until{};
        std::string name;
        ports::ChannelId channel;
    };
    /// Jobs on their way into the store, in one commit.
    struct Batch {
        ports::Commit::Kind kind = ports::Commit::Kind::ask;
        std::vector<ports::Write> writes;
        std::vector<job::Job> jobs;
        std::vector<job::Id> replaced;
        std::vector<control::PutOutcome> outcomes;
        Files files;
        /// A job whose `once` is taken is left out; else all of it is.
        bool may_conflict = true;
        PutDone done;
    };
    /// The end of an attempt on its way into the store, and what follows once it is there.
    struct EndCommit {
        std::uint64_t run = 0;
        bool is_known = true;  // how it ended: else it was never the kernel's to tell
        job::Id event = 0;
        std::vector<ports::Write> writes;
        std::vector<job::Job> fresh;                              // what follows
        std::vector<job::Id> replaced;                            // by what follows
        std::vector<job::Job> ended;                              // that somebody may wait for
        std::vector<std::pair<job::Id, job::State>> files_of;     // jobs of hot folders
        std::optional<std::pair<std::string, std::string>> mail;  // mark and record of its output
    };
    /// Starts on their way into the store, in one commit.
    struct Beginning {
        std::vector<ports::Write> writes;
        std::vector<std::uint64_t> runs;
        std::vector<std::string> tasks;  // of each run
    };
    struct Asking {  // a claim
        std::string task, node;
        int most = 1;
        Duration lasts{0};
        ClaimDone done;
    };
    struct Leftover {  // a line worker of a predecessor's
        std::string task;
        int pid = 0;
        std::uint64_t start_ticks = 0;
    };
    enum class Timer : std::uint64_t {
        clocks,
        every,
        gates,
        attempt,
        logs,
        prune,
        expect,
        circuit,
        audit
    };
    static constexpr std::uint64_t timers = 16;  // room for each, in the keys of deadlines_
    /// What the audit is at, and what it found.
    struct Audit {
        std::vector<audit::Unexplained> list, suspected;
        std::size_t count = 0;
        WallTime at{};
        std::string told;  // the subjects that were told last
        job::Id before_job = 0;
        std::uint64_t before_file = 0;
        bool is_set = false;     // a look is due or under way
        bool is_second = false;  // the look that follows on a suspicion
    };
    enum class Fired { put, skipped, waits };

    // work.cc
    TaskState* find(std::string_view task);
    TaskState const* find(std::string_view task) const;
    void load();
    void loaded(ports::Found);
    void load_marks(std::vector<std::pair<std::string, std::string>> marks);
    void load_job(job::Job);
    void write_left_start(Attempt&);
    void take_up(Attempt&);
    void settle_unclear();
    Instant instant_of(WallTime) const;
    void commit_must(std::vector<ports::Write> writes,
                     std::function<void(ports::Committed const&)> then = {});
    void on_timer(Deadlines::Key);

    // work_put.cc
    Result<job::Job> prepare(Incoming const&, TaskState const&) const;
    queue::Verdict judge(TaskState const&, job::Job const&, bool by_clock) const;
    void accept(std::vector<Incoming>, std::string who, PutDone);
    Result<> add_to(Batch&, Incoming&, std::string const& who);
    Error unknown_task(std::string const& name) const;
    void store_batch(std::shared_ptr<Batch> const&);
    void commit_batch(std::shared_ptr<Batch> const&);
    void stored(Batch&, Result<ports::Committed> const&);
    void forget_pending(Batch const&);
    void enqueue(job::Job);
    void fall_at_once(job::Id);
    void replace(job::Id other);
    Fired fire(Incoming);
    void skip(Incoming const&, std::string const& words);

    // work_starts.cc
    void begin_starts();
    bool may_begin_ahead(Attempt const&, TaskState const&) const;
    bool needs_no_reading(Attempt const&, TaskState const&) const;
    void begin_ahead();
    void written_ahead(Beginning const&, Result<ports::Committed> const&);
    void started(std::vector<std::uint64_t> const& runs, Result<ports::Committed> const&);
    Attempt& new_attempt(queue::Start const&, TaskState const&);
    void add_start_writes(Attempt&, std::vector<ports::Write>&);
    ports::RunRow run_row(Attempt const&) const;
    void put_back(Attempt&);
    void launch(Attempt&);
    void prepare_launch(Attempt&);
    std::vector<std::string> own_environment(std::vector<std::string> const& environment) const;
    void read_run_then(Attempt&, std::uint64_t run_then);
    Result<> make_as_then(ports::RunRow const&, ports::SpawnRequest&) const;
    void spawn(Attempt&, TaskState const&, text::Variables const& from_files);
    void prepare_early();
    void prepare_request(Attempt&);
    Result<> make_request(Attempt&, TaskState const&, text::Variables const& from_files);
    Model const& model_of(config::Task const&);
    void tell_pid(Attempt&, std::vector<ports::Write>&);
    void tell_pids();
    ChildContext context_of(config::Task const&, text::Variables const& from_files);
    void keep(Attempt const&);
    void tell_ending(Attempt&, job::Outcome, std::string words);
    void next_rung(Attempt&);
    void set_attempt_timer(Attempt const&);
    void on_attempt_timer(Attempt&);
    void set_logs_timer();
    void check_logs();
    Attempt* find_attempt(std::uint64_t run);
    Attempt* attempt_of(job::Id);

    // work_ends.cc
    void finish_attempt(Attempt&, job::Outcome, Ended const&);
    void take_ending(job::Job&, Ended const&, queue::Ending const&);
    void add_end_writes(job::Job&, Attempt const&, Ended const&, queue::Ending const&, job::Outcome,
                        EndCommit&);
    void fell(job::Id, job::Job const& by, EndCommit&);
    void end_committed(EndCommit&, ports::Committed const&);
    void add_mail(job::Job const&, ports::RunRow const&, EndCommit&);
    void let_go_of_ended();
    void let_go(std::uint64_t run, bool is_known = true);
    void remember_end(TaskState&, job::Job const&, ports::RunRow const&);
    void put_followers(job::Job const&, EndCommit&);
    bool is_due_after(TaskState&, std::size_t index, job::Job const&, bool is_good, EndCommit&);
    void put_follower(std::string const& task, std::string const& source, job::Job const&,
                      EndCommit&);

    // work_clocks.cc
    void set_up_clocks(TaskState&, std::vector<Followed> const& before);
    void begin_schedule(TaskState&, std::size_t index);
    void recompute(TaskState&, std::size_t index);
    void set_clock_timer();
    void clocks_due();
    void tick(TaskState&, std::size_t index, std::int64_t now);
    Incoming tick_job(TaskState const&, std::size_t index, std::int64_t due) const;
    bool fire_tick(TaskState&, std::size_t index, std::int64_t due);
    void catch_up(TaskState&, std::size_t index, std::vector<std::int64_t> const& missed,
                  std::int64_t total);
    void offer_again();
    bool is_holiday(TaskState const&, std::int64_t due, std::string& words) const;
    std::int64_t delay_of(TaskState const&) const;
    void reboot_triggers();
    void begin_every();
    void set_every_timer();
    void every_due();
    void note_clock_step();
    void after_step(TaskState&, std::size_t index, std::int64_t step, std::int64_t now);
    std::int64_t wall_seconds() const;
    void watch_zones();
    void write_fresh_marks();
    static std::string mark_of(config::Task const&, config::ScheduleTrigger const&);
    static std::vector<Followed> followed(TaskState const&);
    std::optional<std::int64_t> next_of(TaskState const&, std::size_t index) const;
    static std::string trigger_of(TaskState const&, std::size_t index);  // "trigger/report#0"

    // work_audit.cc
    void audit_first();
    void audit_later();
    void set_audit_timer(Duration wait);
    void audit_due();
    audit::Facts audit_facts(ports::Found, WallTime& since, WallTime until);
    void judge_audit(ports::Found, WallTime since, WallTime until);
    void tell_audit(std::vector<audit::Unexplained>, std::size_t count);

    // work_gates.cc
    void look_at_gates();
    void look_at_needs(TaskState const&);
    std::optional<Instant> look_at_hours(TaskState const&);
    void hold_for_maintenance();
    bool is_held(config::Task const&) const;
    void keep_maintenance(Note, control::Done);
    void note_left(std::string const& task);
    void pause_with(std::string const& name, std::string const& words);
    void settle_draining();
    void block_all(std::string kind, std::string words);
    void unblock_all(std::string const& kind);

    // work_lines.cc
    LineHands line_hands();
    // work_messages.cc
    MessageHands message_hands();
    std::vector<alert::Silence> silences() const;
    std::optional<ports::RunId> spawn_worker(config::Task const&, ports::ChannelId out);
    ports::ChannelId worker_log(std::string const& task, std::uint64_t run);
    void forget_worker(std::uint64_t run);
    void give_line(Attempt&, TaskState const&);
    void on_line_answer(LineAnswer const&);

    // work_events.cc
    void trigger_events();
    bool fits(std::string const& task, config::EventTrigger const&, ports::EventRow const&) const;
    void fire_event(TaskState&, config::EventTrigger const&, ports::EventRow const&);

    // work_remote.cc
    void gate_remote();
    void answer_claims();
    bool is_asked_for(std::string_view task) const;
    void grant(Asking, std::vector<std::uint64_t> runs);
    Attempt* leased(job::Id, std::uint64_t token, Error& why);
    void lease_over(Attempt&);
    void take_up_lease(job::Job const&);

    // work_house.cc
    /// Why nothing can be asked of it now; none: it can.
    std::optional<Error> closed() const;
    void ask(std::vector<ports::Write>, control::Done);
    control::TaskInfo info_of(std::string const& name, TaskState const&) const;
    void withdraw_now(job::Job, job::State as, std::string const& words, std::string const& who,
                      std::vector<job::Id> const& fallen, control::Done);
    void retry_ended(job::Job, std::string const& who, control::Done const&);
    void tell_end_waiters(std::uint64_t run);
    void tell_job_waiters(job::Job const&);
    void for_tasks(std::string const& name, control::Done,
                   std::function<void(std::string const&, control::Done)> const&);
    void pause_one(std::string const& task, std::string const& who, std::string const& reason,
                   control::Done);
    void resume_one(std::string const& task, std::string const& who, control::Done);
    void prune();

    // work_folders.cc
    FolderHands folder_hands();
    void configure_folders();
    void put_files(control::NewJob, std::vector<ports::FileRow>, std::string words,
                   std::function<void(Result<control::PutOutcome>)>);
    void add_file_writes(Batch&, job::Job&, std::vector<ports::FileRow>, std::string words);
    void find_once(std::string const& once,
                   std::function<void(Result<control::PutOutcome>)> const&);
    bool withdraw(job::Id, std::string words);
    void add_folder_writes(job::Job const&, EndCommit&);
    void folder_job_ended(job::Id, job::State);

    // work_expect.cc
    void set_up_expectations();
    void begin_expectations();
    void step_expectation(Expectation&, expect::Happening const&);
    void put_late(TaskState const&, std::string const& words, job::Id cause);
    void expected_happened(std::string_view subject, expect::Happening const&);
    void expectations_due();
    void set_expect_timer();
    void pause_expectations(bool is_held);
    // work_programs.cc
    void listen(std::string const& name, ports::ChannelId channel);
    void wrote(std::string const& name, ports::ChannelId channel);
    void hear_again();
    /// What is to be written of it, in the commit of what happened.
    std::vector<ports::Write> step_circuit(TaskState&, circuit::Happening const&);
    void show_circuit(TaskState const&, std::optional<Instant> look_at);
    void load_circuit(TaskState&, std::string const& kept);
    void load_starts();
    void circuit_due(std::uint64_t number);
    void note_outcome(TaskState&, job::Job const&, job::Outcome, bool counted, EndCommit&);
    Deadlines::Key timer_of(std::string const& task, Timer) const;
    void judge_usual(TaskState&, ports::RunRow const&, job::Outcome, EndCommit&);
    Duration usual_of(std::string const& task) const;

    WorkHands hands_;
    Instant now_{};
    config::Settings const* settings_ = nullptr;
    queue::Queue queue_;
    Journal journal_;
    LineWorkers lines_;
    LineAnswers answers_;
    HotFolders folders_;
    Messages messages_;
    std::map<std::string, TaskState, std::less<>> tasks_;
    std::vector<TaskState*> followers_;  // those with `after`: looked at when a job has ended
    std::unordered_map<job::Id, job::Job> jobs_;                            // live ones
    std::unordered_map<std::uint64_t, std::unique_ptr<Attempt>> attempts_;  // by run
    std::unordered_map<job::Id, std::uint64_t> run_of_;                     // running jobs
    std::unordered_set<job::Id> closing_;      // of hot folders: their end is not on the disk yet
    std::unordered_set<std::uint64_t> owned_;  // runs of ours, not let go yet
    std::map<std::uint64_t, std::pair<std::string, ports::ChannelId>> worker_task_;  // by run
    std::map<std::uint64_t, Leftover> leftover_;  // by run; being killed
    std::vector<ports::Exited> left_ends_;        // of attempts whose jobs are not loaded yet
    std::vector<job::Job> unclear_;  // were running under a predecessor, without an attempt here
    std::unordered_multimap<std::uint64_t, control::Done> end_waiters_;  // by run
    struct JobWaiter {
        std::uint64_t wait;
        std::function<void(Result<job::Job>)> done;
    };
    std::unordered_multimap<job::Id, JobWaiter> job_waiters_;
    schedule::Agenda agenda_;
    std::vector<Clocked> clocked_;  // by key of the agenda; since it was configured
    std::vector<std::pair<std::string, std::size_t>> waiting_schedules_;
    std::vector<std::uint32_t> fresh_marks_;  // places of new schedules, written in parts
    Audit audit_;
    PayloadFiles payloads_;
    std::map<std::string, std::string> marks_;  // as loaded; only what is looked up again is kept
    std::vector<ports::EventRow> happened_;     // for event triggers
    std::vector<Asking> asking_;
    std::map<std::string, std::deque<std::uint64_t>> granted_;  // taken for claims, by task
    maintenance::Maintenance maintenance_;
    std::vector<Expectation> expectations_;
    std::vector<Unheard> unheard_;
    std::set<std::pair<std::string, ports::ChannelId>> listened_;
    std::vector<std::uint64_t> to_prepare_;  // runs whose start is being written
    std::vector<std::uint64_t> to_begin_;    // those of which the process is not to wait for that
    std::vector<std::pair<std::uint64_t, bool>>
        over_;  // runs whose end is written; EndCommit::is_known
    std::map<std::string, usual::History> histories_;
    std::uint64_t last_number_ = 0;
    Deadlines deadlines_;
    std::mt19937 random_;
    std::string server_url_, state_directory_;
    bool started_ = false, loaded_ = false, loading_ = false, ending_ = false, pruning_ = false;
    bool look_at_gates_ = false, look_at_starts_ = false, look_at_drains_ = false;
    bool is_prune_due_ = false, has_remote_ = false, is_writing_marks_ = false;
    std::map<std::string, Model, std::less<>> models_;  // by task, since it was configured
    std::vector<std::uint64_t> untold_;                 // runs whose pid is still to be told
    std::optional<Instant> tell_pids_at_;
    bool is_store_blocked_ = false, logs_timer_set_ = false, has_event_triggers_ = false;
    bool is_counting_starts_ = false;  // those of before are being read; nothing starts until then
    std::int64_t clock_steps_ = 0, ended_since_prune_ = 0;
    std::uint32_t zone_watch_ = 0;
};

}  // namespace lares::daemon
