// daemon/work.cc: setting work up, taking up what was left, and one turn of it.

#include "daemon/work.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace lares::daemon {

namespace {

constexpr std::string_view run_prefix = "job-run/", worker_prefix = "job-worker/";

/// How long a job may count as having waited already when the daemon starts.
constexpr Duration longest_age = std::chrono::hours(24 * 30);
/// Jobs of one task that workers elsewhere may have at once.
constexpr int remote_workers = 10'000;

std::uint64_t number_after(std::string_view key, std::string_view prefix) {
    std::uint64_t number = 0;
    auto digits = key.substr(prefix.size());
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

queue::Rules rules_of(config::Task const& task) {
    auto rules = task.rules;
    rules.task = task.name;
    if (task.is_remote) rules.workers = remote_workers;
    // A worker is sent jobs ahead: all of them count as running.
    if (task.protocol == config::Protocol::lines) rules.workers *= std::max(task.prefetch, 1);
    return rules;
}

}  // namespace

Work::Work(WorkHands hands)
    : hands_(std::move(hands)),
      journal_(
          hands_.store, hands_.clock, hands_.log,
          [this](ports::EventRow const& row) {
              bool is_wanted = has_event_triggers_ && happened_.size() < limits::store_rows;
              if (is_wanted) happened_.push_back(row);
              if (hands_.seen) hands_.seen(row);
          },
          [this](ports::EventRow const& row) { messages_.hear(row); }),
      lines_(line_hands()),
      answers_(hands_.memory),
      folders_(hands_.intake, hands_.store, folder_hands()),
      messages_(message_hands()),
      payloads_(
          {hands_.store, hands_.worker, hands_.sha256, hands_.world.glob, hands_.remove_file}),
      random_(hands_.seed) {}

Work::~Work() = default;

Work::TaskState* Work::find(std::string_view task) {
    auto found = tasks_.find(task);
    return found == tasks_.end() || found->second.task == nullptr ? nullptr : &found->second;
}

Work::TaskState const* Work::find(std::string_view task) const {
    auto found = tasks_.find(task);
    return found == tasks_.end() || found->second.task == nullptr ? nullptr : &found->second;
}

void Work::configure(config::Settings const& settings) {
    now_ = hands_.clock.now();
    settings_ = &settings;
    models_.clear();
    state_directory_ = settings.daemon.state_directory;
    payloads_.set_folder(state_directory_ + "/payloads");
    auto before = std::exchange(tasks_, {});
    std::vector<queue::Rules> rules;
    std::vector<config::Task const*> lines;
    agenda_.clear();
    clocked_.clear();
    fresh_marks_.clear();
    followers_.clear();
    std::unordered_set<std::string> old_marks;
    has_event_triggers_ = has_remote_ = false;
    for (auto const& task : settings.tasks) {
        has_event_triggers_ = has_event_triggers_ || !task.on.empty();
        has_remote_ = has_remote_ || task.is_remote;
        auto old = before.find(task.name);
        auto& state = tasks_[task.name];
        if (old != before.end()) state = std::move(old->second);
        auto old_schedules = state.task == nullptr ? std::vector<Followed>() : followed(state);
        state.schedules.clear();
        state.task = &task;
        if (state.number == 0) state.number = ++last_number_;
        rules.push_back(rules_of(task));
        if (task.protocol == config::Protocol::lines) lines.push_back(&task);
        for (auto const& schedule : old_schedules) old_marks.insert(schedule.mark);
        if (!task.after.empty()) followers_.push_back(&state);
        set_up_clocks(state, old_schedules);
    }
    if (loaded_) {
        write_fresh_marks();
        set_every_timer();
    }
    for (auto const& [name, gone] : before)
        if (gone.task != nullptr)
            for (auto const& schedule : followed(gone)) old_marks.insert(schedule.mark);
    // A schedule that comes again later counts from then on: what it missed is nobody's fault.
    std::vector<ports::Write> dropped;
    for (auto const& clock : clocked_)
        old_marks.erase(mark_of(*clock.state->task, clock.state->task->schedules[clock.index]));
    for (auto const& mark : old_marks) {
        dropped.push_back(ports::DropMark{mark});
        dropped.push_back(ports::DropMark{"first/" + mark});
    }
    if (loaded_ && !dropped.empty()) commit_must(std::move(dropped));
    queue_.set_rules(std::move(rules));
    queue_.set_resources(settings.work.resources);
    lines_.configure(std::move(lines));
    look_at_gates_ = look_at_starts_ = true;
    set_clock_timer();
    set_up_expectations();
    configure_folders();
    watch_zones();
    messages_.configure(settings);
}

// ---- what a predecessor left

bool Work::take_left(std::string_view key, text::Record const& record) {
    if (key.starts_with(run_prefix)) {
        auto run = number_after(key, run_prefix);
        attempts_[run] = std::make_unique<Attempt>(read_attempt(run, record));
        return true;
    }
    if (messages_.take_left(key, record) || answers_.take_left(key, record)) return true;
    if (!key.starts_with(worker_prefix)) return false;
    leftover_[number_after(key, worker_prefix)] = {
        .task = record.text("task"),
        .pid = static_cast<int>(record.number("pid")),
        .start_ticks = static_cast<std::uint64_t>(record.number("start_ticks"))};
    return true;
}

// Attempts go on. Workers of lines do not: what they were sent cannot be known for sure, so they
// are killed, and their jobs begin anew once they are gone.
void Work::adopt_left() {
    now_ = hands_.clock.now();
    messages_.adopt_left();
    for (auto& [run, attempt] : attempts_) {
        owned_.insert(run);
        auto& newest = run_of_[attempt->job];
        newest = std::max(newest, run);
        auto adopted = hands_.processes.adopt(
            ports::RunId{run},
            {.pid = attempt->pid, .start_ticks = attempt->start_ticks, .name = attempt->task});
        if (adopted == ports::Adopted::never_made) attempt->phase = Attempt::Phase::committing;
        if (adopted == ports::Adopted::gone)
            left_ends_.push_back({.run = ports::RunId{run},
                                  .pid = attempt->pid,
                                  .code = -1,
                                  .at = now_,
                                  .status_unknown = true});
    }
    // Of two attempts at one job the older one's end is in the store: the younger is begun behind
    // it. Both may come back from the disk at once, and our predecessor died before it let go of
    // one.
    std::vector<std::uint64_t> older;
    for (auto const& [run, attempt] : attempts_)
        if (run_of_.at(attempt->job) != run) older.push_back(run);
    for (auto run : older) let_go(run, /*is_known=*/false);
    for (auto worker = leftover_.begin(); worker != leftover_.end();) {
        auto run = ports::RunId{worker->first};
        auto adopted = hands_.processes.adopt(run, {.pid = worker->second.pid,
                                                    .start_ticks = worker->second.start_ticks,
                                                    .name = worker->second.task});
        bool is_alive = adopted == ports::Adopted::running || adopted == ports::Adopted::spawned;
        if (!is_alive) {
            hands_.memory.drop(fmt::format("{}{}", worker_prefix, worker->first));
            worker = leftover_.erase(worker);
            continue;
        }
        owned_.insert(worker->first);
        (void)hands_.processes.signal(run, 9, ports::Target::group);
        ++worker;
    }
}

void Work::start() {
    if (!std::exchange(started_, true)) hands_.store.open();
}

// ---- the store

void Work::on(ports::StoreChanged const& event) {
    if (!event.ok) {
        hands_.log.error(fmt::format(
            "{}; programs are supervised as before, jobs wait until that is mended", event.words));
        (void)journal_.note({.kind = "store.trouble", .subject = "store", .words = event.words});
        return block_all("store", "the database cannot be used: " + event.words);
    }
    // That it was opened is what is expected; that it was migrated is worth a line.
    bool is_usual = event.words.starts_with("made ") || event.words.starts_with("opened ");
    if (!event.words.empty())
        hands_.log.write(is_usual ? Level::debug : Level::info, "database: " + event.words);
    unblock_all("store");
    look_at_starts_ = look_at_gates_ = true;
    if (loaded_ || loading_ || !hands_.store.is_open()) {
        (void)journal_.note({.kind = "store.ok", .subject = "store", .words = event.words});
        return;
    }
    journal_.store_opened();
    load();
}

void Work::load() {
    loading_ = true;
    hands_.store.read_all({ports::LiveJobs{}, ports::MarksAsked{}, ports::RunsAsked{.limit = 1}},
                          [this](Result<ports::Found> found) {
                              loading_ = false;
                              if (!found) {
                                  hands_.log.error("database: " + found.error().what);
                                  return;
                              }
                              loaded(std::move(*found));
                          });
}

void Work::loaded(ports::Found found) {
    now_ = hands_.clock.now();
    loaded_ = true;
    (void)journal_.note(
        {.kind = "daemon.start",
         .subject = "daemon",
         .words = fmt::format("the daemon is up; {} jobs live", found.jobs.size())});
    for (auto const& row : found.runs) hands_.raise_runs(row.run);
    for (auto const& job : found.jobs) hands_.raise_runs(job.run);
    load_marks(std::move(found.marks));
    for (auto& job : found.jobs) load_job(std::move(job));
    // Attempts whose job has ended already: their end was written, only not let go of. That it be
    // forgotten is asked when it comes, if it does: one that was never made has none.
    std::vector<std::uint64_t> over;
    for (auto const& [run, attempt] : attempts_)
        if (!jobs_.contains(attempt->job)) over.push_back(run);
    for (auto run : over) let_go(run, /*is_known=*/false);
    for (auto const& end : std::exchange(left_ends_, {})) on(end);
    settle_unclear();
    for (auto& [name, state] : tasks_)
        for (std::size_t i = 0; i < state.schedules.size(); ++i) begin_schedule(state, i);
    write_fresh_marks();
    reboot_triggers();
    begin_every();
    begin_expectations();
    configure_folders();
    set_clock_timer();
    look_at_starts_ = look_at_gates_ = true;
    messages_.store_opened();
    if (hands_.tell_unnoted) hands_.tell_unnoted();
    load_starts();
    audit_first();
    prune();
}

/// Of schedules and the like, looked up by who made them; pauses and maintenance at once.
void Work::load_marks(std::vector<std::pair<std::string, std::string>> marks) {
    for (auto& [key, value] : marks) {
        if (key == "clock/steps") clock_steps_ = std::atoll(value.c_str());
        if (key == "maintenance") maintenance_ = maintenance::read(value);
        if (key.starts_with("pause/")) pause_with(key.substr(6), value);
        if (key.starts_with("mail/")) {
            messages_.mail_output(key, value);
            continue;
        }
        if (key.starts_with("circuit/")) {
            if (auto* state = find(key.substr(8))) load_circuit(*state, value);
            continue;
        }
        if (key.starts_with("after/"))
            if (auto* state = find(key.substr(6))) {
                std::string_view rest = value;
                while (!rest.empty()) {
                    auto end = std::min(rest.find('\n'), rest.size());
                    state->after_seen.emplace(rest.substr(0, end));
                    rest.remove_prefix(std::min(end + 1, rest.size()));
                }
            }
        marks_.insert_or_assign(std::move(key), std::move(value));
    }
}

Instant Work::instant_of(WallTime at) const { return now_ + (at - hands_.clock.wall()); }

void Work::load_job(job::Job job) {
    auto attempt = attempt_of(job.id);
    // Its end was written, only not let go of: seen again, it would count once more. Or its start
    // was not yet, and of it there is a process: written now. The number of the run tells them
    // apart, which its start gives to the job.
    bool is_begun = attempt != nullptr && job.state == job::State::ready &&
                    job.run < attempt->run && attempt->phase != Attempt::Phase::committing;
    if (is_begun) {
        job.state = job::State::running;
        job.run = attempt->run;
    } else if (attempt != nullptr && job.state == job::State::ready) {
        let_go(attempt->run, /*is_known=*/false);
    }
    if (job.state == job::State::running) {
        bool is_known = attempt != nullptr && attempt->run == job.run &&
                        attempt->phase != Attempt::Phase::committing;
        if (is_known) {
            take_up(*attempt);
        } else if (job.token != 0) {
            take_up_lease(job);
        } else {
            // Never made.
            if (attempt != nullptr) let_go(attempt->run, /*is_known=*/false);
            unclear_.push_back(job);
        }
    }
    std::optional<Instant> ready_at;
    if (job.not_before > hands_.clock.wall()) ready_at = instant_of(job.not_before);
    auto waited = std::min(hands_.clock.wall() - job.created, longest_age);
    bool is_added = queue_.add(job, ready_at, now_ - std::max(waited, Duration(0)));
    auto id = job.id;
    jobs_.insert_or_assign(id, std::move(job));
    if (is_begun) write_left_start(*attempt);
    if (!is_added) fall_at_once(id);
}

/// Of an attempt that was begun ahead of it. Its event is another than the predecessor's, whose
/// number may be somebody else's by now.
void Work::write_left_start(Attempt& attempt) {
    std::vector<ports::Write> writes;
    add_start_writes(attempt, writes);
    keep(attempt);
    commit_must(std::move(writes));
}

/// An attempt of a predecessor's that goes on: its timers are ours now.
void Work::take_up(Attempt& attempt) {
    if (attempt.phase == Attempt::Phase::ended) return;
    set_attempt_timer(attempt);
}

// What was running and of which nothing is left: it was to be started, or its worker is gone. Of
// what that had answered there is a note, unless the answer came in its last moment.
void Work::settle_unclear() {
    if (!leftover_.empty() || !loaded_) return;
    for (auto& job : std::exchange(unclear_, {})) {
        auto answer = answers_.find_left(job.run);
        Attempt attempt{.run = job.run,
                        .job = job.id,
                        .task = job.task,
                        .number = job.attempts,
                        .how = Attempt::How::line,
                        .started = now_ - (answer ? answer->took : Duration(0)),
                        .wall_started = answer ? answer->begun : hands_.clock.wall()};
        if (answer)
            finish_attempt(attempt, answer->outcome,
                           {.code = answer->code,
                            .signal = answer->signal,
                            .words = answer->words,
                            .result = answer->result,
                            .at = now_});
        else
            finish_attempt(attempt, job::Outcome::interrupted,
                           {.words = "the daemon ended while it was under way", .at = now_});
    }
    answers_.settle_left();
}

void Work::commit_must(std::vector<ports::Write> writes,
                       std::function<void(ports::Committed const&)> then) {
    hands_.store.commit(
        {.writes = std::move(writes), .kind = ports::Commit::Kind::must, .may_conflict = true},
        [this, then = std::move(then)](Result<ports::Committed> const& done) {
            if (!done) return hands_.log.error("database: " + done.error().what);
            if (then) then(*done);
        });
}

// ---- a turn

void Work::turn(Instant now) {
    now_ = now;
    while (auto due = deadlines_.take_due(now_)) on_timer(*due);
    if (auto at = lines_.deadline(); at && *at <= now_) lines_.deadline_passed(now_);
    if (tell_pids_at_ && *tell_pids_at_ <= now_) tell_pids();
    if (std::exchange(look_at_gates_, false)) look_at_gates();
    if (loaded_ && !happened_.empty()) trigger_events();
    if (auto at = queue_.deadline(now_); at && *at <= now_) look_at_starts_ = true;
    if (std::exchange(look_at_starts_, false)) {
        begin_starts();
        offer_again();
        answer_claims();
    }
    folders_.turn();
    settle_draining();
    journal_.end_turn();
    messages_.turn(now_);
    journal_.end_turn();  // what it wrote down
    begin_ahead();
    answers_.turn_ended();
    hands_.store.turn_ended();
    prepare_early();
    let_go_of_ended();
}

std::optional<Instant> Work::deadline() const {
    auto earliest = deadlines_.earliest();
    auto take = [&earliest](std::optional<Instant> at) {
        if (at && (!earliest || *at < *earliest)) earliest = at;
    };
    take(lines_.deadline());
    take(messages_.deadline());
    take(tell_pids_at_);
    take(folders_.deadline());
    if (loaded_ && !ending_ && !is_counting_starts_) take(queue_.deadline(now_));
    // Events wait for the database as well: without it there is nothing to wake up for.
    bool has_events = loaded_ && !happened_.empty();
    if (look_at_starts_ || look_at_gates_ || has_events) take(now_);
    return earliest;
}

Deadlines::Key Work::timer_of(std::string const& task, Timer timer) const {
    auto const* state = find(task);
    return (state == nullptr ? 0 : state->number) * timers + static_cast<std::uint64_t>(timer);
}

void Work::on_timer(Deadlines::Key key) {
    switch (static_cast<Timer>(key % timers)) {
    case Timer::clocks:
        return clocks_due();
    case Timer::every:
        return every_due();
    case Timer::gates:
        look_at_gates_ = true;
        return;
    case Timer::attempt:
        if (auto* attempt = find_attempt(key / timers)) on_attempt_timer(*attempt);
        return;
    case Timer::logs:
        return check_logs();
    case Timer::prune:
        return prune();
    case Timer::expect:
        return expectations_due();
    case Timer::circuit:
        return circuit_due(key / timers);
    case Timer::audit:
        return audit_due();
    }
}

// ---- the end

void Work::begin_end() {
    if (std::exchange(ending_, true)) return;
    now_ = hands_.clock.now();
    (void)journal_.note(
        {.kind = "daemon.end", .subject = "daemon", .words = "the daemon was told to end"});
    block_all("ending", "the daemon is stopping");
    messages_.begin_end(now_);
    for (auto& [run, attempt] : attempts_)
        if (attempt->how == Attempt::How::process && (attempt->phase == Attempt::Phase::running ||
                                                      attempt->phase == Attempt::Phase::spawning))
            tell_ending(*attempt, job::Outcome::interrupted, "the daemon was stopped");
    lines_.end_all(now_);
    for (auto& asked : std::exchange(asking_, {}))
        asked.done(Error{Error::Kind::unavailable, "the daemon is stopping"});
}

// Remote attempts go on without us: their workers find the next daemon. An end that cannot be
// written is not waited for: the next daemon finds what is left of the run, and does the job again.
bool Work::is_at_rest() const {
    bool can_write = hands_.store.is_open() && hands_.store.trouble().empty();
    bool none_here = std::ranges::none_of(attempts_, [can_write](auto const& entry) {
        bool is_over = entry.second->phase == Attempt::Phase::ended && !can_write;
        return entry.second->how == Attempt::How::process && !is_over;
    });
    return none_here && lines_.count() == 0 && leftover_.empty() && messages_.is_at_rest();
}

std::string Work::still_running() const {
    std::string names;
    for (auto const& [run, attempt] : attempts_)
        if (attempt->how == Attempt::How::process)
            names += fmt::format("{}job {} of {}", names.empty() ? "" : ", ", attempt->job,
                                 attempt->task);
    if (lines_.count() > 0)
        names += fmt::format("{}{} workers", names.empty() ? "" : ", ", lines_.count());
    if (!messages_.is_at_rest()) names += names.empty() ? "lares-deliver" : ", lares-deliver";
    return names;
}

void Work::kill_everything() {
    messages_.kill_everything();
    for (auto const& [run, attempt] : attempts_)
        if (attempt->how == Attempt::How::process)
            (void)hands_.processes.signal(ports::RunId{run}, 9, ports::Target::everything);
    for (auto const& [name, state] : tasks_)
        for (auto const& [run, pid] : lines_.processes(name))
            (void)hands_.processes.signal(run, 9, ports::Target::everything);
}

void Work::flush(std::function<void()> done) {
    journal_.end_turn();
    hands_.store.flush(std::move(done));
}

}  // namespace lares::daemon
