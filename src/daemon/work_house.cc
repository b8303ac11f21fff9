// daemon/work_house.cc: what clients ask about tasks and jobs, and do to them.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/work.h"

namespace lares::daemon {

namespace {

Error gone(job::Id id) {
    return {Error::Kind::not_found,
            fmt::format("job {} is not live; `lares job {}` tells what became of it", id, id)};
}

}  // namespace

std::optional<Error> Work::closed() const {
    if (loaded_ && hands_.store.is_open()) return std::nullopt;
    auto trouble = hands_.store.trouble();
    return Error{Error::Kind::unavailable,
                 trouble.empty() ? "the database is not open yet" : trouble};
}

/// A change that a person asked for: it is answered when it is on the disk.
void Work::ask(std::vector<ports::Write> writes, control::Done done) {
    hands_.store.commit({.writes = std::move(writes)},
                        [done = std::move(done)](Result<ports::Committed> const& committed) {
                            if (!committed) return done(committed.error());
                            done({});
                        });
}

control::TaskInfo Work::info_of(std::string const& name, TaskState const& state) const {
    control::TaskInfo info;
    info.task = state.task;
    info.depth = queue_.depth(name, now_);
    info.blocks = queue_.blocks(name);
    info.running = queue_.running(name);
    for (std::size_t i = 0; i < state.schedules.size(); ++i) {
        auto next = next_of(state, i);
        if (!next) continue;
        WallTime at{std::chrono::seconds(*next)};
        if (info.next && *info.next <= at) continue;
        info.next = at;
        info.next_by = state.task->schedules[i].expression;
    }
    if (state.every_at) {
        auto at = hands_.clock.wall() + (*state.every_at - now_);
        if (!info.next || at < *info.next) {
            info.next = at;
            info.next_by = "every";
        }
    }
    info.last_end = state.last_end;
    info.last_state = state.last_state;
    info.last_run = state.last_run;
    info.done = state.done;
    info.failed = state.failed;
    info.usual = usual_of(name);
    info.is_late = !state.late_words.empty();
    info.late_words = state.late_words;
    return info;
}

std::vector<control::TaskInfo> Work::tasks() const {
    std::vector<control::TaskInfo> all;
    for (auto const& [name, state] : tasks_)
        if (state.task != nullptr) all.push_back(info_of(name, state));
    return all;
}

std::optional<control::TaskInfo> Work::task(std::string_view name) const {
    auto const* state = find(name);
    if (state == nullptr) return std::nullopt;
    return info_of(state->task->name, *state);
}

std::vector<control::RunningJob> Work::running() const {
    std::vector<control::RunningJob> all;
    for (auto const& [run, attempt] : attempts_) {
        if (attempt->phase == Attempt::Phase::committing) continue;
        all.push_back({.id = attempt->job,
                       .task = attempt->task,
                       .run = run,
                       .pid = attempt->pid,
                       .attempt = attempt->number,
                       .started = attempt->wall_started,
                       .progress = attempt->progress,
                       .progress_words = attempt->progress_words,
                       .node = attempt->node});
    }
    std::ranges::sort(all, {}, &control::RunningJob::run);
    return all;
}

std::map<std::string, std::pair<int, int>> Work::resources() const {
    std::map<std::string, std::pair<int, int>> all;
    if (settings_ != nullptr)
        for (auto const& [name, count] : settings_->work.resources) all[name] = {0, count};
    for (auto const& [name, used] : queue_.used()) all[name].first = used;
    return all;
}

config::Task const* Work::find_hook(std::string_view path) const {
    for (auto const& [name, state] : tasks_)
        if (state.task != nullptr && state.task->enabled && state.task->hook.path == path)
            return state.task;
    return nullptr;
}

void Work::note(std::string kind, std::string subject, std::string who, std::string words,
                std::string data) {
    auto id = journal_.note({.kind = kind,
                             .subject = subject,
                             .who = std::move(who),
                             .words = std::move(words),
                             .data = std::move(data)});
    if (kind == "operator" && id != 0) journal_.set_cause(subject, id);
}

std::vector<queue::Reason> Work::why(job::Id id) const { return queue_.why(id, now_); }

std::vector<queue::Reason> Work::why_task(std::string_view name) const {
    return queue_.why_task(name, now_);
}

// ---- single jobs

void Work::cancel(job::Id id, std::string who, control::Done done) {
    if (auto no = closed()) return done(std::move(*no));
    auto found = jobs_.find(id);
    if (found == jobs_.end()) return done(gone(id));
    now_ = hands_.clock.now();
    auto words = who.empty() ? std::string("replaced by a newer job") : "cancelled by " + who;
    if (auto* attempt = attempt_of(id)) {
        if (attempt->phase == Attempt::Phase::ended)
            return done(Error{Error::Kind::conflict, fmt::format("job {} has just ended", id)});
        end_waiters_.emplace(attempt->run, std::move(done));
        if (attempt->how == Attempt::How::line) {
            attempt->phase = Attempt::Phase::ending;
            attempt->ends_as = job::Outcome::cancelled;
            attempt->ends_words = words;
            return lines_.cancel(id, now_);
        }
        if (attempt->how == Attempt::How::remote)
            return finish_attempt(*attempt, job::Outcome::cancelled, {.words = words, .at = now_});
        return tell_ending(*attempt, job::Outcome::cancelled, words);
    }
    auto dropped = queue_.drop(id);
    if (!dropped)
        return done(Error{Error::Kind::conflict, fmt::format("job {} is about to start", id)});
    withdraw_now(std::move(found->second), job::State::cancelled, words, who, dropped.fell,
                 std::move(done));
}

/// A ready job that never runs: what waited for it falls, too.
void Work::withdraw_now(job::Job job, job::State as, std::string const& words,
                        std::string const& who, std::vector<job::Id> const& fallen,
                        control::Done done) {
    jobs_.erase(job.id);
    job.state = as;
    job.why = words;
    job.ended = hands_.clock.wall();
    auto commit = std::make_shared<EndCommit>();
    auto event =
        journal_.event({.kind = as == job::State::skipped ? "job.skipped" : "job.cancelled",
                        .subject = fmt::format("job/{}", job.id),
                        .cause = job.cause,
                        .who = who,
                        .words = fmt::format("job {} ({}): {}", job.id, job.task, words)});
    commit->event = event.id;
    commit->writes.push_back(ports::SetJob{job});
    commit->writes.push_back(ports::PutEvent{std::move(event)});
    commit->ended.push_back(job);
    for (auto other : fallen) fell(other, job, *commit);
    add_folder_writes(job, *commit);
    look_at_starts_ = true;
    auto writes = std::move(commit->writes);
    commit_must(std::move(writes), [this, commit, done](ports::Committed const&) {
        for (auto const& [id, state] : commit->files_of) folder_job_ended(id, state);
        for (auto const& ended : commit->ended) tell_job_waiters(ended);
        done({});
    });
}

// A job that has ended is read from the store, and is as it was when it came.
void Work::retry(job::Id id, std::string who, control::Done done) {
    if (auto no = closed()) return done(std::move(*no));
    now_ = hands_.clock.now();
    if (auto live = jobs_.find(id); live != jobs_.end()) {
        if (!queue_.hurry(id, now_))
            return done(Error{Error::Kind::conflict, fmt::format("job {} runs already", id)});
        look_at_starts_ = true;
        live->second.not_before = {};
        auto row = journal_.event({.kind = "operator",
                                   .subject = fmt::format("job/{}", id),
                                   .cause = live->second.cause,
                                   .who = who,
                                   .words = fmt::format("{} let job {} start at once", who, id)});
        return ask({ports::SetJob{live->second}, ports::PutEvent{std::move(row)}}, std::move(done));
    }
    hands_.store.read(
        ports::JobAsked{id}, [this, id, who, done](Result<ports::Found> const& found) {
            if (!found) return done(found.error());
            if (found->jobs.empty())
                return done(Error{Error::Kind::not_found, fmt::format("there is no job {}", id)});
            retry_ended(found->jobs.front(), who, done);
        });
}

void Work::retry_ended(job::Job job, std::string const& who, control::Done const& done) {
    if (!job::is_end(job.state) || jobs_.contains(job.id))
        return done(Error{Error::Kind::conflict, fmt::format("job {} is live again", job.id)});
    if (find(job.task) == nullptr) return done(unknown_task(job.task));
    auto before = job::name(job.state);
    job.state = job::State::ready;
    job.errors = job.crashes = 0;
    job.ended = job.not_before = {};
    job.after.clear();
    job.why = fmt::format("{} before; tried again by {}", before, who);
    auto row = journal_.event({.kind = "operator",
                               .subject = fmt::format("job/{}", job.id),
                               .cause = job.cause,
                               .who = who,
                               .words = fmt::format("{} has job {} ({}) tried again, which was {}",
                                                    who, job.id, job.task, before)});
    job.cause = row.id;
    // Its files lie elsewhere by now: they are put back before it is ready.
    auto kept = std::make_shared<ports::EventRow>(std::move(row));
    folders_.revive(job.id, [this, job, done, kept](Result<> revived) {
        if (!revived) return done(std::move(revived));
        hands_.store.commit({.writes = {ports::SetJob{job}, ports::PutEvent{*kept}}},
                            [this, job, done](Result<ports::Committed> const& committed) {
                                if (!committed) return done(committed.error());
                                now_ = hands_.clock.now();
                                if (!jobs_.contains(job.id)) enqueue(job);
                                done({});
                            });
    });
}

void Work::set_priority(job::Id id, int priority, std::string who, control::Done done) {
    if (auto no = closed()) return done(std::move(*no));
    auto found = jobs_.find(id);
    if (found == jobs_.end()) return done(gone(id));
    if (!queue_.set_priority(id, priority))
        return done(Error{Error::Kind::conflict, fmt::format("job {} runs already", id)});
    found->second.priority = priority;
    look_at_starts_ = true;
    auto row =
        journal_.event({.kind = "operator",
                        .subject = fmt::format("job/{}", id),
                        .cause = found->second.cause,
                        .who = who,
                        .words = fmt::format("{} gave job {} the priority {}", who, id, priority)});
    ask({ports::SetJob{found->second}, ports::PutEvent{std::move(row)}}, std::move(done));
}

void Work::tell_end_waiters(std::uint64_t run) {
    auto [begin, end] = end_waiters_.equal_range(run);
    std::vector<control::Done> waiting;
    for (auto waiter = begin; waiter != end; ++waiter) waiting.push_back(std::move(waiter->second));
    end_waiters_.erase(begin, end);
    for (auto& done : waiting) done({});
}

std::uint64_t Work::when_ended(job::Id id, std::function<void(Result<job::Job>)> done) {
    if (jobs_.contains(id)) {
        auto wait = hands_.next_wait();
        job_waiters_.emplace(id, JobWaiter{wait, std::move(done)});
        return wait;
    }
    hands_.store.read(
        ports::JobAsked{id}, [id, done = std::move(done)](Result<ports::Found> const& found) {
            if (!found) return done(found.error());
            if (found->jobs.empty())
                return done(Error{Error::Kind::not_found, fmt::format("there is no job {}", id)});
            done(found->jobs.front());
        });
    return 0;
}

void Work::forget(std::uint64_t wait) {
    std::erase_if(job_waiters_, [wait](auto const& waiter) { return waiter.second.wait == wait; });
}

void Work::tell_job_waiters(job::Job const& job) {
    auto [begin, end] = job_waiters_.equal_range(job.id);
    std::vector<JobWaiter> waiting;
    for (auto waiter = begin; waiter != end; ++waiter) waiting.push_back(std::move(waiter->second));
    job_waiters_.erase(begin, end);
    for (auto& waiter : waiting) waiter.done(job);
}

/// One task, or all of them when `name` is empty; answered when each is done, or one has failed.
void Work::for_tasks(std::string const& name, control::Done done,
                     std::function<void(std::string const&, control::Done)> const& each) {
    std::vector<std::string> names;
    if (!name.empty()) names.push_back(name);
    if (name.empty())
        for (auto const& [known, state] : tasks_)
            if (state.task != nullptr) names.push_back(known);
    if (auto no = closed()) return done(std::move(*no));
    auto left = std::make_shared<std::size_t>(names.size());
    auto failed = std::make_shared<std::optional<Error>>();
    if (names.empty()) return done({});
    for (auto const& one : names)
        each(one, [left, failed, done](Result<> result) {
            if (!result) *failed = std::move(result).error();
            if (--*left > 0) return;
            if (*failed) return done(std::move(**failed));
            done({});
        });
}

// ---- what is kept

void Work::prune() {
    ended_since_prune_ = 0;
    is_prune_due_ = false;
    if (!loaded_ || settings_ == nullptr || pruning_) return;
    pruning_ = true;
    payloads_.begin_look();
    auto const& work = settings_->work;
    ports::Retention keep{.jobs_for = work.keep_jobs,
                          .dead_for = work.keep_dead,
                          .events_for = work.keep_events,
                          .runs_for = work.keep_jobs,
                          .deliveries_for = settings_->alerts.keep_messages,
                          .jobs = work.keep_jobs_count,
                          .events = work.keep_events_count};
    hands_.store.prune(keep, hands_.clock.wall(), [this](Result<ports::Pruned> pruned) {
        pruning_ = false;
        if (pruned) payloads_.remove(pruned->payload_files);
        payloads_.end_look();
        if (!pruned) return hands_.log.error("database: " + pruned.error().what);
        auto files = std::make_shared<std::vector<std::string>>(std::move(pruned->logs));
        if (!files->empty())
            hands_.worker.run(
                [files, remove = hands_.remove_file] {
                    for (auto const& path : *files) {
                        (void)remove(path);
                        (void)remove(path + ".payload");
                    }
                },
                [] {});
        now_ = hands_.clock.now();
        if (pruned->more) return prune();
        messages_.sweep();
        payloads_.sweep();
    });
}

}  // namespace lares::daemon
