// core/queue_endings.cc: what becomes of a job when its attempt ends, and of those that wait for
// it.

#include <algorithm>

#include "core/in_words.h"
#include "core/queue_parts.h"

namespace lares::queue {

namespace {

using job::Outcome;
using job::State;

constexpr Duration longest{std::chrono::hours(24 * 365 * 100)};

bool is_crash(Outcome outcome) { return outcome == Outcome::crash || outcome == Outcome::lost; }

bool is_retried(Retry const& retry, Outcome outcome, int code) {
    if (outcome != Outcome::error || retry.on_codes.empty()) return true;
    return std::ranges::find(retry.on_codes, code) != retry.on_codes.end();
}

std::string times(int count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

/// Of a job with so many counted failures that has retries left.
std::string retry_words(Retry const& retry, int errors, Duration wait) {
    std::string words = "retry " + std::to_string(errors);
    if (retry.retries >= 0) words += " of " + std::to_string(retry.retries);
    return words + (wait.count() > 0 ? " in " + in_words(wait) : " at once");
}

std::string used_up_words(Retry const& retry) {
    return retry.retries == 0 ? "no retries"
                              : "retries used up (" + std::to_string(retry.retries) + ")";
}

/// The end of a job that failed; ready: it has retries left.
Ending judge_failure(Rules const& rules, Live const& job, Outcome outcome, int code) {
    Ending ending{.counted = true, .errors = job.errors + 1, .crashes = job.crashes};
    if (is_crash(outcome)) ending.crashes++;
    auto end_as = [&](State state, std::string words) {
        ending.state = state;
        ending.words = std::move(words);
        return ending;
    };
    if (is_crash(outcome) && rules.poison_after > 0 && ending.crashes >= rules.poison_after)
        return end_as(State::parked, "crashed " + times(ending.crashes) + ", taken for poison");
    Retry const& retry = rules.retry;
    if (!is_retried(retry, outcome, code))
        return end_as(State::dead, "code " + std::to_string(code) + " is not retried");
    if (retry.retries >= 0 && ending.errors > retry.retries)
        return end_as(State::dead, used_up_words(retry));
    return ending;
}

}  // namespace

Duration backoff(Retry const& retry, int errors, unsigned random) {
    Duration most = std::clamp(retry.backoff_max, Duration(0), longest);
    Duration wait = std::clamp(retry.backoff_min, Duration(0), most);
    for (int i = 1; i < errors && wait < most && wait.count() > 0; i++)
        wait = std::min(wait * 2, most);
    auto share = std::clamp(retry.jitter_percent, 0, 1000);
    return wait + Duration(wait.count() / 100 * share * (random % 1001) / 1000);
}

std::string fell_words(Id other, State state) {
    auto what = state == State::cancelled ? "was cancelled" : "is " + std::string(name(state));
    return "job " + std::to_string(other) + ", for which it waited, " + what;
}

/// It has left its place.
void Queue::Impl::erase(Live& job, State state) {
    if (state != State::done) failures.note(job.id, state);
    if (!job.key.empty()) {
        auto found = keys.find({job.task, job.key});
        if (found != keys.end() && found->second == &job) keys.erase(found);
    }
    jobs.erase(job.id);
}

void Queue::Impl::release(Id id, Instant now) {
    auto found = waiters.extract(id);
    if (found.empty()) return;
    for (Id waiting : found.mapped()) {
        auto entry = awaited.find(waiting);
        if (entry == awaited.end()) continue;
        std::erase(entry->second, id);
        if (!entry->second.empty()) continue;
        awaited.erase(entry);
        Live& job = *find(waiting);
        job.since = std::max(job.since, now);
        enter(job);
    }
}

std::vector<Id> Queue::Impl::remove(Live& first, State state, Instant now) {
    Id id = first.id;
    awaited.erase(id);
    erase(first, state);
    if (state == State::done) {
        release(id, now);
        return {};
    }
    std::vector<Id> fallen;
    std::vector<Id> ended{id};
    while (!ended.empty()) {
        auto found = waiters.extract(ended.back());
        Id other = ended.back();
        ended.pop_back();
        if (found.empty()) continue;
        for (Id waiting : found.mapped()) {
            // It may have fallen before, with another, and have come again without this one.
            auto entry = awaited.find(waiting);
            if (entry == awaited.end() ||
                std::ranges::find(entry->second, other) == entry->second.end())
                continue;
            awaited.erase(entry);
            Live& job = *find(waiting);
            leave(job);
            job.task->ready--;
            erase(job, State::cancelled);
            fallen.push_back(waiting);
            ended.push_back(waiting);
        }
    }
    std::ranges::sort(fallen);
    return fallen;
}

Ending Queue::Impl::fail(Live& job, Ending ending, Instant now, unsigned random) {
    Rules const& rules = *job.task->rules;
    job.errors = ending.errors;
    job.crashes = ending.crashes;
    if (job::is_end(ending.state)) {
        ending.fell = remove(job, ending.state, now);
        return ending;
    }
    ending.retry_in = backoff(rules.retry, ending.errors, random);
    ending.words = retry_words(rules.retry, ending.errors, *ending.retry_in);
    job.is_retry = true;
    job.ready_at = now + *ending.retry_in;
    job.task->ready++;
    enter(job);
    return ending;
}

Ending Queue::end(Id id, Outcome outcome, int code, Instant now, unsigned random) {
    Impl& impl = *impl_;
    Live* job = impl.find(id);
    if (!job || job->place != Place::running) {
        Ending ending{.words = "it is not running", .was_running = false};
        if (!job) ending.state = impl.failures.find(id).value_or(State::done);
        return ending;
    }
    impl.clock = std::max(impl.clock, now);
    impl.leave(*job);
    Ending ending{.errors = job->errors, .crashes = job->crashes};
    switch (outcome) {
    case Outcome::ok:
    case Outcome::cancelled:
        ending.state = outcome == Outcome::ok ? State::done : State::cancelled;
        ending.words = name(ending.state);
        ending.fell = impl.remove(*job, ending.state, impl.clock);
        return ending;
    case Outcome::interrupted:
        ending.retry_in = Duration(0);
        ending.words = "ready again, not counted";
        job->is_retry = false;
        job->task->ready++;
        impl.enter(*job);
        return ending;
    case Outcome::error:
    case Outcome::timeout:
    case Outcome::crash:
    case Outcome::unstartable:
    case Outcome::overflow:
    case Outcome::lost:
        break;
    }
    Rules const& rules = *job->task->rules;
    return impl.fail(*job, judge_failure(rules, *job, outcome, code), impl.clock, random);
}

Dropped Queue::drop(Id id) {
    Live* job = impl_->find(id);
    if (!job || job->place == Place::running) return {};
    impl_->leave(*job);
    job->task->ready--;
    return {true, impl_->remove(*job, State::cancelled, impl_->clock)};
}

}  // namespace lares::queue
