// core/queue_jobs.cc: how jobs come, where they stand, and how they leave.

#include <algorithm>

#include "base/limits.h"
#include "core/queue_parts.h"

namespace lares::queue {

namespace {

constexpr std::size_t remembered_failures = 10'000;

}  // namespace

void Failures::note(Id id, job::State state) {
    if (!states_.insert_or_assign(id, state).second) return;
    order_.push_back(id);
    if (order_.size() <= remembered_failures) return;
    states_.erase(order_.front());
    order_.pop_front();
}

std::optional<job::State> Failures::find(Id id) const {
    auto found = states_.find(id);
    if (found == states_.end()) return std::nullopt;
    return found->second;
}

Live* Queue::Impl::find(Id id) {
    auto found = jobs.find(id);
    return found == jobs.end() ? nullptr : &found->second;
}

void Queue::Impl::mark(Task& task) {
    if (task.is_dirty) return;
    task.is_dirty = true;
    dirty.push_back(&task);
}

/// By `since`, which is nearly always the order in which they come: a few steps from either end.
void Queue::Impl::link(Live& job) {
    Task& task = *job.task;
    Live* after = task.newest;
    Live* before = task.oldest;
    while (after && before && after->since > job.since && before->since <= job.since) {
        after = after->older;
        before = before->newer;
    }
    if (after && after->since <= job.since)
        before = after->newer;
    else
        after = before ? before->older : nullptr;
    job.older = after;
    job.newer = before;
    (after ? after->newer : task.oldest) = &job;
    (before ? before->older : task.newest) = &job;
}

void Queue::Impl::unlink(Live& job) {
    (job.older ? job.older->newer : job.task->oldest) = job.newer;
    (job.newer ? job.newer->older : job.task->newest) = job.older;
    job.older = job.newer = nullptr;
}

void Queue::Impl::enter(Live& job) {
    mark(*job.task);
    if (awaited.contains(job.id)) {
        job.place = Place::waiting;
        return;
    }
    if (job.ready_at == at_once) return enter_line(job);
    job.place = Place::delayed;
    job.task->lane(job).delayed.put(job, {job.ready_at.time_since_epoch().count(), job.id});
}

void Queue::Impl::enter_line(Live& job) {
    if (job.ready_at != at_once) job.since = std::max(job.since, job.ready_at);
    job.ready_at = at_once;
    job.place = Place::line;
    job.task->lane(job).line.put(job, rank(job, *job.task->rules));
    link(job);
}

void Queue::Impl::bring_due(Task& task, Instant now) {
    for (Lane* lane : {&task.fresh, &task.retries}) {
        while (!lane->delayed.is_empty() &&
               lane->delayed.top().rank.value <= now.time_since_epoch().count()) {
            Live& job = *lane->delayed.top().item;
            lane->delayed.take_out(job);
            enter_line(job);
        }
    }
}

void Queue::Impl::leave(Live& job) {
    mark(*job.task);
    Lane& lane = job.task->lane(job);
    switch (job.place) {
    case Place::line:
        lane.line.take_out(job);
        return unlink(job);
    case Place::delayed:
        return lane.delayed.take_out(job);
    case Place::waiting:
        return;
    case Place::running:
        auto& running = job.task->running;
        running[job.slot] = running.back();
        running[job.slot]->slot = job.slot;
        running.pop_back();
        job.slot = nowhere;
        for (auto& [resource, amount] : job.held->needs) resource->used -= amount;
        job.held = nullptr;
    }
}

void Queue::Impl::run(Live& job, Instant now) {
    job.place = Place::running;
    job.started = now;
    job.slot = static_cast<std::uint32_t>(job.task->running.size());
    job.task->running.push_back(&job);
    job.held = job.task->demand;
    for (auto& [resource, amount] : job.held->needs) resource->used += amount;
}

namespace {

/// Those that are live, each once.
std::vector<Id> live_ones(std::unordered_map<Id, Live> const& jobs, std::vector<Id> ids) {
    std::erase_if(ids, [&](Id id) { return !jobs.contains(id); });
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
}

Live live(job::Job const& from, Task& task, std::optional<Instant> ready_at, Instant since) {
    Live job;
    job.id = from.id;
    job.task = &task;
    job.key = from.key;
    job.since = since;
    job.ready_at = ready_at.value_or(at_once);
    job.priority = from.priority;
    job.attempts = from.attempts;
    job.errors = from.errors;
    job.crashes = from.crashes;
    job.is_retry = from.errors > 0;
    return job;
}

}  // namespace

bool Queue::add(job::Job const& from, std::optional<Instant> ready_at, Instant since) {
    Impl& impl = *impl_;
    if (job::is_end(from.state) || impl.jobs.contains(from.id)) return false;
    auto has_failed = [&](Id id) { return impl.failures.find(id).has_value(); };
    if (std::ranges::any_of(from.after, has_failed)) return false;
    impl.clock = std::max(impl.clock, since);
    impl.failures.forget(from.id);
    Task& task = impl.task(from.task);
    Live& job = impl.jobs.emplace(from.id, live(from, task, ready_at, since)).first->second;
    if (!job.key.empty()) impl.keys.try_emplace({&task, job.key}, &job);
    if (from.state == job::State::running) {
        job.ready_at = at_once;  // what it waited for is over
        impl.mark(task);
        impl.run(job, since);
        return true;
    }
    if (!from.after.empty()) {
        auto ids = live_ones(impl.jobs, from.after);
        std::erase(ids, from.id);
        for (Id id : ids) impl.waiters[id].push_back(from.id);
        if (!ids.empty()) impl.awaited.emplace(from.id, std::move(ids));
    }
    task.ready++;
    impl.enter(job);
    return true;
}

bool Queue::hurry(Id id, Instant now) {
    Live* job = impl_->find(id);
    if (!job || job->place == Place::running) return false;
    impl_->clock = std::max(impl_->clock, now);
    if (job->place == Place::line && !job->is_retry) return true;
    impl_->leave(*job);
    if (job->place == Place::delayed)
        job->since = std::max(job->since, std::min(job->ready_at, impl_->clock));
    job->ready_at = at_once;
    job->is_retry = false;  // a person's wish is not charged to the task's budget
    impl_->enter(*job);
    return true;
}

bool Queue::set_priority(Id id, int priority) {
    Live* job = impl_->find(id);
    if (!job) return false;
    job->priority = priority;
    if (job->place != Place::line) return true;
    job->task->lane(*job).line.put(*job, rank(*job, *job->task->rules));
    impl_->mark(*job->task);
    return true;
}

void Queue::set_ready_at(Id id, std::optional<Instant> at) {
    Live* job = impl_->find(id);
    if (!job || job->place == Place::running) return;
    impl_->leave(*job);
    if (job->place == Place::delayed && !at) job->since = impl_->clock;
    job->ready_at = at.value_or(at_once);
    impl_->enter(*job);
}

bool Queue::is_live(Id id) const { return impl_->jobs.contains(id); }

std::size_t Queue::size() const { return impl_->jobs.size(); }

std::vector<Id> Queue::running(std::string_view name) const {
    std::vector<Id> ids;
    Task const* task = impl_->find_task(name);
    if (!task) return ids;
    for (Live const* job : task->running) ids.push_back(job->id);
    std::ranges::sort(ids);
    return ids;
}

Depth Queue::depth(std::string_view name, Instant now) const {
    Task* task = impl_->find_task(name);
    if (!task) return {};
    impl_->bring_due(*task, std::max(now, impl_->clock));
    impl_->mark(*task);
    Depth depth;
    depth.ready = task->ready;
    depth.running = task->running.size();
    depth.delayed = task->fresh.delayed.size() + task->retries.delayed.size();
    if (task->oldest) depth.oldest = task->oldest->since;
    return depth;
}

bool Queue::is_full(std::string_view name) const {
    Task const* task = impl_->find_task(name);
    if (impl_->jobs.size() >= limits::live_jobs) return true;
    return task && task->ready >= task->rules->queue_max;
}

}  // namespace lares::queue
