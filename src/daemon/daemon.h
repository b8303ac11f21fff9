// daemon/daemon.h: the loop's one mind: gathers what happened, asks core, carries out what it says.
//
// The world calls push() for each thing that happened and turn() once they are all in; a turn takes
// the time once, feeds the machines, hands their actions to the ports, answers who waits, and says
// when it wants to be woken. Nothing here reads a clock elsewhere, opens a file or waits.
//
// How it ends: ask_shutdown() (or a signal) stops everything in order; when the last process is
// gone and the logs are flushed, Doors::finished is called.

#pragma once

#include <array>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/changes.h"
#include "config/load.h"
#include "control/config_house.h"
#include "control/house.h"
#include "control/http_face.h"
#include "core/wishes.h"
#include "daemon/comparison.h"
#include "daemon/deadlines.h"
#include "daemon/early.h"
#include "daemon/main_log.h"
#include "daemon/plans.h"
#include "daemon/pools.h"
#include "daemon/shared_sockets.h"
#include "daemon/unit.h"
#include "daemon/wire_after_memory.h"
#include "daemon/work.h"
#include "ports/clock.h"
#include "ports/folders.h"
#include "ports/intake.h"
#include "ports/keeper.h"
#include "ports/logs.h"
#include "ports/memory.h"
#include "ports/probes.h"
#include "ports/processes.h"
#include "ports/sockets.h"
#include "ports/store.h"
#include "ports/wire.h"
#include "ports/worker.h"
#include "ports/zones.h"
#include "text/record.h"

namespace lares::daemon {

struct Texts;

/// Everything the daemon asks of the world, chosen in bin/ (or by the simulation).
struct Doors {
    ports::Clock& clock;
    ports::Processes& processes;
    ports::Logs& logs;
    ports::Probes& probes;
    ports::Folders& folders;
    ports::Sockets& sockets;
    ports::Worker& worker;
    ports::Wire& wire;
    ports::Memory& memory;
    ports::Store& store;
    ports::Zones& zones;
    ports::Intake& intake;
    config::World const& world;  // used on the worker and for expansions
    std::function<void(config::Settings const&)> clean_auto_logs;  // at a restart; on the worker
    control::Hashes hashes;
    /// Whether a password fits a hash of crypt(3); slow: runs on the worker.
    std::function<bool(std::string const& password, std::string const& hash)> fits_password;
    std::string salt;                 // random
    std::function<void()> finished;   // everything has stopped: end the loop
    ports::Keeper* keeper = nullptr;  // null: none is above this daemon
    /// What the settings were read from, so that it can be kept; empty: nothing is kept.
    config::Bundle applied = {};
    /// Both on the worker; empty: nothing can be stored.
    std::function<Result<>(std::string const& path, std::string_view bytes)> write_file = {};
    std::function<Result<>(std::string const& path)> remove_file = {};
    int own_pid = 0;
    bool echo = false;  // main log lines also to standard output (foreground, not silent)
    unsigned seed = 1;  // for jitter and AUTO log names
    /// A keeper holds what a daemon had that died, and started us in its place.
    bool is_successor = false;
    std::string remembered;  // what write_remembered was last given by any daemon
    std::function<Result<>(std::string const&)> write_remembered;  // durably; on the worker
    std::string boot_id = {};                                      // of the machine's start
    std::string host = {};
    std::function<std::string(std::string_view)> sha256_of_bytes = {};
    /// Both slow: run on the worker.
    std::function<Result<std::string>(std::string const& password)> hash_password = {};
    std::function<std::vector<ports::ProcessUsage>(std::vector<int> const& pids)> measure = {};
    std::function<ports::LoopFigures()> loop_figures = {};
    std::function<std::string()> random = {};  // 32 bytes that nobody can guess
    std::string access = {};  // the state directory's file of users and tokens, as it was found
    /// The end of a file, at most so many bytes; on the worker.
    std::function<Result<std::string>(std::string const& path, std::size_t bytes)> read_tail = {};
    std::string deliver_program = {};     // lares-deliver; empty: no message can be sent
    std::string no_deliver_program = {};  // why there is none, and what to do
    /// Resident bytes of a process and its descendants; on the worker. Empty: nobody can say.
    std::function<Result<std::int64_t>(int pid)> memory_of_tree = {};
};

/// Something to be logged once the main log is open.
struct StartNote {
    Level level = Level::info;
    std::string text;
};

class Daemon final : public ports::Inbox, private control::House, private control::ConfigHouse {
public:
    Daemon(Doors doors, std::unique_ptr<config::Settings> settings);
    ~Daemon() override;

    /// Fails when depends_on is circular. Nothing is started yet. The main log is open after it.
    Result<> prepare();
    /// Opens the servers. On failure nothing is left open.
    Result<> listen();
    /// Announces the start, builds the units and wishes the autostart ones up.
    void start(std::vector<StartNote> const& notes);

    void push(ports::Event event) override;
    /// One turn: call when all that is ready has been pushed. Cheap when nothing happened.
    void turn();

    MainLog& log() { return log_; }
    int exit_code() const { return exit_code_; }

private:
    enum class Phase { running, stopping, ending, ended };
    /// hook + n is the time limit of supervise::Hook(n). The last five are the daemon's own.
    enum class Timer : std::uint64_t {
        process,
        ready,
        alive,
        hook,
        memory = 7,
        waiting_note = 8,
        shutdown_limit = 9,
        tick = 10,
        pools = 11,
        listeners_end = 12,
        work = 13,
        live = 14
    };
    enum class Which { ready, alive };
    enum class Role { main, hook, probe };
    struct RunOwner {
        Unit* unit;
        Role role;
        supervise::Hook hook{};  // of a hook
        Which which{};           // of a probe
    };
    struct Reading {  // of environment files, on the worker
        std::vector<std::string> files;
        Result<text::Variables> found;
    };
    struct Rolling {
        control::WaitId id = 0;
        std::vector<std::string> left;  // full names, next first
        std::function<void(control::Outcome)> answer;
    };
    struct Scaling {
        control::WaitId id = 0;
        std::vector<std::string> leaving;  // full names
        std::function<void(control::Outcome)> answer;
    };

    // faces.cc: what the HTTP face needs.
    control::DoorTools door_tools();
    void check_password(std::string password, std::string hash, std::function<void(bool)> done);
    void hash_password(std::string password, std::function<void(Result<std::string>)> done);
    void write_access(std::string text, std::function<void(Result<>)> done);
    void watch_faces(int first);
    bool is_of_faces(ports::FilesChanged const&);
    void renew_certificates(int server);
    void renew_all_certificates();

    // daemon.cc: what happened.
    void handle(ports::Event&);
    void on_spawned(ports::Spawned const&);
    void end_if_unwanted(ports::RunId, RunOwner const&);
    void on_spawn_failed(ports::SpawnFailed const&);
    void on_exited(ports::Exited const&);
    void on_main_exit(Unit&, ports::Exited const&);
    void on_notified(ports::Notified const&);
    void on_probe_done(ports::ProbeDone const&);
    void on_log_trouble(ports::LogTrouble const&);
    void on_files_changed(ports::FilesChanged const&);
    void on_signal(int number);
    void on_timer(Deadlines::Key);
    void on_request(ports::HttpRequested&);
    void answer_early();
    void grant_wishes();
    void settle();  // what follows once a turn: rolling restarts, removals, the end
    void answer_left_waiting();
    void drop_forgotten();

    // machine.cc: one process's machine and its actions.
    void feed(Unit&, supervise::Event const&);
    void perform(Unit&, supervise::Action const&);
    void announce(Unit&, supervise::Announce const&);
    void after_state_change(Unit&, supervise::Announce const&);
    void launch(Unit&);
    using FilesRead = std::function<void(Unit&, text::Variables const&)>;
    void with_files(Unit&, ports::RunId, FilesRead go_on);
    void after_reading(ports::RunId, FilesRead const& go_on);
    void spawn_hook(Unit&, ports::RunId, supervise::Hook, text::Variables const& from_files);
    void launch_with(Unit&, ports::RunId, text::Variables const& from_files);
    ChildContext context_of(Unit const&, text::Variables const& from_files) const;
    void send_signal(Unit&, supervise::Signal const&);
    void run_hook(Unit&, supervise::Hook);
    void end_hook(Unit&, supervise::Hook);
    void on_hook_exit(Unit&, supervise::Hook, bool ok, std::string why);
    config::HookCommand const& hook_command(Unit const&, supervise::Hook) const;
    ports::RunId next_run_id();
    ports::RunId next_run(RunOwner);
    void give_up(ports::RunId);
    void apply_end_policy(Unit&, config::EndPolicy const&, std::string_view what);
    void answer_waiters(Unit&, supervise::State);
    bool deliver_answers();
    void set_timer(Unit&, Timer, std::optional<Instant>);

    // memory.cc: what outlives the daemon.
    struct Restored {
        Unit* unit;
        wishes::Entry entry;
    };
    /// What is known of it changed: it is noted at the end of the turn, or by note() before.
    void touch(Unit&);
    void note(Unit&);
    void note_touched();
    void note_daemon();
    void end_turn_in_memory();
    void end_memory();
    void forget_record(Unit const&);
    ports::ChannelId next_channel();
    void recall();
    void recall_daemon(text::Record const&);
    void recall_scale(std::string const&);
    void restore_units();
    void restore(Unit&, text::Record const&);
    void restore_departed(std::string const& name, text::Record const&);
    Unit* add_scaled_away(std::string const& name, text::Record const&);
    void restore_entries();
    void adopt_units();
    ports::AdoptRequest adopt_request(Unit const&) const;
    void adopt_main(Unit&);
    void adopt_hook(Unit&, supervise::Hook);
    void push_unseen_end(ports::RunId, int pid);
    void resume();
    void resume_timers(Unit&);
    void resume_actions(Unit&);
    void resume_hook(Unit&, supervise::Hook);
    void resume_health(Unit&);

    // orphans.cc: what outlived the keeper, too.
    void restore_orphans();
    bool restore_orphan(std::string const& name, text::Record const&, config::OnOrphan);
    void note_ignored(std::string const& name, text::Record const&);
    void make_orphan(Unit&, config::OnOrphan);
    void stop_orphans();

    // remember.cc: what a person asked for, across starts.
    void recall_remembered();
    void remember(Unit const&, wishes::Wish asked);
    void write_remembered();
    bool is_to_start(Unit&);

    // working.cc: tasks and jobs.
    WorkHands work_hands();
    std::string missing_program(std::string_view name) const;
    std::vector<std::string> processes_of(std::string_view name) const;
    std::string program_of(std::string_view full_name) const;
    std::string log_of(std::string_view full_name) const;
    void journal_state(Unit const&, supervise::Announce const&);
    void tell_unnoted(std::size_t from);
    void expect_of_programs();

    // events.cc: what event listeners are told.
    PoolHands pool_hands();
    /// A group is there, its units are made: makes its pool if it is one of listeners, and tells.
    void group_added(std::string const& name);
    void add_pool(std::string const& name);
    /// At the start: makes the pools; goes on with those of a predecessor, or tells of the start.
    void begin_events();
    /// After other settings were taken: pools, sockets and events for what they changed.
    void tell_group_changes(config::Settings const& before);
    /// Its units are gone, or are about to be forgotten.
    void group_removed(std::string const& name);
    void emit(events::Type, std::string payload);
    void emit_change(Unit&, supervise::Announce const&);
    void send_remote_event(std::string_view type, std::string_view data) override;
    void on_output(ports::OutputSeen const&);
    void tell_output(Unit&, ports::OutputSeen const&);
    void tell_captured(Unit&, ports::OutputCaptured const&);
    bool is_early(Unit const&, ports::RunId) const;
    void tell_early_output(Unit&);
    void emit_output(Unit&, ports::ChannelId, std::string bytes);
    void flush_output(Unit&);
    void on_captured(ports::OutputCaptured const&);
    void on_tick();
    void set_tick();
    void restart_listeners();
    bool stops_last(Unit const&) const;
    void stop_listeners();

    // listening.cc: sockets for programs.
    /// Opens what the settings want and closes what they want no more; every failure.
    std::vector<Error> open_sockets();
    Result<> hand_sockets(Unit const&, ports::SpawnRequest&);
    void close_idle_sockets();

    // health.cc: probes.
    void begin_readiness(Unit&);
    void begin_liveness(Unit&);
    void end_health(Unit&);
    void feed_health(Unit&, Which, health::Event const&);
    void perform(Unit&, Which, health::Action const&);
    void ask(Unit&, Which);
    void abandon(Unit&, Which);
    Asking& asking(Unit& unit, Which which) {
        return which == Which::ready ? unit.ready : unit.alive;
    }
    void on_health_exit(Unit&, Which, ports::RunId, bool ok, std::string why);
    void on_alive_timer(Unit&);
    void watch_memory(Unit&);
    void on_memory_timer(Unit&);
    void judge_memory(std::uint64_t key, ports::RunId run, std::int64_t bytes);

    // lists.cc: the set of units.
    Result<> build_units();
    Unit& add_unit(config::Program const&, config::ProcessSettings, int group_priority);
    void open_logs(Unit&);
    void close_logs(Unit&);
    std::string automatic_log_path(std::string const& process, std::string_view stream);
    Result<> rebuild_order();
    void watch_programs();
    void remove_gone_units();
    void keep_after_all(Unit&);
    void forget_unit(Unit&);
    void finish_scalings(std::vector<std::string> const& gone);
    control::WaitId apply_scale(config::Program const&,
                                std::vector<std::pair<config::ProcessSettings, int>> wanted,
                                std::function<void(control::Outcome)>);
    Unit* find_unit(std::string_view full_name);
    void wish(int index, wishes::Wish, bool barrier, std::string why);
    void configure_main_log();

    // reconcile.cc: other settings for what runs.
    Result<std::vector<WantedProcess>> wanted_of(config::Settings const& next);
    /// Nothing is changed. Fails when `next` could not run: a circle, too many processes.
    Result<Comparison> compare(config::Settings const& next);
    /// Carries out the steps of a comparison with `next`, made in the same turn. Nothing fails.
    void adopt(std::unique_ptr<config::Settings> next, Comparison, std::string const& why);
    void point_anew(WantedProcess&);
    void prepare_step(plan::Step const&, Comparison&);
    void begin_step(plan::Step const&, Comparison&);
    void give(Unit&, config::Program const&, config::ProcessSettings);
    void refresh_log(Unit&, config::Program const& old_program,
                     config::ProcessSettings const& old_settings, bool is_stdout);
    void settle_successors();
    bool comes_again(Unit const&) const;
    bool may_go(Unit const&) const;
    void take_successor(Unit&);
    void drop_retired();

    // changing.cc, configuration.cc, managed.cc: control::ConfigHouse.
    void fetch(std::string path, FetchExtra, std::function<void(Fetched&)> then);
    config::Settings reachable(config::Settings const& wanted) const;
    std::string fingerprint_of(Fetched const&, Comparison const&) const;
    void plan(std::string path, std::function<void(control::Planned)>) override;
    control::Planned planned(Fetched const&);
    std::vector<control::PlannedWork> work_changes(config::Settings const& next, Texts const&,
                                                   std::vector<std::string>& warnings);
    void apply(std::string fingerprint, control::AppliedAnswer) override;
    void update(std::vector<std::string> names, control::AppliedAnswer) override;
    Result<> check_fetched(Fetched const&);
    Result<std::vector<std::string>> groups_named(std::vector<std::string> const&,
                                                  config::Settings const& read) const;
    Result<config::Settings> next_settings(Fetched const&,
                                           std::vector<std::string> const& names) const;
    void carry_out(Fetched&, std::vector<std::string> const& names, Cause, control::AppliedAnswer);
    void note_applied(Fetched&, Cause const&, bool whole);
    void rollback(int revision, control::AppliedAnswer) override;
    void roll_back_to(int revision, Result<std::string> bytes, control::AppliedAnswer const&);
    void read_configuration(std::function<void(Result<config::GroupChanges>)>) override;
    void note_group_change();
    void put_program(std::string name, std::string text,
                     std::function<void(control::Outcome)>) override;
    std::string words_of_faults(config::Loaded const&) const;
    void store_program(std::string const& name, std::string const& path, std::string const& text,
                       std::function<void(control::Outcome)>);
    void remove_program(std::string name, std::function<void(control::Outcome)>) override;
    void update_one(std::string const& name, std::string const& cause,
                    std::function<void(control::Outcome)>);
    control::Outcome add_group(std::string_view name) override;
    control::Outcome remove_group(std::string_view name) override;
    std::vector<control::Configured> configured() const override;
    void note_logs(std::vector<control::Configured>&) const;
    config::Settings const& last_read() const;

    // applying.cc: seeing an update through.
    std::unique_ptr<Applying> begin_applying(Comparison const&, control::AppliedAnswer);
    void find_applied(Applying&);
    std::optional<control::Outcome> judge_applied(ApplyingItem const&) const;
    std::optional<control::Outcome> judge_started(Unit const&) const;
    std::optional<control::Outcome> judge_waiting(Unit const&) const;
    void settle_applying();

    // revisions.cc: what was applied is kept, and compared with the files there are.
    void begin_revisions();
    void keep_revision(config::Bundle const&, std::string print, Cause const&);
    void write_revision(std::shared_ptr<config::Bundle>);
    std::vector<control::RevisionInfo> history() const override;
    void diff(int from, int to, std::function<void(Result<std::string>)>) override;
    void watch_configuration(config::Bundle const&);
    void look_for_drift(bool may_apply);
    control::Drift drift_of(Fetched const&) const;
    std::string drift_words() const;
    void tell_applied(Result<std::vector<control::Applied>> const&);
    control::Drift drift() const override { return drift_; }

    // ending.cc: shutdown and restart.
    void stop_everything();
    void kill_what_is_left();
    void check_ended();
    void note_waiting();
    void finish_ending();
    void restart_with(std::unique_ptr<config::Settings>);
    void forget_all_units();
    void continue_restart();
    Result<> restart_when_sound();
    Result<> check_loaded(config::Loaded const&) const;
    void begin_end(bool restart, std::optional<int> code);
    void report(config::Loaded const&);

    // house.cc: control::House.
    int process_count() const override;
    control::ProcessInfo info(control::ProcessIndex) const override;
    std::vector<control::ProcessIndex> by_name() const override;
    std::optional<std::vector<control::ProcessIndex>> group(std::string_view) const override;
    std::optional<control::ProcessIndex> find(std::string_view, std::string_view) const override;
    supervise::State state(control::ProcessIndex) const override;
    control::WaitId start(control::ProcessIndex, bool,
                          std::function<void(control::Outcome)>) override;
    control::WaitId stop(control::ProcessIndex, bool,
                         std::function<void(control::Outcome)>) override;
    control::WaitId restart(control::ProcessIndex, bool,
                            std::function<void(control::Outcome)>) override;
    control::Outcome signal(control::ProcessIndex, int) override;
    control::Outcome write_stdin(control::ProcessIndex, std::string_view) override;
    void clear_logs(control::ProcessIndex, std::function<void(control::Outcome)>) override;
    control::WaitId scale(std::string_view, int, std::function<void(control::Outcome)>) override;
    control::WaitId rolling_restart(std::vector<control::ProcessIndex>,
                                    std::function<void(control::Outcome)>) override;
    void forget(control::WaitId) override;
    control::DaemonState daemon_state() const override;
    std::string identifier() const override;
    int pid() const override;
    std::string main_log() const override;
    std::string config_path() const override;
    WallTime wall() const override;
    int local_offset_seconds(WallTime) const override;
    void clear_main_log(std::function<void(control::Outcome)>) override;
    void ask_shutdown() override;
    void ask_restart(std::function<void(Result<>)>) override;
    void ask_upgrade(std::string path, std::function<void(Result<>)>) override;
    std::optional<ports::ChannelId> channel(control::ProcessIndex, Stream) const override;
    ports::ChannelId main_channel() const override;
    ports::Logs& logs() override;
    config::Settings const& settings() const override { return *settings_; }
    ports::Zones& zones() override { return doors_.zones; }
    std::string host_name() const override { return doors_.host; }
    void measure(std::vector<int> pids,
                 std::function<void(std::vector<ports::ProcessUsage>)>) override;
    ports::LoopFigures loop_figures() const override;
    control::ConfigHouse& configuration() override { return *this; }
    control::WorkHouse& work() override { return work_; }
    control::MessageHouse& messages() override { return work_.messages(); }
    control::WaitId wait_for(Unit&, Waiter::For, std::function<void(control::Outcome)>);
    void roll_on(control::WaitId);
    Unit& at(control::ProcessIndex index) { return *units_.at(static_cast<std::size_t>(index)); }
    Unit const& at(control::ProcessIndex index) const {
        return *units_.at(static_cast<std::size_t>(index));
    }

    Doors doors_;
    WireAfterMemory wire_;  // for answers
    std::unique_ptr<config::Settings> settings_;
    std::string server_url_;
    MainLog log_;
    std::unique_ptr<control::Face> face_;
    std::list<bool> password_checks_;                           // on the worker
    std::list<Result<std::string>> password_hashes_;            // on the worker
    std::list<std::vector<ports::ProcessUsage>> measurements_;  // on the worker
    std::list<Result<>> access_writes_;                         // on the worker
    std::unordered_map<std::uint32_t, int> face_watches_;       // watch: server of those files
    Phase phase_ = Phase::running;
    bool restarting_ = false;
    bool shut_down_asked_ = false;
    bool listening_ = false;    // all of the servers could be opened
    bool over_limit_ = false;   // shutdown_limit is over
    bool has_cgroups_ = false;  // seen at the start; without them cgroup limits have no effect
    int exit_code_ = 0;
    Instant now_{};
    std::vector<ports::Event> inbox_;
    std::mt19937 random_;

    std::vector<std::unique_ptr<Unit>> units_;
    std::vector<wishes::Member> members_;  // parallel to units_
    std::vector<wishes::Entry> entries_;   // parallel to units_
    wishes::Order order_;
    bool wishes_pending_ = false;
    bool wished_ = false;           // something new, since wishes were last granted
    bool look_at_waiters_ = false;  // a state or a wish changed: some may wait for nothing now
    Deadlines deadlines_;
    Pools pools_;
    Work work_;
    EarlyRequests early_;
    std::optional<Instant> listeners_end_at_;  // of a shutdown: so long they are waited for
    SharedSockets sockets_;
    bool look_at_sockets_ = false;         // the last process of a [fcgi-program:x] may be gone
    std::array<std::int64_t, 3> ticks_{};  // the last slice of each period; 0: none yet
    std::unordered_map<std::uint32_t, std::string> cut_;  // channel: a character's first bytes
    std::optional<ports::ChannelId> printing_;            // our own standard output
    std::unordered_map<std::uint64_t, RunOwner> runs_;
    std::unordered_set<std::uint64_t> given_up_;  // nobody's any more, not known to be gone
    std::unordered_map<std::uint64_t, std::unique_ptr<Reading>> readings_;
    std::unordered_map<std::uint64_t, std::pair<Unit*, Which>> probes_;
    std::unordered_map<std::uint64_t, Unit*> unit_of_key_;      // by Unit key, for timers
    std::unordered_map<std::uint32_t, Unit*> unit_of_channel_;  // of its logs
    std::unordered_map<std::uint32_t, std::string> log_names_;  // channel: whose, for messages
    std::unordered_map<std::uint32_t, std::string> watches_;    // watch: program
    std::unique_ptr<config::Loaded> loading_;                   // being read on the worker
    std::unique_ptr<config::Settings> next_settings_;           // of a restart
    std::vector<std::pair<std::function<void(control::Outcome)>, control::Outcome>> answers_;
    std::unordered_set<control::WaitId> forgotten_;  // whose waiters go at the turn's end
    std::vector<std::unique_ptr<Rolling>> rolling_;
    std::vector<std::unique_ptr<Scaling>> scaling_;
    int next_server_ = 0;  // never reused: requests of a listener that has gone are known by it
    int scaled_down_ = 0;  // units that are `removing`
    int succeeding_ = 0;   // units that have a successor
    std::unique_ptr<config::Settings> read_;                  // last read, when it is not what runs
    std::vector<std::unique_ptr<config::Settings>> retired_;  // units may still run by them
    std::pair<config::Bundle, std::string> read_bundle_;      // of read_, with its print
    AppliedConfiguration applied_;
    config::Bundle loading_bundle_;  // of loading_
    std::vector<std::unique_ptr<Applying>> applying_;
    std::vector<control::RevisionInfo> history_;
    control::Drift drift_;
    std::vector<std::string> watched_patterns_;
    std::uint32_t config_watch_ = 0;  // 0: none
    std::uint64_t last_run_ = 0, last_probe_ = 0, last_wait_ = 0, last_unit_ = 0;
    std::uint32_t last_channel_ = 2, last_watch_ = 0;  // channels 1, 2: main log, echo

    // memory.cc
    std::uint64_t noted_run_ = 0;  // ids up to these may have been used
    std::uint32_t noted_channel_ = 2;
    std::vector<std::uint64_t> touched_;  // keys of units
    bool daemon_touched_ = false;
    bool look_at_entries_ = false;     // wishes may have changed
    bool memory_is_over_ = false;      // the daemon ends: nothing is left to be taken over
    bool started_ = false;             // what starts by itself has been wished up
    std::vector<ports::RunId> ended_;  // to be let go when what followed is noted
    std::string memory_trouble_;
    std::optional<Instant> shutdown_limit_at_;
    std::map<std::string, int> scales_;  // programs that were scaled
    bool takes_over_ = false;
    int predecessor_ = 0;                       // its pid
    int taken_over_ = 0;                        // processes
    std::map<std::string, text::Record> left_;  // by full name; not taken up yet
    std::vector<Restored> restored_;
    std::vector<std::unique_ptr<config::Program>> departed_;
    // remember.cc
    std::map<std::string, bool> remembered_;  // full name: to be started
    bool writes_remembered_ = false, remembered_changed_ = false;
};

}  // namespace lares::daemon
