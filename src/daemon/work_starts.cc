// daemon/work_starts.cc: from a job whose turn it is to a process, and ending one that must end.
//
// An attempt is in the daemon's memory before its process is made, and in the store, or a first one
// on its way there (docs/decisions/0023): a successor finds either nothing begun or all it needs.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "base/signals.h"
#include "core/rerun.h"
#include "daemon/payload.h"
#include "daemon/work.h"
#include "text/json.h"
#include "text/quantity.h"

namespace lares::daemon {

using Phase = Attempt::Phase;
using How = Attempt::How;

namespace {

/// Starts of one turn: one commit, and the loop sees to other things in between.
constexpr std::size_t starts_a_turn = 1'000;
/// Between two looks at how large the logs of running jobs have become.
constexpr Duration logs_every{10'000};
/// From a job's start until its pid is told to the daemon's memory and the store.
constexpr Duration tell_pids_after{100};

std::string json_array(std::vector<std::string> const& words) {
    std::string out = "[";
    for (auto const& word : words) {
        if (out.size() > 1) out.push_back(',');
        text::append_json(out, word);
    }
    return out + "]";
}

/// "2026-11-27" in UTC: the folder of a day's logs.
std::string day_of(WallTime at) {
    std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

}  // namespace

Attempt* Work::find_attempt(std::uint64_t run) {
    auto found = attempts_.find(run);
    return found == attempts_.end() ? nullptr : found->second.get();
}

Attempt* Work::attempt_of(job::Id id) {
    auto run = run_of_.find(id);
    return run == run_of_.end() ? nullptr : find_attempt(run->second);
}

// ---- beginning

void Work::begin_starts() {
    if (!loaded_ || ending_ || is_store_blocked_ || is_counting_starts_) return;
    if (has_remote_) gate_remote();
    auto starts = queue_.take_starts(now_, starts_a_turn);
    if (starts.empty()) return;
    if (starts.size() == starts_a_turn) look_at_starts_ = true;
    Beginning behind, ahead;
    for (auto const& start : starts) {
        auto* state = find(start.task);
        if (state == nullptr) {
            queue_.put_back(start.id);
            continue;
        }
        note_left(start.task);
        auto& attempt = new_attempt(start, *state);
        if (attempt.how == How::remote) {
            granted_[start.task].push_back(attempt.run);
            continue;
        }
        bool is_ahead = may_begin_ahead(attempt, *state);
        if (is_ahead) state->unwritten_starts += 1;
        if (attempt.how == How::process)
            (is_ahead ? to_begin_ : to_prepare_).push_back(attempt.run);
        auto& beginning = is_ahead ? ahead : behind;
        add_start_writes(attempt, beginning.writes);
        beginning.runs.push_back(attempt.run);
        beginning.tasks.push_back(attempt.task);
    }
    if (!behind.runs.empty())
        hands_.store.commit({.writes = std::move(behind.writes)},
                            [this, runs = std::move(behind.runs)](
                                Result<ports::Committed> const& done) { started(runs, done); });
    if (ahead.runs.empty()) return;
    auto writes = std::move(ahead.writes);
    hands_.store.commit(
        {.writes = std::move(writes), .kind = ports::Commit::Kind::must, .may_conflict = true},
        [this, ahead = std::move(ahead)](Result<ports::Committed> const& done) {
            written_ahead(ahead, done);
        });
}

/// Whether its process may be made while its start is still on its way to the disk. The daemon's
/// memory has the attempt then, and outlives the daemon; a power cut takes the process along, and
/// the job is as ready as if it had not begun (docs/decisions/0023). Only a first attempt: of
/// several a successor takes the younger one, and relies on it that the older one's end is written.
/// At most as many as the task has workers, so that it never runs far ahead of a slow disk.
bool Work::may_begin_ahead(Attempt const& attempt, TaskState const& state) const {
    auto const& job = jobs_.at(attempt.job);
    bool is_first = job.run == 0 && attempt.number == 1;
    auto most = static_cast<std::size_t>(std::max(state.task->rules.workers, 1));
    return attempt.how == How::process && is_first && hands_.processes.finds_by_run() &&
           state.unwritten_starts < most && needs_no_reading(attempt, state);
}

/// Nothing on a disk must be read before it can begin.
bool Work::needs_no_reading(Attempt const& attempt, TaskState const& state) const {
    auto const& job = jobs_.at(attempt.job);
    bool reads_payload = !job.payload_file.empty() && job.payload.empty();
    return !reads_payload && state.task->process.environment_files.empty() &&
           !rerun::run_as_then(job.source);
}

/// Makes the processes of those, before the writer is let go on with their starts.
void Work::begin_ahead() {
    for (auto run : std::exchange(to_begin_, {})) {
        auto* attempt = find_attempt(run);
        if (attempt == nullptr || attempt->phase != Phase::committing || ending_) continue;
        prepare_request(*attempt);
        if (!attempt->request) continue;
        attempt->is_ahead = true;
        launch(*attempt);
    }
}

/// Their starts are on the disk, or too much waits for it to take them in; then what has begun goes
/// on, and its end says all. What could not be made before is tried, and said, now.
void Work::written_ahead(Beginning const& ahead, Result<ports::Committed> const& done) {
    for (auto const& task : ahead.tasks)
        if (auto* state = find(task); state != nullptr && state->unwritten_starts > 0)
            state->unwritten_starts -= 1;
    for (auto run : ahead.runs)
        if (auto* attempt = find_attempt(run)) attempt->is_ahead = false;
    started(ahead.runs, done);
}

Attempt& Work::new_attempt(queue::Start const& start, TaskState const& state) {
    auto attempt = std::make_unique<Attempt>();
    attempt->run = static_cast<std::uint64_t>(hands_.next_run());
    attempt->job = start.id;
    attempt->task = start.task;
    attempt->number = start.attempt;
    bool is_line = state.task->protocol == config::Protocol::lines;
    attempt->how = state.task->is_remote ? How::remote : is_line ? How::line : How::process;
    attempt->started = now_;
    attempt->wall_started = hands_.clock.wall();
    if (!is_line)
        attempt->log = fmt::format("{}/runs/{}/{}-{}.log", state_directory_,
                                   day_of(attempt->wall_started), attempt->run, start.task);
    attempt->command = json_array(state.task->process.argv);
    attempt->directory = state.task->process.directory;
    if (state.task->how.user) attempt->user = state.task->how.user->name;
    run_of_[start.id] = attempt->run;
    auto& kept = attempts_[attempt->run];
    kept = std::move(attempt);
    return *kept;
}

void Work::add_start_writes(Attempt& attempt, std::vector<ports::Write>& writes) {
    auto& job = jobs_.at(attempt.job);
    job.state = job::State::running;
    job.run = attempt.run;
    job.attempts = attempt.number;
    auto event =
        journal_.event({.kind = "job.started",
                        .subject = fmt::format("job/{}", job.id),
                        .cause = job.cause,
                        .words = fmt::format("attempt {} of job {} ({}) as run {}", attempt.number,
                                             job.id, job.task, attempt.run),
                        .data = details({}, {{"run", static_cast<std::int64_t>(attempt.run)}})});
    attempt.event = event.id;
    writes.push_back(ports::SetJob{job, 0, ports::SetJob::Changes::start});
    // A process's run is written with its pid, or whole when it has ended before; a line's always
    // so: it is over within milliseconds. Until then the job and this event say that it began.
    if (attempt.how == How::remote) writes.push_back(ports::PutRun{run_row(attempt)});
    writes.push_back(ports::PutEvent{std::move(event)});
}

ports::RunRow Work::run_row(Attempt const& attempt) const {
    return {.run = attempt.run,
            .kind = "job",
            .subject = attempt.task,
            .job = attempt.job,
            .attempt = attempt.number,
            .command = attempt.command,
            .environment = attempt.environment,
            .directory = attempt.directory,
            .user = attempt.user,
            .revision = hands_.revision(),
            .pid = attempt.pid,
            .node = attempt.node,
            .started = attempt.wall_started,
            .log = attempt.log};
}

void Work::started(std::vector<std::uint64_t> const& runs, Result<ports::Committed> const& done) {
    now_ = hands_.clock.now();
    for (auto run : runs) {
        auto* attempt = find_attempt(run);
        // One that was cancelled meanwhile has its end behind this commit.
        if (attempt == nullptr || attempt->phase != Phase::committing) continue;
        if (done && !ending_) {
            launch(*attempt);
            continue;
        }
        if (done) {  // committed, and the daemon ends: the next one begins it anew
            finish_attempt(*attempt, job::Outcome::interrupted,
                           {.words = "the daemon was stopped before it began", .at = now_});
            continue;
        }
        put_back(*attempt);
    }
    if (!done) hands_.log.error("jobs could not be started: " + done.error().what);
}

/// It was not written that it begins: it has not begun.
void Work::put_back(Attempt& attempt) {
    auto& job = jobs_.at(attempt.job);
    job.state = job::State::ready;
    job.attempts -= 1;
    queue_.put_back(job.id);
    run_of_.erase(job.id);
    attempts_.erase(attempt.run);
}

void Work::launch(Attempt& attempt) {
    attempt.phase = Phase::preparing;
    auto& job = jobs_.at(attempt.job);
    if (job.payload_file.empty() || !job.payload.empty()) return prepare_launch(attempt);
    auto bytes = std::make_shared<Result<std::string>>(std::string());
    hands_.worker.run([bytes, &world = hands_.world,
                       path = payloads_.path(job.payload_file)] { *bytes = world.read_file(path); },
                      [this, bytes, run = attempt.run] {
                          auto* same = find_attempt(run);
                          if (same == nullptr || same->phase != Phase::preparing) return;
                          now_ = hands_.clock.now();
                          if (!*bytes)
                              return finish_attempt(
                                  *same, job::Outcome::unstartable,
                                  {.words = "payload: " + bytes->error().what, .at = now_});
                          jobs_.at(same->job).payload = **bytes;
                          prepare_launch(*same);
                      });
}

void Work::prepare_launch(Attempt& attempt) {
    auto* state = find(attempt.task);
    if (state == nullptr || ending_)
        return finish_attempt(attempt, job::Outcome::interrupted,
                              {.words = "its task is gone, or the daemon stops", .at = now_});
    if (attempt.how == How::line) return give_line(attempt, *state);
    auto run_then = rerun::run_as_then(jobs_.at(attempt.job).source);
    if (run_then && !attempt.as_then) return read_run_then(attempt, *run_then);
    auto const& files = state->task->process.environment_files;
    if (files.empty()) return spawn(attempt, *state, {});
    auto found = std::make_shared<Result<text::Variables>>(text::Variables{});
    hands_.worker.run(
        [found, files, &world = hands_.world] { *found = read_environment_files(world, files); },
        [this, found, run = attempt.run] {
            auto* same = find_attempt(run);
            if (same == nullptr || same->phase != Phase::preparing) return;
            now_ = hands_.clock.now();
            auto* owner = find(same->task);
            if (!*found || owner == nullptr || ending_)
                return finish_attempt(
                    *same, *found ? job::Outcome::interrupted : job::Outcome::unstartable,
                    {.words = *found ? "the daemon stops" : found->error().what, .at = now_});
            spawn(*same, *owner, **found);
        });
}

/// `lares rerun --as-then`: command, environment, directory and user come from that run's row.
void Work::read_run_then(Attempt& attempt, std::uint64_t run_then) {
    hands_.store.read(
        ports::RunsAsked{.run = run_then, .limit = 1},
        [this, run = attempt.run, run_then](Result<ports::Found> const& found) {
            auto* same = find_attempt(run);
            if (same == nullptr || same->phase != Phase::preparing) return;
            now_ = hands_.clock.now();
            if (!found || found->runs.empty())
                return finish_attempt(
                    *same, job::Outcome::unstartable,
                    {.words = found ? fmt::format("run {} is not known any more", run_then)
                                    : found.error().what,
                     .at = now_});
            same->as_then = std::make_shared<ports::RunRow const>(found->runs.front());
            prepare_launch(*same);
        });
}

/// What it has beyond the daemon's own variables, for its row.
std::vector<std::string> Work::own_environment(std::vector<std::string> const& environment) const {
    std::vector<std::string> own;
    for (auto const& line : environment) {
        auto equals = std::min(line.find('='), line.size());
        auto name = std::string_view(line).substr(0, equals);
        auto inherited =
            std::ranges::find(hands_.world.environment, name, &text::Variables::value_type::first);
        bool is_same =
            inherited != hands_.world.environment.end() &&
            inherited->second == std::string_view(line).substr(std::min(equals + 1, line.size()));
        if (!is_same) own.push_back(line);
    }
    return own;
}

/// Puts what the earlier run had in place of the task's settings of today.
Result<> Work::make_as_then(ports::RunRow const& row, ports::SpawnRequest& request) const {
    request.argv = TRY(words_as_then(row.command));
    request.environment = environment_as_then(row.environment, request.environment);
    request.directory = row.directory;
    auto today = request.user ? request.user->name : std::string();
    if (row.user == today) return {};
    if (row.user.empty()) {
        request.user.reset();
        return {};
    }
    auto user = hands_.world.find_user(row.user);
    if (!user)
        return Error{Error::Kind::not_found,
                     fmt::format("user '{}', as whom it ran, is not known", row.user)};
    request.user = ports::SpawnRequest::Identity{user->uid, user->gid, user->name};
    return {};
}

void Work::spawn(Attempt& attempt, TaskState const& state, text::Variables const& from_files) {
    if (!attempt.request)
        if (auto made = make_request(attempt, state, from_files); !made)
            return finish_attempt(attempt, job::Outcome::unstartable,
                                  {.words = made.error().what, .at = now_});
    auto const& task = *state.task;
    if (task.timeout > Duration(0)) attempt.deadline = now_ + task.timeout;
    attempt.phase = Phase::spawning;
    keep(attempt);
    if (attempt.is_ahead && !hands_.memory.trouble().empty()) {
        attempt.phase = Phase::committing;  // nobody would know of it: only behind its start
        return;
    }
    folders_.on_job_start(attempt.job);
    owned_.insert(attempt.run);
    hands_.processes.spawn(ports::RunId{attempt.run},
                           std::move(*std::exchange(attempt.request, {})));
}

/// While its start is on its way to the disk, and where nothing must be read for it first.
void Work::prepare_early() {
    for (auto run : std::exchange(to_prepare_, {})) {
        auto* attempt = find_attempt(run);
        if (attempt != nullptr && attempt->phase == Phase::committing) prepare_request(*attempt);
    }
}

/// What cannot be made is said when it is to begin.
void Work::prepare_request(Attempt& attempt) {
    auto const* state = find(attempt.task);
    if (state != nullptr && needs_no_reading(attempt, *state))
        (void)make_request(attempt, *state, {}).ok();
}

/// Also what its row says of it.
Result<> Work::make_request(Attempt& attempt, TaskState const& state,
                            text::Variables const& from_files) {
    auto const& task = *state.task;
    auto const& job = jobs_.at(attempt.job);
    auto argv = TRY(words_of(task, job.payload));
    if (argv.empty()) return Error{Error::Kind::invalid, task.process.command_error};
    auto made = std::make_unique<ports::SpawnRequest>();
    auto& request = *made;
    std::vector<std::string> own;  // of those it shares with no other
    std::vector<std::string_view> shown;
    bool is_like_others = from_files.empty() && !attempt.as_then;
    if (is_like_others) {
        auto const& model = model_of(task);
        request = model.request;
        request.argv = std::move(argv);
        shown.assign(model.own.begin(), model.own.end());
    } else {
        request = child_request(context_of(task, from_files), std::move(argv));
        if (attempt.as_then) TRY(make_as_then(*attempt.as_then, request));
        own = own_environment(request.environment);
        shown.assign(own.begin(), own.end());
    }
    auto common = request.environment.size();
    add_job_environment(request.environment, task, job, attempt.number, attempt.run);
    request.name = attempt.task;
    request.out_file = attempt.log;
    request.stdin_pipe = false;
    request.progress = true;
    if (!task.input.empty()) request.input = task.input;
    if (job.payload.size() > 2) {  // more than {}
        request.files.emplace_back(attempt.log + ".payload", job.payload);
        request.files_below = state_directory_;
        request.environment.push_back("LARES_PAYLOAD=" + attempt.log + ".payload");
        bool fits = job.payload.size() <= limits::input_bytes;
        if (!request.input && fits) request.input = job.payload;
    }
    shown.insert(shown.end(), request.environment.begin() + static_cast<std::ptrdiff_t>(common),
                 request.environment.end());
    request.cgroup = cgroup_limits(task.how, fmt::format("job-{}", attempt.run));
    attempt.command = json_array(request.argv);
    attempt.directory = request.directory;
    attempt.user = request.user ? request.user->name : "";
    attempt.environment = shown_environment(std::move(shown));
    attempt.request = std::move(made);
    return {};
}

Work::Model const& Work::model_of(config::Task const& task) {
    text::Variables const no_files;  // the context only refers to it
    auto context = context_of(task, no_files);
    auto known = models_.find(task.name);
    if (known != models_.end() && known->second.server_url == context.server_url)
        return known->second;
    auto& model = models_[task.name];
    model.request = child_request(context, {});
    model.own = own_environment(model.request.environment);
    model.request.common_environment = std::make_shared<std::vector<std::string> const>(
        std::exchange(model.request.environment, {}));
    model.server_url = context.server_url;
    return model;
}

ChildContext Work::context_of(config::Task const& task, text::Variables const& from_files) {
    server_url_ = hands_.server_url();
    return {.settings = *settings_,
            .program = task.how,
            .process = task.process,
            .inherited = hands_.world.environment,
            .from_files = from_files,
            .server_url = server_url_};
}

void Work::keep(Attempt const& attempt) {
    hands_.memory.keep(fmt::format("job-run/{}", attempt.run), write_attempt(attempt));
}

void Work::on(ports::Spawned const& event) {
    if (messages_.owns(event.run)) return messages_.on(event);
    auto run = static_cast<std::uint64_t>(event.run);
    if (lines_.owns(event.run)) {
        text::RecordWriter record;
        record.put("task", worker_task_[run].first);
        record.put_number("pid", event.pid);
        record.put_number("start_ticks",
                          static_cast<std::int64_t>(hands_.processes.start_ticks(event.run)));
        hands_.memory.keep(fmt::format("job-worker/{}", run), record.take());
        return lines_.spawned(event.run, event.pid, event.at);
    }
    auto* attempt = find_attempt(run);
    if (attempt == nullptr) return;
    attempt->pid = event.pid;
    attempt->started = event.at;
    bool is_unwanted = attempt->phase == Phase::ending;
    if (!is_unwanted) attempt->phase = Phase::running;
    untold_.push_back(run);
    if (is_unwanted || !hands_.processes.finds_by_run())
        tell_pids();
    else if (!tell_pids_at_)
        tell_pids_at_ = now_ + tell_pids_after;
    if (is_unwanted) return next_rung(*attempt);
    set_attempt_timer(*attempt);
    set_logs_timer();
}

/// With its pid, and what it was made of where that was not known when it was written first.
void Work::tell_pid(Attempt& attempt, std::vector<ports::Write>& writes) {
    if (attempt.is_pid_told || attempt.phase == Phase::ended) return;
    attempt.is_pid_told = true;
    attempt.start_ticks = hands_.processes.start_ticks(ports::RunId{attempt.run});
    keep(attempt);
    if (attempt.knows_its_row()) writes.push_back(ports::PutRun{run_row(attempt)});
}

// Most jobs of a busy house have ended by then, and the row of their end has their pid.
void Work::tell_pids() {
    tell_pids_at_.reset();
    std::vector<ports::Write> writes;
    for (auto run : std::exchange(untold_, {}))
        if (auto* attempt = find_attempt(run)) tell_pid(*attempt, writes);
    if (!writes.empty()) commit_must(std::move(writes));
}

void Work::on(ports::SpawnFailed const& event) {
    if (messages_.owns(event.run)) return messages_.on(event);
    auto run = static_cast<std::uint64_t>(event.run);
    if (lines_.owns(event.run)) {
        forget_worker(run);
        return lines_.ended(event.run, 0, 0, event.failure.words, now_);
    }
    owned_.erase(run);
    hands_.memory.drop(fmt::format("job-run/{}", run));
    auto* attempt = find_attempt(run);
    if (attempt == nullptr) return;
    bool was_ending = attempt->phase == Phase::ending;
    finish_attempt(*attempt, was_ending ? attempt->ends_as : job::Outcome::unstartable,
                   {.words = event.failure.words, .at = now_});
}

void Work::on(ports::Notified const& event) {
    auto* attempt = find_attempt(static_cast<std::uint64_t>(event.run));
    if (attempt == nullptr) return;
    if (event.key == "STATUS") attempt->progress_words = event.value.substr(0, 1000);
    if (event.key != "PROGRESS") return;
    constexpr std::string_view output = "OUTPUT ";  // a file it made, which is no new work
    if (event.value.starts_with(output))
        return folders_.on_output(attempt->job, event.value.substr(output.size()));
    auto line = parse_progress(event.value);
    if (line.percent >= 0) attempt->progress = line.percent;
    if (!line.words.empty()) attempt->progress_words = line.words;
}

// ---- ending one that must end

/// Asks it to end, as its ladder says; what it ends as is known already.
void Work::tell_ending(Attempt& attempt, job::Outcome as, std::string words) {
    if (attempt.phase == Phase::ending || attempt.phase == Phase::ended) return;
    bool has_process = attempt.phase == Phase::running || attempt.phase == Phase::spawning;
    attempt.ends_as = as;
    attempt.ends_words = std::move(words);
    bool was_running = attempt.phase == Phase::running;
    attempt.phase = Phase::ending;
    if (!has_process) return finish_attempt(attempt, as, {.words = attempt.ends_words, .at = now_});
    if (was_running) tell_pids();
    keep(attempt);
    if (was_running) next_rung(attempt);
}

void Work::next_rung(Attempt& attempt) {
    auto const* state = find(attempt.task);
    static std::vector<supervise::StopStep> const plain{{15, Duration(10'000)},
                                                        {9, Duration(1'000)}};
    auto const& ladder = state == nullptr ? plain : state->task->how.policy.stop_ladder;
    auto rung = std::min(static_cast<std::size_t>(attempt.rung), ladder.size() - 1);
    auto const& step = ladder[rung];
    bool is_last = rung + 1 == ladder.size();
    (void)hands_.processes.signal(ports::RunId{attempt.run}, step.signal,
                                  is_last ? ports::Target::everything : ports::Target::group);
    attempt.rung += 1;
    attempt.rung_at = now_ + std::max(step.wait, is_last ? Duration(1'000) : Duration(0));
    keep(attempt);
    set_attempt_timer(attempt);
}

void Work::set_attempt_timer(Attempt const& attempt) {
    auto at = attempt.phase == Phase::ending ? attempt.rung_at : attempt.deadline;
    deadlines_.set(attempt.run * timers + static_cast<std::uint64_t>(Timer::attempt), at);
}

void Work::on_attempt_timer(Attempt& attempt) {
    if (attempt.how == How::remote) return lease_over(attempt);
    if (attempt.phase == Phase::ending) return next_rung(attempt);
    if (attempt.phase != Phase::running && attempt.phase != Phase::spawning) return;
    auto const* state = find(attempt.task);
    auto limit = state == nullptr ? Duration(0) : state->task->timeout;
    tell_ending(attempt, job::Outcome::timeout,
                fmt::format("took longer than {}", text::print_duration(limit)));
}

// ---- logs that grow without end

void Work::set_logs_timer() {
    if (logs_timer_set_) return;
    logs_timer_set_ = true;
    deadlines_.set(static_cast<std::uint64_t>(Timer::logs), now_ + logs_every);
}

void Work::check_logs() {
    logs_timer_set_ = false;
    for (auto const& [run, attempt] : attempts_) {
        if (attempt->how != How::process || attempt->phase != Phase::running) continue;
        set_logs_timer();
        hands_.logs.read(attempt->log, 0, 0, [this, run = run](ports::LogRead const& read) {
            auto* same = find_attempt(run);
            auto const* state = same == nullptr ? nullptr : find(same->task);
            if (state == nullptr || same->phase != Phase::running) return;
            auto limit = state->task->keeping.log_max;
            if (limit <= 0 || read.size <= limit) return;
            now_ = hands_.clock.now();
            tell_ending(*same, job::Outcome::overflow,
                        fmt::format("its log has grown over log_max = {} bytes", limit));
        });
    }
}

}  // namespace lares::daemon
