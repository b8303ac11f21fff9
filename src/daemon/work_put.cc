// daemon/work_put.cc: how a job comes to be: checked, stored, answered, queued; in that order.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "core/counted.h"
#include "daemon/payload.h"
#include "daemon/work.h"
#include "text/nearest.h"

namespace lares::daemon {

using control::PutOutcome;

namespace {

std::string subject_of(job::Id id) { return fmt::format("job/{}", id); }

}  // namespace

Result<job::Job> Work::prepare(Incoming const& incoming, TaskState const& state) const {
    auto const& asked = incoming.job;
    auto const& task = *state.task;
    job::Job job;
    job.task = task.name;
    job.key = asked.key;
    job.payload_file = asked.payload_file;
    if (job.payload_file.empty()) {
        auto payload = TRY(checked_payload(task, asked.payload));
        if (job.key.empty() && !task.unique.empty()) job.key = TRY(key_of(task, payload));
        job.payload = std::move(payload);
    }
    job.once = asked.once;
    job.priority = asked.priority.value_or(task.priority);
    job.created = hands_.clock.wall();
    job.not_before = asked.not_before;
    job.due = incoming.due;
    job.after = asked.after;
    job.source = asked.source;
    job.cause = incoming.cause;
    return job;
}

// The queue does not know yet of what is on its way to the store.
queue::Verdict Work::judge(TaskState const& state, job::Job const& job, bool by_clock) const {
    using Kind = queue::Verdict::Kind;
    auto const& task = *state.task;
    if (!job.key.empty())
        if (auto found = state.keys.find(job.key); found != state.keys.end())
            return {.kind = Kind::duplicate,
                    .other = found->second,
                    .words = fmt::format("job {} has that key", found->second)};
    bool skips = by_clock && task.rules.overlap == queue::Overlap::skip;
    if (skips && state.pending > 0)
        return {.kind = Kind::skip, .words = "another job of it has just been put"};
    // First, so that the queue knows what is due by now: it judges by the latest it was told.
    auto ready = queue_.depth(task.name, now_).ready + state.pending;
    auto verdict = queue_.judge(
        {.task = task.name, .key = job.key, .priority = job.priority, .by_clock = by_clock});
    if (verdict.kind != Kind::accept) return verdict;
    bool is_full = state.pending > 0 && ready >= task.rules.queue_max;
    if (is_full || jobs_.size() >= limits::live_jobs)
        return {.kind = Kind::full,
                .words = counted(static_cast<std::int64_t>(ready), "job") +
                         (ready == 1 ? " waits already" : " wait already")};
    return verdict;
}

void Work::put(std::vector<control::NewJob> jobs, std::string who,
               std::function<void(Result<std::vector<PutOutcome>>)> done) {
    std::vector<Incoming> incoming;
    incoming.reserve(jobs.size());
    for (auto& job : jobs) incoming.push_back({.job = std::move(job)});
    accept(std::move(incoming), std::move(who), std::move(done));
}

void Work::accept(std::vector<Incoming> incoming, std::string who, PutDone done) {
    now_ = hands_.clock.now();
    if (auto no = closed()) return done(std::move(*no));
    if (ending_) return done(Error{Error::Kind::unavailable, "the daemon is stopping"});
    auto batch = std::make_shared<Batch>();
    batch->done = std::move(done);
    for (auto& one : incoming) {
        auto added = add_to(*batch, one, who);
        if (!added) {
            forget_pending(*batch);
            auto error = std::move(added).error();
            if (incoming.size() > 1)
                error = std::move(error).during(
                    fmt::format("job {} of the batch", batch->outcomes.size() + 1));
            return batch->done(std::move(error));
        }
    }
    store_batch(batch);
}

/// Everything about one job of a batch, without effect outside of it but for what is pending.
Result<> Work::add_to(Batch& batch, Incoming& one, std::string const& who) {
    auto* state = find(one.job.task);
    if (state == nullptr) return unknown_task(one.job.task);
    auto job = TRY(prepare(one, *state));
    auto verdict = judge(*state, job, one.by_clock);
    using Kind = queue::Verdict::Kind;
    if (verdict.kind == Kind::full)
        return Error{Error::Kind::conflict,
                     fmt::format("task '{}' is full: {} (queue_max = {})", job.task, verdict.words,
                                 state->task->rules.queue_max)};
    if (verdict.kind == Kind::duplicate || verdict.kind == Kind::skip) {
        batch.outcomes.push_back({.id = verdict.other, .is_duplicate = true});
        return {};
    }
    job.id = hands_.store.next_id();
    payloads_.keep(job, batch.files);
    payloads_.note(job);
    auto cause = one.cause;
    if (!one.trigger.empty()) {
        auto fired =
            journal_.event({.kind = "trigger.fired",
                            .subject = one.trigger,
                            .cause = cause,
                            .words = fmt::format("task '{}' is due: {}", job.task, job.source)});
        cause = fired.id;
        batch.writes.push_back(ports::PutEvent{std::move(fired)});
    }
    auto event = journal_.event(
        {.kind = "job.accepted",
         .subject = subject_of(job.id),
         .cause = cause,
         .who = who,
         .words = fmt::format("job {} for task '{}': {}", job.id, job.task, job.source)});
    job.cause = event.id;
    for (auto other : verdict.replaces) batch.replaced.push_back(other);
    state->pending += 1;
    if (!job.key.empty()) state->keys[job.key] = job.id;
    batch.writes.push_back(ports::PutJob{job});
    batch.writes.push_back(ports::PutEvent{std::move(event)});
    for (auto& write : one.with) batch.writes.push_back(std::move(write));
    batch.outcomes.push_back({.id = job.id});
    batch.jobs.push_back(std::move(job));
    return {};
}

Error Work::unknown_task(std::string const& name) const {
    std::vector<std::string_view> names;
    for (auto const& [known, state] : tasks_) names.push_back(known);
    auto nearest = text::nearest(name, names);
    std::string hint = nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
    return {Error::Kind::not_found, fmt::format("there is no task '{}'{}", name, hint)};
}

void Work::store_batch(std::shared_ptr<Batch> const& batch) {
    if (batch->files.empty()) return commit_batch(batch);
    auto failed = std::make_shared<std::optional<Error>>();
    hands_.worker.run(
        [batch, failed, write = hands_.write_file] {
            for (auto const& [path, bytes] : batch->files)
                if (auto written = write(path, bytes); !written) *failed = written.error();
        },
        [this, batch, failed] {
            if (!*failed) return commit_batch(batch);
            forget_pending(*batch);
            batch->done(std::move(**failed).during("payload"));
        });
}

void Work::commit_batch(std::shared_ptr<Batch> const& batch) {
    // Also without writes: an answer "it is there already" must not come before it is.
    hands_.store.commit({.writes = std::move(batch->writes),
                         .kind = batch->kind,
                         .may_conflict = batch->may_conflict},
                        [this, batch](Result<ports::Committed> done) { stored(*batch, done); });
}

void Work::stored(Batch& batch, Result<ports::Committed> const& done) {
    now_ = hands_.clock.now();
    forget_pending(batch);
    if (!done) return batch.done(done.error());
    for (auto const& [left_out, other] : done->conflicts) {
        for (auto& outcome : batch.outcomes)
            if (outcome.id == left_out) outcome = {.id = other, .is_duplicate = true};
        std::erase_if(batch.jobs, [&](job::Job const& job) { return job.id == left_out; });
    }
    if (!batch.jobs.empty()) audit_later();
    for (auto& job : batch.jobs) enqueue(std::move(job));
    for (auto other : batch.replaced) replace(other);
    batch.done(std::move(batch.outcomes));
}

void Work::forget_pending(Batch const& batch) {
    for (auto const& job : batch.jobs) {
        payloads_.forget(job);
        auto* state = find(job.task);
        if (state == nullptr) continue;
        if (state->pending > 0) state->pending -= 1;
        if (!job.key.empty()) state->keys.erase(job.key);
    }
}

void Work::enqueue(job::Job job) {
    std::optional<Instant> ready_at;
    if (job.not_before > hands_.clock.wall()) ready_at = instant_of(job.not_before);
    bool is_added = queue_.add(job, ready_at, now_);
    auto id = job.id;
    jobs_.insert_or_assign(id, std::move(job));
    look_at_starts_ = true;
    if (!is_added) fall_at_once(id);
}

/// What it was to wait for has ended otherwise than well by the time it was stored.
void Work::fall_at_once(job::Id id) {
    auto node = jobs_.extract(id);
    withdraw_now(std::move(node.mapped()), job::State::cancelled,
                 "what it was to wait for has not come to a good end", "", {},
                 [](Result<> const&) {});
}

/// overlap = replace: the newer one is stored, the older one goes.
void Work::replace(job::Id other) {
    cancel(other, "", [](Result<> const&) {});
}

// What a trigger brings is either in the store or told as skipped, with the trigger's mark in the
// same commit: so that no due time is run twice or forgotten.
Work::Fired Work::fire(Incoming incoming) {
    auto* state = find(incoming.job.task);
    if (state == nullptr || !state->task->enabled) {
        skip(incoming, state == nullptr ? "there is no such task" : "the task is not enabled");
        return Fired::skipped;
    }
    auto job = prepare(incoming, *state);
    if (!job) {
        skip(incoming, job.error().what);
        return Fired::skipped;
    }
    auto verdict = judge(*state, *job, incoming.by_clock);
    using Kind = queue::Verdict::Kind;
    if (verdict.kind == Kind::full && state->task->rules.when_full == queue::WhenFull::wait)
        return Fired::waits;
    if (verdict.kind != Kind::accept) {
        auto words = verdict.words;
        if (verdict.kind == Kind::skip) words = "overlap = skip: " + words;
        if (verdict.kind == Kind::full) words = "the task is full: " + words;
        skip(incoming, words);
        return Fired::skipped;
    }
    auto batch = std::make_shared<Batch>();
    batch->kind = ports::Commit::Kind::must;
    batch->done = [this](Result<std::vector<PutOutcome>> const& done) {
        if (!done) hands_.log.error("trigger: " + done.error().what);
    };
    auto added = add_to(*batch, incoming, "");
    if (!added || batch->jobs.empty()) {
        skip(incoming, added ? "there is such a job already" : added.error().what);
        return Fired::skipped;
    }
    store_batch(batch);
    return Fired::put;
}

void Work::skip(Incoming const& incoming, std::string const& words) {
    auto row = journal_.event(
        {.kind = "trigger.skipped",
         .subject = incoming.trigger,
         .cause = incoming.cause,
         .words = fmt::format("no job for task '{}' ({}): {}", incoming.job.task,
                              incoming.job.source, words),
         .data = incoming.due == WallTime{}
                     ? std::string()
                     : details({}, {{"due", incoming.due.time_since_epoch().count()}})});
    std::vector<ports::Write> writes = incoming.with;
    writes.push_back(ports::PutEvent{std::move(row)});
    commit_must(std::move(writes));
    audit_later();
}

}  // namespace lares::daemon
