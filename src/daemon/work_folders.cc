// daemon/work_folders.cc: work's side of the hot folders: a file's job and its row in one commit,
// and what becomes of the file in the commit of the job's end.

#include <fmt/core.h>

#include "daemon/work.h"

namespace lares::daemon {

FolderHands Work::folder_hands() {
    return {
        .now = [this] { return hands_.clock.now(); },
        .wall = [this] { return hands_.clock.wall(); },
        .put =
            [this](control::NewJob job, std::vector<ports::FileRow> rows, std::string words,
                   std::function<void(Result<control::PutOutcome>)> done) {
                put_files(std::move(job), std::move(rows), std::move(words), std::move(done));
            },
        .is_full =
            [this](std::string const& task) {
                auto const* state = find(task);
                return state == nullptr || queue_.is_full(task) ||
                       state->pending >= state->task->rules.queue_max;
            },
        // Until its end is on the disk: what the store says of it is not the last word before.
        .is_live = [this](job::Id id) { return jobs_.contains(id) || closing_.contains(id); },
        .is_running = [this](job::Id id) { return attempt_of(id) != nullptr; },
        .withdraw = [this](job::Id id,
                           std::string words) { return withdraw(id, std::move(words)); },
        .note =
            [this](std::string kind, std::string subject, job::Id cause, std::string words,
                   std::string data) {
                (void)journal_.note({.kind = std::move(kind),
                                     .subject = std::move(subject),
                                     .cause = cause,
                                     .words = std::move(words),
                                     .data = std::move(data)});
            },
    };
}

void Work::configure_folders() {
    if (loaded_ && settings_ != nullptr) folders_.configure(settings_->folders);
}

// Answered by the commit, and never from within: so that a folder may ask for many at once.
void Work::put_files(control::NewJob asked, std::vector<ports::FileRow> rows, std::string words,
                     std::function<void(Result<control::PutOutcome>)> done) {
    auto later = [this, done](Result<control::PutOutcome> outcome) {
        hands_.store.commit({}, [done, outcome = std::move(outcome)](
                                    Result<ports::Committed> const&) { done(outcome); });
    };
    if (!loaded_ || ending_)
        return later(Error{Error::Kind::unavailable, "the daemon takes in no files now"});
    auto* state = find(asked.task);
    if (state == nullptr) return later(unknown_task(asked.task));
    Incoming incoming{.job = std::move(asked)};
    auto job = prepare(incoming, *state);
    if (!job) return later(std::move(job).error());
    auto verdict = judge(*state, *job, /*by_clock=*/false);
    using Kind = queue::Verdict::Kind;
    if (verdict.kind == Kind::duplicate)
        return later(control::PutOutcome{.id = verdict.other, .is_duplicate = true});
    if (verdict.kind != Kind::accept) return later(Error{Error::Kind::conflict, verdict.words});
    auto batch = std::make_shared<Batch>();
    job->id = hands_.store.next_id();
    payloads_.keep(*job, batch->files);
    payloads_.note(*job);
    add_file_writes(*batch, *job, std::move(rows), std::move(words));
    state->pending += 1;
    if (!job->key.empty()) state->keys[job->key] = job->id;
    auto once = job->once;
    batch->outcomes.push_back({.id = job->id});
    batch->jobs.push_back(std::move(*job));
    batch->may_conflict = false;
    batch->done = [this, done, once](Result<std::vector<control::PutOutcome>> const& put) {
        if (put) return done(put->front());
        if (put.error().kind != Error::Kind::conflict || once.empty()) return done(put.error());
        find_once(once, done);
    };
    store_batch(batch);
}

void Work::add_file_writes(Batch& batch, job::Job& job, std::vector<ports::FileRow> rows,
                           std::string words) {
    auto path = rows.empty() ? std::string() : rows.front().path;
    auto file = journal_.event(
        {.kind = "folder.file", .subject = "file/" + path, .words = std::move(words)});
    auto event = journal_.event(
        {.kind = "job.accepted",
         .subject = fmt::format("job/{}", job.id),
         .cause = file.id,
         .words = fmt::format("job {} for task '{}': {}", job.id, job.task, job.source)});
    job.cause = event.id;
    batch.writes.push_back(ports::PutJob{job});
    batch.writes.push_back(ports::PutEvent{std::move(file)});
    batch.writes.push_back(ports::PutEvent{std::move(event)});
    for (auto& row : rows) {
        row.job = job.id;
        if (row.id == 0) row.id = hands_.store.next_id();
        auto slash = row.path.rfind('/');
        expected_happened("folder/" + row.folder, {.kind = expect::Happening::Kind::file,
                                                   .at = row.seen,
                                                   .file = row.path.substr(slash + 1)});
        expected_happened("task/" + job.task, {.kind = expect::Happening::Kind::file,
                                               .at = row.seen,
                                               .file = row.path.substr(slash + 1)});
        batch.writes.push_back(ports::PutFile{std::move(row)});
    }
}

/// The job that has that `once` already.
void Work::find_once(std::string const& once,
                     std::function<void(Result<control::PutOutcome>)> const& done) {
    hands_.store.read(
        ports::JobsAsked{.once = once, .limit = 1}, [done](Result<ports::Found> const& found) {
            if (!found) return done(found.error());
            if (found->jobs.empty())
                return done(Error{Error::Kind::io, "a job with that name is gone"});
            done(control::PutOutcome{.id = found->jobs.front().id, .is_duplicate = true});
        });
}

/// A file vanished before its job began.
bool Work::withdraw(job::Id id, std::string words) {
    auto found = jobs_.find(id);
    if (found == jobs_.end() || attempt_of(id) != nullptr) return false;
    now_ = hands_.clock.now();
    auto dropped = queue_.drop(id);
    if (!dropped) return false;
    withdraw_now(std::move(found->second), job::State::skipped, words, "", dropped.fell,
                 [](Result<> const&) {});
    return true;
}

void Work::add_folder_writes(job::Job const& job, EndCommit& commit) {
    if (!job::is_end(job.state) || !job.source.starts_with("folder ")) return;
    for (auto& write : folders_.writes_for_end(job.id, job.state))
        commit.writes.push_back(std::move(write));
    closing_.insert(job.id);
    commit.files_of.emplace_back(job.id, job.state);
}

/// Also when its rows were read only after the end was decided.
void Work::folder_job_ended(job::Id id, job::State state) {
    closing_.erase(id);
    folders_.on_job_end(id, state);
}

void Work::on(ports::FolderSeen const& event) { folders_.on_seen(event); }
void Work::on(ports::FolderTrouble const& event) { folders_.on_trouble(event); }

std::vector<control::FolderInfo> Work::folders() const { return folders_.infos(); }

void Work::settle_file(std::uint64_t file, bool run, std::string who, control::Done done) {
    folders_.settle_file(file, run, std::move(who), std::move(done));
}

void Work::drop_file(std::string folder, std::string name, std::string bytes, std::string who,
                     std::function<void(Result<std::string>)> done) {
    folders_.drop_file(folder, name, std::move(bytes), std::move(who), std::move(done));
}

std::optional<std::string> Work::why_file(std::string_view path) const {
    return folders_.reason(path);
}

}  // namespace lares::daemon
