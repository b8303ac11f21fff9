// daemon/work_remote.cc: jobs for workers on other machines: claim, heartbeat, finish.
//
// A claim is a lease with a token that grows with each claim of a job. Everything a worker says
// carries its token; one that lost its lease (it slept, its network went) is told so, and what it
// says changes nothing (spec/triggers.md §7).

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "daemon/work.h"

namespace lares::daemon {

namespace {

constexpr Duration longest_lease = std::chrono::hours(24);
constexpr Duration usual_lease = std::chrono::seconds(60);
/// Jobs in one claim, and claims that wait.
constexpr int most_claimed = 1'000;
constexpr std::size_t most_asking = 1'000;

}  // namespace

void Work::claim(std::string task, std::string node, int most, Duration lasts, ClaimDone done) {
    auto const* state = find(task);
    if (state == nullptr) return done(unknown_task(task));
    if (!state->task->is_remote)
        return done(Error{Error::Kind::conflict,
                          fmt::format("task '{}' is worked on here; write 'remote = true' in its "
                                      "section for workers elsewhere",
                                      task)});
    if (!loaded_ || ending_)
        return done(Error{Error::Kind::unavailable, "no jobs are given out now"});
    if (asking_.size() >= most_asking)
        return done(Error{Error::Kind::conflict, "too many workers ask at once; ask again later"});
    asking_.push_back({.task = std::move(task),
                       .node = std::move(node),
                       .most = std::clamp(most, 1, most_claimed),
                       .lasts = lasts <= Duration(0) ? usual_lease : std::min(lasts, longest_lease),
                       .done = std::move(done)});
    look_at_starts_ = true;
}

/// Gives what is ready to who asked; nobody waits here for more (they ask again).
void Work::answer_claims() {
    for (auto& asked : std::exchange(asking_, {})) {
        auto& granted = granted_[asked.task];
        std::vector<std::uint64_t> runs;
        while (!granted.empty() && runs.size() < static_cast<std::size_t>(asked.most)) {
            runs.push_back(granted.front());
            granted.pop_front();
        }
        grant(std::move(asked), std::move(runs));
    }
    for (auto& [task, granted] : granted_)
        for (auto run : std::exchange(granted, {})) {
            auto* attempt = find_attempt(run);
            if (attempt == nullptr) continue;
            queue_.put_back(attempt->job);
            run_of_.erase(attempt->job);
            attempts_.erase(run);  // nothing of it was written
        }
}

/// Its jobs are taken from the queue only while somebody asks for them.
void Work::gate_remote() {
    for (auto const& [name, state] : tasks_) {
        if (state.task == nullptr || !state.task->is_remote) continue;
        if (is_asked_for(name))
            queue_.unblock(name, "remote");
        else
            queue_.block(name, {.kind = "remote", .words = "waits for a worker to claim it"});
    }
}

/// Whether somebody asks for jobs of that task: else none of its jobs is taken from the queue.
bool Work::is_asked_for(std::string_view task) const {
    return std::ranges::any_of(asking_, [&](Asking const& asked) { return asked.task == task; });
}

void Work::grant(Asking asked, std::vector<std::uint64_t> runs) {
    if (runs.empty()) return asked.done(std::vector<control::Lease>{});
    std::vector<ports::Write> writes;
    auto leases = std::make_shared<std::vector<control::Lease>>();
    for (auto run : runs) {
        auto& attempt = *find_attempt(run);
        auto& job = jobs_.at(attempt.job);
        job.token += 1;
        attempt.token = job.token;
        attempt.node = asked.node;
        attempt.lease = asked.lasts;
        attempt.deadline = now_ + asked.lasts;
        add_start_writes(attempt, writes);
        leases->push_back({.job = job, .run = run, .token = job.token, .lasts = asked.lasts});
    }
    hands_.store.commit({.writes = std::move(writes)},
                        [this, leases, runs = std::move(runs),
                         done = std::move(asked.done)](Result<ports::Committed> const& committed) {
                            now_ = hands_.clock.now();
                            for (auto run : runs) {
                                auto* attempt = find_attempt(run);
                                if (attempt == nullptr) continue;
                                if (committed) {
                                    attempt->phase = Attempt::Phase::running;
                                    attempt->deadline = now_ + attempt->lease;
                                    set_attempt_timer(*attempt);
                                    continue;
                                }
                                put_back(*attempt);
                            }
                            if (!committed) return done(committed.error());
                            done(std::move(*leases));
                        });
}

Attempt* Work::leased(job::Id id, std::uint64_t token, Error& why) {
    auto* attempt = attempt_of(id);
    if (attempt != nullptr && attempt->how == Attempt::How::remote && attempt->token == token &&
        attempt->phase == Attempt::Phase::running)
        return attempt;
    why = {Error::Kind::conflict,
           fmt::format("job {} is not yours any more: token {} is over; drop what you did of it",
                       id, token)};
    return nullptr;
}

void Work::heartbeat(job::Id id, std::uint64_t token, int progress, std::string words,
                     control::Done done) {
    Error why;
    auto* attempt = leased(id, token, why);
    if (attempt == nullptr) return done(std::move(why));
    if (attempt->ends_as == job::Outcome::cancelled)
        return done(Error{Error::Kind::conflict, "job " + std::to_string(id) + " was cancelled"});
    now_ = hands_.clock.now();
    if (progress >= 0) attempt->progress = std::min(progress, 100);
    if (!words.empty()) attempt->progress_words = words.substr(0, 1000);
    attempt->deadline = now_ + attempt->lease;
    set_attempt_timer(*attempt);
    done({});
}

void Work::finish(job::Id id, std::uint64_t token, bool ok, int code, std::string words,
                  std::string result, std::string log, control::Done done) {
    Error why;
    auto* attempt = leased(id, token, why);
    if (attempt == nullptr) return done(std::move(why));
    if (result.size() > limits::result_bytes)
        return done(Error{Error::Kind::invalid, fmt::format("result: {} bytes, at most {} are kept",
                                                            result.size(), limits::result_bytes)});
    now_ = hands_.clock.now();
    auto log_path = attempt->log;
    auto run = attempt->run;
    if (words.empty() && !ok) words = fmt::format("answered with code {}", code);
    end_waiters_.emplace(run, std::move(done));
    if (!log.empty())
        hands_.worker.run([write = hands_.write_file, log_path,
                           log = std::move(log)] { (void)write(log_path, log); },
                          [] {});
    finish_attempt(*attempt, ok ? job::Outcome::ok : job::Outcome::error,
                   {.code = ok ? 0 : (code == 0 ? 1 : code),
                    .words = std::move(words),
                    .result = std::move(result),
                    .at = now_});
}

void Work::lease_over(Attempt& attempt) {
    finish_attempt(
        attempt,
        attempt.ends_as == job::Outcome::cancelled ? job::Outcome::cancelled : job::Outcome::lost,
        {.words = fmt::format("nothing was heard of '{}' while its lease lasted", attempt.node),
         .at = now_});
}

/// After the daemon's death its leases last anew: their workers could not tell us anything.
void Work::take_up_lease(job::Job const& job) {
    auto attempt = std::make_unique<Attempt>();
    attempt->run = job.run;
    attempt->job = job.id;
    attempt->task = job.task;
    attempt->number = job.attempts;
    attempt->how = Attempt::How::remote;
    attempt->phase = Attempt::Phase::running;
    attempt->started = now_;
    attempt->wall_started = hands_.clock.wall();
    attempt->token = job.token;
    attempt->lease = usual_lease;
    attempt->deadline = now_ + usual_lease;
    run_of_[job.id] = job.run;
    set_attempt_timer(*attempt);
    attempts_[job.run] = std::move(attempt);
}

}  // namespace lares::daemon
