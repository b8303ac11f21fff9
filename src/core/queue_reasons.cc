// core/queue_reasons.cc: why a job does not start, in words, with the job or the task in the way.
//
// The same conditions as in queue_starts.cc, told instead of tested. That nothing is forgotten is
// seen by core/queue_search_test.cc: each ready job that does not start has a reason.

#include <algorithm>

#include "core/in_words.h"
#include "core/queue_parts.h"

namespace lares::queue {

namespace {

constexpr std::size_t most_names = 5;

std::string job_words(Id id) { return "job " + std::to_string(id); }

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

/// "jobs 17, 18 and 3 more"
std::string jobs_words(std::vector<Id> const& ids) {
    if (ids.size() == 1) return job_words(ids.front());
    std::string words = "jobs ";
    for (std::size_t i = 0; i < std::min(ids.size(), most_names); i++)
        words += (i ? ", " : "") + std::to_string(ids[i]);
    if (ids.size() > most_names)
        words += " and " + std::to_string(ids.size() - most_names) + " more";
    return words;
}

std::string rate_words(Rate const& rate) {
    return std::to_string(rate.count) + " in " + in_words(rate.span);
}

std::vector<Id> ids_of(std::vector<Live*> const& jobs) {
    std::vector<Id> ids;
    for (Live const* job : jobs) ids.push_back(job->id);
    std::ranges::sort(ids);
    return ids;
}

void add_blocks(std::vector<Block> const& blocks, Instant now, std::vector<Reason>& reasons) {
    for (Block const& block : blocks)
        if (!block.until || *block.until > now)
            reasons.push_back({block.kind, block.words, 0, block.until});
}

Reason workers_reason(Task const& task, int limit) {
    auto ids = ids_of(task.running);
    Reason reason{"workers", "", ids.empty() ? 0 : ids.front(), std::nullopt};
    if (task.cap && task.cap->most == limit) {
        reason.kind = task.cap->kind;
        reason.words = task.cap->words + ": ";
    }
    std::string count = std::to_string(task.running.size()) + " of " + std::to_string(limit);
    reason.words += limit <= 0 ? "no workers"
                               : count + (limit == 1 ? " worker is" : " workers are") +
                                     " busy: " + jobs_words(ids);
    return reason;
}

bool needs(Demand const& demand, Resource const* resource) {
    return std::ranges::any_of(demand.needs,
                               [&](auto const& need) { return need.first == resource; });
}

Reason gone_reason(std::string_view task) {
    return {"gone", "there is no task " + quoted(task) + " (any more)", 0, std::nullopt};
}

std::string place_words(Live const& job) {
    switch (job.place) {
    case Place::running:
        return "which is running";
    case Place::line:
        return "which is ready";
    case Place::delayed:
        return "which is not due yet";
    case Place::waiting:
        return "which waits itself";
    }
    return "";
}

Reason time_reason(Live const& job, Instant now) {
    std::string in = in_words(job.ready_at - now);
    if (!job.is_retry) return {"time", "not before " + in + " from now", 0, job.ready_at};
    std::string words = "retry " + std::to_string(job.errors);
    int retries = job.task->rules->retry.retries;
    if (retries >= 0) words += " of " + std::to_string(retries);
    return {"retry", words + " in " + in, 0, job.ready_at};
}

/// How many jobs of its task come before it.
Reason turn_reason(Live const& job, bool counts_retries) {
    Task const& task = *job.task;
    Rank own = rank(job, *task.rules);
    std::size_t before = 0;
    Rank best = own;
    for (Lane const* lane : {&task.fresh, &task.retries}) {
        if (lane == &task.retries && !counts_retries && !job.is_retry) continue;
        for (auto const& entry : lane->line.entries()) {
            if (entry.rank < own) before++;
            best = std::min(best, entry.rank);
        }
    }
    std::string words =
        before == 1 ? "1 job of its task comes" : std::to_string(before) + " jobs of its task come";
    return {before ? "turn" : "", words + " before it: first " + job_words(best.tie), best.tie,
            std::nullopt};
}

}  // namespace

std::string Queue::Impl::holder_words(Resource const& resource, Reason& reason) const {
    std::vector<Live const*> holders;
    for (auto const& [name, task] : tasks)
        for (Live const* job : task->running)
            if (needs(*job->held, &resource)) holders.push_back(job);
    std::ranges::sort(holders, {}, &Live::id);
    std::string words;
    for (std::size_t i = 0; i < std::min(holders.size(), most_names); i++)
        words += (i ? ", " : "") + job_words(holders[i]->id) + " of task " +
                 quoted(holders[i]->task->name);
    if (holders.size() > most_names)
        words += " and " + std::to_string(holders.size() - most_names) + " more";
    if (!holders.empty()) reason.other = holders.front()->id;
    return words;
}

/// `amount` of it would be free but for the groups that are stuck before `group`.
std::string Queue::Impl::keeper_words(Pass const& pass, Group const& group,
                                      Resource const& resource, int amount, Reason& reason) const {
    int free = resource.capacity - resource.used;
    std::vector<Demand const*> counted;
    for (Group const* earlier : pass.stuck) {
        if (earlier == &group) break;
        if (std::ranges::find(counted, earlier->demand) != counted.end()) continue;
        counted.push_back(earlier->demand);
        for (auto const& [kept, count] : earlier->demand->needs)
            if (kept == &resource) free -= count;
        if (free >= amount) continue;
        Task const& first = *earlier->candidates.top().item;
        reason.other = first.head->id;
        return job_words(first.head->id) + " of task " + quoted(first.name);
    }
    return "";
}

void Queue::Impl::add_resource_reasons(Task const& task, Instant now,
                                       std::vector<Reason>& reasons) {
    Pass pass = begin_pass(now);
    next(pass);  // nothing starts: see why()
    for (auto const& [resource, amount] : task.demand->needs) {
        Reason reason{"resource", "", 0, std::nullopt};
        std::string what = "resource " + quoted(resource->name);
        int free = resource->capacity - resource->used;
        if (amount > resource->capacity) {
            reason.words = "needs " + std::to_string(amount) + " of " + what + ", of which there " +
                           (resource->capacity == 1 ? "is " : "are ") +
                           std::to_string(resource->capacity) + ": it can never start";
        } else if (free < amount) {
            reason.words = "waits for " + std::to_string(amount) + " of " + what + ": " +
                           std::to_string(resource->used) + " of " +
                           std::to_string(resource->capacity) + " held by " +
                           holder_words(*resource, reason);
        } else {
            std::string keeper = keeper_words(pass, *task.group, *resource, amount, reason);
            if (keeper.empty()) continue;
            reason.words = "waits for " + what + ": what is free is kept for " + keeper +
                           ", which comes first";
        }
        reasons.push_back(std::move(reason));
    }
}

void Queue::Impl::add_task_reasons(Task& task, Instant now, std::vector<Reason>& reasons) {
    if (task.is_gone()) reasons.push_back(gone_reason(task.name));
    add_blocks(blocks, now, reasons);
    add_blocks(task.blocks, now, reasons);
    Rules const& rules = *task.rules;
    if (static_cast<int>(task.running.size()) >= limit(task))
        reasons.push_back(workers_reason(task, limit(task)));
    if (Instant at = task.starts.free_at(rules.rate, now); at > now)
        reasons.push_back(
            {"rate",
             "the rate of " + rate_words(rules.rate) + " is used up for " + in_words(at - now), 0,
             at});
    if (task.group->is_throttled)
        if (Instant at = throttled.free_at(throttle->rate, now); at > now)
            reasons.push_back({throttle->kind, throttle->words, 0, at});
    add_resource_reasons(task, now, reasons);
}

void Queue::Impl::add_job_reasons(Live const& job, Instant now, std::vector<Reason>& reasons) {
    Task& task = *job.task;
    if (auto found = awaited.find(job.id); found != awaited.end()) {
        auto const& ids = found->second;
        std::string words = "waits for " + jobs_words(ids);
        if (ids.size() == 1) words += ", " + place_words(jobs.at(ids.front()));
        reasons.push_back({"after", words, ids.front(), std::nullopt});
    }
    if (job.place != Place::line && job.ready_at > now) reasons.push_back(time_reason(job, now));
    Rate const& budget = task.rules->retry.budget;
    Instant budget_at = task.retried.free_at(budget, now);
    if (job.is_retry && budget_at > now)
        reasons.push_back({"budget",
                           "the budget of " + rate_words(budget) + " for retries is used up for " +
                               in_words(budget_at - now),
                           0, budget_at});
    if (job.place != Place::line) return;
    if (Reason turn = turn_reason(job, budget_at <= now); !turn.kind.empty())
        reasons.push_back(std::move(turn));
}

/// What starts now is found by starting it and putting it back; the reasons of the others are those
/// that hold beside it.
std::vector<Reason> Queue::Impl::beside_starts(
    Instant now, std::function<std::vector<Reason>(std::vector<Start> const&)> const& ask) {
    auto starts = take_starts(now, SIZE_MAX);
    auto reasons = ask(starts);
    for (auto start = starts.rbegin(); start != starts.rend(); ++start) put_back(*find(start->id));
    return reasons;
}

std::vector<Reason> Queue::why(Id id, Instant now) const {
    Impl& impl = *impl_;
    Live const* job = impl.find(id);
    if (!job) return {};
    if (job->place == Place::running)
        return {
            {"running", "is running, attempt " + std::to_string(job->attempts), id, std::nullopt}};
    return impl.beside_starts(now, [&](std::vector<Start> const& starts) {
        std::vector<Reason> reasons;
        if (std::ranges::find(starts, id, &Start::id) != starts.end()) return reasons;
        impl.add_task_reasons(*job->task, impl.clock, reasons);
        impl.add_job_reasons(*job, impl.clock, reasons);
        return reasons;
    });
}

/// In line, else due next, else waiting; null: it has no ready job.
Live const* Queue::Impl::next_job(Task& task) {
    bring_due(task, clock);
    Live const* best = nullptr;
    for (JobHeap const* heap : {&task.fresh.line, &task.retries.line})
        if (!heap->is_empty() && (!best || heap->top().rank < rank(*best, *task.rules)))
            best = heap->top().item;
    if (best) return best;
    for (JobHeap const* heap : {&task.fresh.delayed, &task.retries.delayed})
        if (!heap->is_empty() && (!best || heap->top().item->ready_at < best->ready_at))
            best = heap->top().item;
    if (best || task.ready == 0) return best;
    for (auto const& [id, others] : awaited)
        if (Live const* job = find(id); job->task == &task && (!best || id < best->id)) best = job;
    return best;
}

std::vector<Reason> Queue::why_task(std::string_view name, Instant now) const {
    Impl& impl = *impl_;
    if (!impl.find_task(name) && !impl.find_rules(name)) return {gone_reason(name)};
    Task& task = impl.task(name);
    impl.see(now);
    if (Live const* job = impl.next_job(task)) return why(job->id, now);
    return impl.beside_starts(now, [&](std::vector<Start> const&) {
        std::vector<Reason> reasons;
        impl.add_task_reasons(task, impl.clock, reasons);
        return reasons;
    });
}

}  // namespace lares::queue
