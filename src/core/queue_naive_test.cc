// core/queue_naive_test.cc: the plain queue that the real one is compared with.

#include "core/queue_naive.h"

#include <algorithm>

namespace lares::queue {

namespace {

using job::Outcome;
using job::State;

int within(std::vector<Instant> const& all, Rate const& rate, Instant now) {
    return static_cast<int>(
        std::ranges::count_if(all, [&](Instant at) { return at + rate.span > now; }));
}

bool allows(std::vector<Instant> const& all, Rate const& rate, Instant now) {
    return rate.count <= 0 || within(all, rate, now) < rate.count;
}

std::vector<Instant> of(std::map<std::string, std::vector<Instant>> const& all,
                        std::string const& task) {
    auto found = all.find(task);
    return found == all.end() ? std::vector<Instant>{} : found->second;
}

bool is_blocked(std::map<std::string, Block> const& blocks, Instant now) {
    return std::ranges::any_of(blocks, [&](auto const& entry) {
        return !entry.second.until || *entry.second.until > now;
    });
}

/// Whether `one` comes before `other`: both tasks' jobs age as `step` says; 0: not at all.
bool comes_before(NaiveJob const& one, Duration step, NaiveJob const& other, Duration other_step,
                  Instant now) {
    auto a = step.count(), b = other_step.count();
    if (a == 0 || b == 0) {
        if (one.priority != other.priority) return one.priority > other.priority;
        return std::pair(one.since, one.id) < std::pair(other.since, other.id);
    }
    auto left = (one.priority * a + (now - one.since).count()) * b;
    auto right = (other.priority * b + (now - other.since).count()) * a;
    return left != right ? left > right : one.id < other.id;
}

void take_out_one(std::vector<Instant>& all, Instant at) {
    auto found = std::ranges::find(all, at);
    if (found != all.end()) all.erase(found);
}

}  // namespace

Rules NaiveQueue::rules_of(std::string const& task) const {
    if (auto found = rules.find(task); found != rules.end()) return found->second;
    if (auto found = gone.find(task); found != gone.end()) return found->second;
    return {};
}

Verdict::Kind NaiveQueue::judge(Offer const& offer, std::vector<Id>& replaces, Instant now) const {
    if (!rules.contains(offer.task)) return Verdict::Kind::unknown;
    Rules const& task = rules.at(offer.task);
    std::size_t ready = 0;
    std::vector<NaiveJob> under_way;
    for (auto const& [id, job] : jobs) {
        if (job.task != offer.task) continue;
        if (!offer.key.empty() && job.key == offer.key) return Verdict::Kind::duplicate;
        if (!job.is_running) ready++;
        bool is_later = !job.is_running && job.after.empty() && !job.is_retry && job.ready_at &&
                        *job.ready_at > now;
        if (!is_later) under_way.push_back(job);
    }
    if (offer.by_clock && task.overlap == Overlap::skip && !under_way.empty())
        return Verdict::Kind::skip;
    if (offer.by_clock && task.overlap == Overlap::replace) {
        for (NaiveJob const& job : under_way) {
            replaces.push_back(job.id);
            if (!job.is_running) ready--;
        }
    }
    return ready >= task.queue_max ? Verdict::Kind::full : Verdict::Kind::accept;
}

bool NaiveQueue::add(job::Job const& from, std::optional<Instant> ready_at, Instant since,
                     Instant) {
    if (is_end(from.state) || jobs.contains(from.id)) return false;
    NaiveJob job{.id = from.id, .task = from.task, .key = from.key, .priority = from.priority};
    for (Id id : from.after) {
        if (failed.contains(id)) return false;
        if (jobs.contains(id)) job.after.insert(id);
    }
    job.attempts = from.attempts;
    job.errors = from.errors;
    job.crashes = from.crashes;
    job.is_retry = from.errors > 0;
    job.since = since;
    job.ready_at = ready_at;
    if (from.state == State::running) {
        job.ready_at.reset();
        job.is_running = true;
        job.started = since;
        job.held = rules_of(from.task).resources;
    }
    failed.erase(from.id);
    jobs[from.id] = job;
    return true;
}

bool NaiveQueue::has_come(NaiveJob& job, Instant now) const {
    if (job.is_running || !job.after.empty() || (job.ready_at && *job.ready_at > now)) return false;
    if (job.ready_at) job.since = std::max(job.since, *job.ready_at);
    job.ready_at.reset();
    return true;
}

NaiveJob* NaiveQueue::head(std::string const& task, Instant now) {
    NaiveJob* best = nullptr;
    Rules const& its = rules_of(task);
    for (auto& [id, job] : jobs) {
        if (job.task != task || !has_come(job, now)) continue;
        if (job.is_retry && !allows(of(retried, task), its.retry.budget, now)) continue;
        if (!best || comes_before(job, its.ageing, *best, its.ageing, now)) best = &job;
    }
    return best;
}

bool NaiveQueue::is_throttled(std::string const& task) const {
    return throttle && (throttle->tasks.empty() ||
                        std::ranges::find(throttle->tasks, task) != throttle->tasks.end());
}

bool NaiveQueue::has_room(std::string const& task, Instant now) const {
    if (!rules.contains(task)) return false;
    Rules const& its = rules.at(task);
    auto running = std::ranges::count_if(jobs, [&](auto const& entry) {
        return entry.second.task == task && entry.second.is_running;
    });
    int limit = its.overlap == Overlap::parallel && its.parallel > 0 ? its.parallel : its.workers;
    if (auto cap = caps.find(task); cap != caps.end()) limit = std::min(limit, cap->second.most);
    if (running >= limit) return false;
    if (auto own = blocks.find(task); own != blocks.end() && is_blocked(own->second, now))
        return false;
    for (auto const& [name, amount] : its.resources) {
        auto there = capacity.find(name);
        if (amount > (there == capacity.end() ? 0 : there->second)) return false;
    }
    if (is_throttled(task) && !allows(throttled, throttle->rate, now)) return false;
    return allows(of(starts, task), its.rate, now);
}

std::vector<Start> NaiveQueue::take_starts(Instant now, std::size_t most) {
    std::vector<Start> started;
    if (auto house = blocks.find(""); house != blocks.end() && is_blocked(house->second, now))
        return started;
    auto step = [&](std::string const& task) {
        Duration ageing = rules_of(task).ageing;
        return ageing.count() == 0 ? Duration(600'000) : ageing;
    };
    while (started.size() < most) {
        std::vector<NaiveJob*> heads;
        for (auto const& [task, its] : rules)
            if (has_room(task, now))
                if (NaiveJob* job = head(task, now)) heads.push_back(job);
        std::ranges::sort(heads, [&](NaiveJob const* one, NaiveJob const* other) {
            return comes_before(*one, step(one->task), *other, step(other->task), now);
        });
        std::map<std::string, int> free = capacity;
        for (auto const& [id, job] : jobs)
            for (auto const& [name, amount] : job.held) free[name] -= amount;
        std::set<std::map<std::string, int>> kept;
        NaiveJob* chosen = nullptr;
        for (NaiveJob* job : heads) {
            auto const needs = rules_of(job->task).resources;
            bool fits = std::ranges::all_of(
                needs, [&](auto const& need) { return free[need.first] >= need.second; });
            if (fits) {
                chosen = job;
                break;
            }
            if (!kept.insert(needs).second) continue;
            for (auto const& [name, amount] : needs)
                free[name] -= std::clamp(free[name], 0, amount);
        }
        if (!chosen) break;
        chosen->is_running = true;
        chosen->started = now;
        chosen->attempts++;
        Rules const its = rules_of(chosen->task);
        chosen->held = its.resources;
        if (its.rate.count > 0) starts[chosen->task].push_back(now);
        if (chosen->is_retry && its.retry.budget.count > 0) retried[chosen->task].push_back(now);
        if (is_throttled(chosen->task)) throttled.push_back(now);
        started.push_back({chosen->id, chosen->task, chosen->attempts});
    }
    return started;
}

void NaiveQueue::put_back(Id id) {
    auto found = jobs.find(id);
    if (found == jobs.end() || !found->second.is_running) return;
    NaiveJob& job = found->second;
    take_out_one(starts[job.task], job.started);
    if (job.is_retry) take_out_one(retried[job.task], job.started);
    if (is_throttled(job.task)) take_out_one(throttled, job.started);
    job.is_running = false;
    job.attempts--;
    job.held.clear();
    job.ready_at.reset();
}

std::vector<Id> NaiveQueue::fell(Id id) {
    jobs.erase(id);
    failed.insert(id);
    std::set<Id> all;
    for (bool more = true; more;) {
        more = false;
        for (auto const& [other, job] : jobs) {
            bool falls = std::ranges::any_of(
                job.after, [&](Id one) { return one == id || all.contains(one); });
            if (falls && all.insert(other).second) more = true;
        }
    }
    for (Id other : all) {
        jobs.erase(other);
        failed.insert(other);
    }
    return {all.begin(), all.end()};
}

Ending NaiveQueue::end(Id id, Outcome outcome, int code, Instant now) {
    auto found = jobs.find(id);
    if (found == jobs.end() || !found->second.is_running) return {.was_running = false};
    NaiveJob& job = found->second;
    Rules const its = rules_of(job.task);
    Ending ending{.errors = job.errors, .crashes = job.crashes};
    if (outcome == Outcome::ok) {
        ending.state = State::done;
        jobs.erase(found);
        for (auto& [other, waiting] : jobs)
            if (waiting.after.erase(id) && waiting.after.empty())
                waiting.since = std::max(waiting.since, now);
        return ending;
    }
    if (outcome == Outcome::cancelled) {
        ending.state = State::cancelled;
        ending.fell = fell(id);
        return ending;
    }
    job.is_running = false;
    job.held.clear();
    job.is_retry = outcome != Outcome::interrupted;
    if (outcome == Outcome::interrupted) return ending;
    ending.counted = true;
    ending.errors++;
    bool is_crash = outcome == Outcome::crash || outcome == Outcome::lost;
    if (is_crash) ending.crashes++;
    auto const& codes = its.retry.on_codes;
    bool is_final = outcome == Outcome::error && !codes.empty() &&
                    std::ranges::find(codes, code) == codes.end();
    if (is_crash && its.poison_after > 0 && ending.crashes >= its.poison_after)
        ending.state = State::parked;
    else if (is_final || (its.retry.retries >= 0 && ending.errors > its.retry.retries))
        ending.state = State::dead;
    if (is_end(ending.state)) {
        ending.fell = fell(id);
        return ending;
    }
    job.errors = ending.errors;
    job.crashes = ending.crashes;
    job.since = now;
    job.ready_at = now + backoff(its.retry, ending.errors, 0);
    return ending;
}

std::optional<std::vector<Id>> NaiveQueue::drop(Id id) {
    auto found = jobs.find(id);
    if (found == jobs.end() || found->second.is_running) return std::nullopt;
    return fell(id);
}

bool NaiveQueue::hurry(Id id, Instant now) {
    auto found = jobs.find(id);
    if (found == jobs.end() || found->second.is_running) return false;
    NaiveJob& job = found->second;
    if (job.after.empty() && job.ready_at && *job.ready_at > now) job.since = now;
    has_come(job, now);
    job.ready_at.reset();
    job.is_retry = false;
    return true;
}

void NaiveQueue::set_ready_at(Id id, std::optional<Instant> at, Instant now) {
    auto found = jobs.find(id);
    if (found == jobs.end() || found->second.is_running) return;
    NaiveJob& job = found->second;
    bool was_later = job.after.empty() && job.ready_at && *job.ready_at > now;
    has_come(job, now);
    if (was_later && !at) job.since = now;
    job.ready_at = at;
}

bool NaiveQueue::can_start_at(Instant at) const {
    NaiveQueue copy = *this;
    return !copy.take_starts(at, 1).empty();
}

std::set<Instant> NaiveQueue::instants(Instant now) const {
    std::set<Instant> all{now};
    for (auto const& [id, job] : jobs)
        if (job.ready_at) all.insert(*job.ready_at);
    for (auto const& [task, own] : blocks)
        for (auto const& [kind, block] : own)
            if (block.until) all.insert(*block.until);
    for (auto const& [task, its] : rules) {
        for (Instant at : of(starts, task)) all.insert(at + its.rate.span);
        for (Instant at : of(retried, task)) all.insert(at + its.retry.budget.span);
    }
    if (throttle)
        for (Instant at : throttled) all.insert(at + throttle->rate.span);
    std::erase_if(all, [&](Instant at) { return at < now; });
    return all;
}

}  // namespace lares::queue
