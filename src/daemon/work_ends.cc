// daemon/work_ends.cc: how an attempt ended, what becomes of its job, and what follows from that.
//
// The end, the job's next state, what follows it and what becomes of its file are one commit. Only
// when that is on the disk is the process let go of: until then a successor would learn of its end
// once more, and write the same.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "base/signals.h"
#include "daemon/payload.h"
#include "daemon/work.h"
#include "text/quantity.h"

namespace lares::daemon {

using job::Outcome;
using job::State;

namespace {

/// Ended jobs until what is over its bounds is looked for again.
constexpr std::int64_t prune_after = 5'000;
/// And so long after the first job that has ended since.
constexpr Duration prune_every = std::chrono::hours(24);

std::string_view event_of(State state, bool is_counted) {
    switch (state) {
    case State::done:
        return "job.done";
    case State::dead:
        return "job.dead";
    case State::parked:
        return "job.parked";
    case State::cancelled:
        return "job.cancelled";
    case State::skipped:
        return "job.skipped";
    case State::ready:
    case State::running:
        return is_counted ? "job.retry" : "job.again";
    }
    return "job.done";
}

bool is_success(config::Task const& task, int code) {
    return std::ranges::find(task.success_codes, code) != task.success_codes.end();
}

std::string words_of_exit(ports::Exited const& event) {
    if (event.status_unknown) return "ended, nobody saw how";
    if (event.signal != 0)
        return fmt::format("killed by {}{}", signal_name(event.signal),
                           event.core_dumped ? " (core dumped)" : "");
    return fmt::format("exited with {}", event.code);
}

}  // namespace

void Work::on(ports::Exited const& event) {
    if (messages_.owns(event.run)) return messages_.on(event);
    auto run = static_cast<std::uint64_t>(event.run);
    if (leftover_.contains(run)) {
        leftover_.erase(run);
        hands_.memory.drop(fmt::format("job-worker/{}", run));
        owned_.erase(run);
        if (!event.status_unknown) hands_.processes.noted(event.run);
        return settle_unclear();
    }
    if (lines_.owns(event.run)) {
        lines_.ended(event.run, event.code, event.signal, "", now_);
        forget_worker(run);
        return hands_.processes.noted(event.run);
    }
    auto* attempt = find_attempt(run);
    if (attempt == nullptr) {
        owned_.erase(run);
        if (!event.status_unknown) hands_.processes.noted(event.run);
        return;
    }
    if (!loaded_) {  // of a predecessor's attempt: judged when its job is known
        left_ends_.push_back(event);
        return;
    }
    auto const* state = find(attempt->task);
    Outcome outcome = Outcome::error;
    if (event.status_unknown)
        outcome = Outcome::interrupted;
    else if (event.signal != 0)
        outcome = Outcome::crash;
    else if (state == nullptr ? event.code == 0 : is_success(*state->task, event.code))
        outcome = Outcome::ok;
    std::string words = words_of_exit(event);
    if (attempt->phase == Attempt::Phase::ending) {
        // One that ended well while it was being told to end has done its work all the same.
        if (outcome != Outcome::ok || attempt->ends_as == Outcome::cancelled)
            outcome = attempt->ends_as;
        words = attempt->ends_words + "; " + words;
    }
    finish_attempt(*attempt, outcome,
                   {.code = event.code,
                    .signal = event.signal,
                    .core_dumped = event.core_dumped,
                    .cpu = event.cpu,
                    .peak_memory_bytes = event.peak_memory_bytes,
                    .read_bytes = event.read_bytes,
                    .written_bytes = event.written_bytes,
                    .words = std::move(words),
                    .at = event.at,
                    .status_unknown = event.status_unknown});
}

/// Also of an attempt that is not in attempts_ (one whose worker died with the daemon).
void Work::finish_attempt(Attempt& attempt, Outcome outcome, Ended const& end) {
    auto found = jobs_.find(attempt.job);
    if (found == jobs_.end()) return let_go(attempt.run);
    auto& job = found->second;
    attempt.phase = Attempt::Phase::ended;
    deadlines_.set(attempt.run * timers + static_cast<std::uint64_t>(Timer::attempt), std::nullopt);
    auto ending = queue_.end(job.id, outcome, end.code, now_, static_cast<unsigned>(random_()));
    // A late answer: it has ended already, and the store and the queue say how.
    if (!ending.was_running) {
        if (auto run = run_of_.find(job.id); run != run_of_.end() && run->second == attempt.run)
            run_of_.erase(run);
        return let_go(attempt.run);
    }
    take_ending(job, end, ending);
    if (attempt.how == Attempt::How::line)
        answers_.note(attempt.run, {.outcome = outcome,
                                    .code = end.code,
                                    .signal = end.signal,
                                    .words = end.words,
                                    .result = end.result,
                                    .begun = attempt.wall_started,
                                    .took = std::max(end.at - attempt.started, Duration(0))});

    auto commit = std::make_shared<EndCommit>();
    commit->run = attempt.run;
    commit->is_known = !end.status_unknown;
    add_end_writes(job, attempt, end, ending, outcome, *commit);
    look_at_starts_ = true;
    run_of_.erase(job.id);
    if (job::is_end(job.state)) jobs_.erase(found);
    auto writes = std::move(commit->writes);
    commit_must(std::move(writes),
                [this, commit](ports::Committed const& done) { end_committed(*commit, done); });
}

void Work::take_ending(job::Job& job, Ended const& end, queue::Ending const& ending) {
    job.state = ending.state;
    job.errors = ending.errors;
    job.crashes = ending.crashes;
    job.why = end.words;
    bool says_more = !ending.words.empty() && job.state != State::done;
    if (says_more) job.why += (job.why.empty() ? "" : "; ") + ending.words;
    job.result = end.result;
    job.not_before = ending.retry_in ? hands_.clock.wall() + *ending.retry_in : WallTime{};
    if (job::is_end(job.state)) job.ended = hands_.clock.wall();
}

void Work::add_end_writes(job::Job& job, Attempt const& attempt, Ended const& end,
                          queue::Ending const& ending, Outcome outcome, EndCommit& commit) {
    auto row = run_row(attempt);
    row.ended = hands_.clock.wall();
    row.outcome = job::name(outcome);
    row.code = end.code;
    row.signal = end.signal;
    row.wall = std::max(end.at - attempt.started, Duration(0));
    row.cpu = end.cpu;
    row.peak_memory_bytes = end.peak_memory_bytes;
    row.read_bytes = end.read_bytes;
    row.written_bytes = end.written_bytes;
    row.words = end.words;
    auto event = journal_.event(
        {.kind = std::string(event_of(job.state, ending.counted)),
         .subject = fmt::format("job/{}", job.id),
         .cause = attempt.event != 0 ? attempt.event : job.cause,
         .words = fmt::format("job {} ({}): {}", job.id, job.task,
                              job.why.empty() ? job::name(job.state) : job.why),
         .data = details({{"task", job.task}, {"outcome", std::string(job::name(outcome))}},
                         {{"run", static_cast<std::int64_t>(attempt.run)},
                          {"code", end.code},
                          {"signal", end.signal}})});
    commit.event = event.id;
    commit.writes.push_back(ports::SetJob{job});
    // A line's run was not written when it began; a process's only if it lived for a while.
    bool is_new_there =
        attempt.how == Attempt::How::process && !attempt.is_pid_told && attempt.knows_its_row();
    if (attempt.how == Attempt::How::line || is_new_there)
        commit.writes.push_back(ports::PutRun{row});
    else
        commit.writes.push_back(ports::EndRun{row});
    commit.writes.push_back(ports::PutEvent{std::move(event)});
    add_mail(job, row, commit);
    for (auto other : ending.fell) fell(other, job, commit);
    job.cause = commit.event;  // of the attempt that may come
    if (auto* state = find(job.task)) {
        judge_usual(*state, row, outcome, commit);
        remember_end(*state, job, row);
        note_outcome(*state, job, outcome, ending.counted, commit);
    }
    if (!job::is_end(job.state)) return;
    if (job_waiters_.contains(job.id)) commit.ended.push_back(job);
    add_folder_writes(job, commit);
    put_followers(job, commit);
    ended_since_prune_ += 1;
    if (!std::exchange(is_prune_due_, true))  // a house where nothing happens is not woken for it
        deadlines_.set(static_cast<std::uint64_t>(Timer::prune), now_ + prune_every);
    if (ended_since_prune_ >= prune_after) prune();
}

/// A job that waited for one that did not come to a good end never runs.
void Work::fell(job::Id id, job::Job const& by, EndCommit& commit) {
    auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    auto job = std::move(found->second);
    jobs_.erase(found);
    job.state = State::cancelled;
    job.ended = hands_.clock.wall();
    job.why = queue::fell_words(by.id, by.state);
    auto event = journal_.event({.kind = "job.cancelled",
                                 .subject = fmt::format("job/{}", id),
                                 .cause = commit.event,
                                 .words = fmt::format("job {} ({}): {}", id, job.task, job.why)});
    commit.writes.push_back(ports::SetJob{job});
    commit.writes.push_back(ports::PutEvent{std::move(event)});
    add_folder_writes(job, commit);
    commit.ended.push_back(std::move(job));
}

void Work::end_committed(EndCommit& commit, ports::Committed const& done) {
    over_.emplace_back(commit.run, commit.is_known);
    answers_.written(commit.run);
    now_ = hands_.clock.now();
    audit_later();
    for (auto& job : commit.fresh) {
        if (auto* state = find(job.task)) {
            if (state->pending > 0) state->pending -= 1;
            if (!job.key.empty()) state->keys.erase(job.key);
        }
        // One whose predecessor was tried again by hand: it has followed already.
        bool left_out = std::ranges::any_of(
            done.conflicts, [&job](auto const& conflict) { return conflict.first == job.id; });
        if (!left_out) enqueue(std::move(job));
    }
    for (auto other : commit.replaced) replace(other);
    if (commit.mail) messages_.mail_output(commit.mail->first, commit.mail->second);
    for (auto const& [id, state] : commit.files_of) folder_job_ended(id, state);
    tell_end_waiters(commit.run);
    for (auto const& ended : commit.ended) tell_job_waiters(ended);
    look_at_starts_ = look_at_gates_ = true;
}

/// At the end of the turn: what starts in it goes first.
void Work::let_go_of_ended() {
    for (auto const& [run, is_known] : std::exchange(over_, {})) let_go(run, is_known);
}

/// What was known of a run in the daemon's memory and the kernel is not needed any more.
void Work::let_go(std::uint64_t run, bool is_known) {
    attempts_.erase(run);
    deadlines_.set(run * timers + static_cast<std::uint64_t>(Timer::attempt), std::nullopt);
    if (owned_.erase(run) == 0) return;
    hands_.memory.drop(fmt::format("job-run/{}", run));
    if (is_known) hands_.processes.noted(ports::RunId{run});
}

void Work::remember_end(TaskState& state, job::Job const& job, ports::RunRow const& row) {
    state.last_run = row.run;
    if (!job::is_end(job.state)) return;
    state.last_end = job.ended;
    state.last_state = job.state;
    (job.state == State::done ? state.done : state.failed) += 1;
    if (job.state == State::done)
        expected_happened(
            "task/" + job.task,
            {.kind = expect::Happening::Kind::success, .at = job.ended, .run_began = row.started});
    if (!state.task->every.from_end || state.task->every.every <= Duration(0)) return;
    state.every_at = now_ + state.task->every.every;
    set_every_timer();
}

// ---- what follows

/// Jobs for the tasks that are due after this one, in the commit of its end.
void Work::put_followers(job::Job const& job, EndCommit& commit) {
    bool is_good = job.state == State::done;
    bool is_bad = job.state == State::dead || job.state == State::parked;
    if (!is_good && !is_bad) return;  // cancelled or skipped: it did not run to an end
    std::vector<std::pair<std::string, std::string>> tasks;  // task, source
    if (auto const* own = find(job.task)) {
        for (auto const& next : is_good ? own->task->on_success : own->task->on_failure)
            tasks.emplace_back(
                next, fmt::format("{} of {}", is_good ? "on_success" : "on_failure", job.task));
    }
    for (auto* state : followers_) {
        if (!state->task->enabled) continue;
        for (std::size_t i = 0; i < state->task->after.size(); ++i)
            if (is_due_after(*state, i, job, is_good, commit))
                tasks.emplace_back(state->task->name, fmt::format("after {}", job.task));
    }
    for (auto const& [task, source] : tasks) put_follower(task, source, job, commit);
}

/// Whether the trigger fires now; of an all-of trigger it is kept who has ended already.
bool Work::is_due_after(TaskState& state, std::size_t index, job::Job const& job, bool is_good,
                        EndCommit& commit) {
    using On = config::AfterTrigger::On;
    auto const& trigger = state.task->after[index];
    for (auto const& other : trigger.others) {
        if (other.task != job.task) continue;
        bool fits = other.on == On::any || (other.on == On::success) == is_good;
        if (!fits) continue;
        if (trigger.any_of || trigger.others.size() == 1) return true;
        state.after_seen.insert(fmt::format("{}/{}", index, other.task));
    }
    if (trigger.any_of || trigger.others.size() == 1) return false;
    bool all = std::ranges::all_of(trigger.others, [&](auto const& other) {
        return state.after_seen.contains(fmt::format("{}/{}", index, other.task));
    });
    if (all)
        for (auto const& other : trigger.others)
            state.after_seen.erase(fmt::format("{}/{}", index, other.task));
    std::string seen;
    for (auto const& one : state.after_seen) seen += (seen.empty() ? "" : "\n") + one;
    commit.writes.push_back(ports::SetMark{"after/" + state.task->name, seen});
    return all;
}

void Work::put_follower(std::string const& task, std::string const& source, job::Job const& job,
                        EndCommit& commit) {
    auto* state = find(task);
    if (state == nullptr || !state->task->enabled) return;
    auto payload = follower_payload(*state->task, job);
    Incoming incoming{.job = {.task = task,
                              .payload = payload,
                              .once = fmt::format("after/{}/{}/{}", job.id, task, source),
                              .source = source},
                      .cause = commit.event,
                      .by_clock = true,
                      .trigger = fmt::format("trigger/{}#after", task)};
    auto next = prepare(incoming, *state);
    auto verdict = next ? judge(*state, *next, true) : queue::Verdict{};
    using Kind = queue::Verdict::Kind;
    bool waits = verdict.kind == Kind::full;  // it has happened: it is taken in all the same
    if (!next || (verdict.kind != Kind::accept && !waits)) {
        auto words = next ? verdict.words : next.error().what;
        commit.writes.push_back(ports::PutEvent{journal_.event(
            {.kind = "trigger.skipped",
             .subject = incoming.trigger,
             .cause = commit.event,
             .words = fmt::format("no job for task '{}' ({}): {}", task, source, words)})});
        return;
    }
    next->id = hands_.store.next_id();
    auto event =
        journal_.event({.kind = "job.accepted",
                        .subject = fmt::format("job/{}", next->id),
                        .cause = commit.event,
                        .words = fmt::format("job {} for task '{}': {}", next->id, task, source)});
    next->cause = event.id;
    state->pending += 1;
    if (!next->key.empty()) state->keys[next->key] = next->id;
    commit.replaced.insert(commit.replaced.end(), verdict.replaces.begin(), verdict.replaces.end());
    commit.writes.push_back(ports::PutJob{*next});
    commit.writes.push_back(ports::PutEvent{std::move(event)});
    commit.fresh.push_back(std::move(*next));
}

}  // namespace lares::daemon
