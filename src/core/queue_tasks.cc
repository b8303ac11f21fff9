// core/queue_tasks.cc: the queue's tasks: their rules, what they need of resources, and the groups
// in which they are ordered.
//
// A task has a state here only while it needs one, so that 100,000 tasks that run once a day cost
// their rules and nothing else.

#include <algorithm>
#include <set>

#include "core/queue_parts.h"

namespace lares::queue {

namespace {

/// Strict priorities are an ageing of 35 years: the order stays one number.
constexpr std::int64_t strict = std::int64_t{1} << 40;
constexpr std::int64_t usual_ageing = 600'000;
/// Beyond it priorities are as good as equal; so a rank cannot overflow.
constexpr std::int64_t most_priority = 1'000'000;

std::int64_t ageing(Rules const& rules) {
    auto given = rules.ageing.count();
    return given <= 0 ? strict : std::min(given, strict);
}

std::int64_t value(Live const& job, std::int64_t ageing) {
    auto priority = std::clamp<std::int64_t>(job.priority, -most_priority, most_priority);
    return job.since.time_since_epoch().count() - priority * ageing;
}

}  // namespace

// The effective priority at t is priority + (t - since) / ageing. Of two jobs of one ageing the
// order is that of priority * ageing - since, which does not change with t.
Rank rank(Live const& job, Rules const& rules) { return {value(job, ageing(rules)), job.id}; }

Rank rank_beside_others(Live const& job, Rules const& rules) {
    return {value(job, ageing_beside_others(rules)), job.id};
}

std::int64_t ageing_beside_others(Rules const& rules) {
    return rules.ageing.count() <= 0 ? usual_ageing : ageing(rules);
}

void put_block(std::vector<Block>& blocks, Block block) {
    auto same = std::ranges::find(blocks, block.kind, &Block::kind);
    if (same == blocks.end()) return blocks.push_back(std::move(block));
    *same = std::move(block);
}

void expire(std::vector<Block>& blocks, Instant now) {
    std::erase_if(blocks, [&](Block const& block) { return block.until && *block.until <= now; });
}

Rules const* Queue::Impl::find_rules(std::string_view name) const {
    auto found = std::ranges::lower_bound(all_rules, name, {}, &Rules::task);
    return found != all_rules.end() && found->task == name ? &*found : nullptr;
}

Task* Queue::Impl::find_task(std::string_view name) const {
    auto found = tasks.find(name);
    return found == tasks.end() ? nullptr : found->second.get();
}

Task& Queue::Impl::task(std::string_view name) {
    if (Task* known = find_task(name)) return *known;
    auto made = std::make_unique<Task>();
    Task& task = *made;
    task.name = name;
    task.number = ++task_number;
    adopt_rules(task, find_rules(name));
    tasks.emplace(task.name, std::move(made));
    mark(task);
    return task;
}

void Queue::Impl::adopt_rules(Task& task, Rules const* given) {
    task.last.reset();
    if (!given) {
        task.last = std::make_unique<Rules>();
        task.last->task = task.name;
        given = task.last.get();
    }
    task.rules = given;
    task.demand = demand(*given);
    join_group(task);
}

Demand const* Queue::Impl::demand(Rules const& of) {
    auto [found, is_new] = demands.try_emplace(of.resources);
    if (!is_new) return &found->second;
    for (auto const& [name, amount] : of.resources) {
        if (amount <= 0) continue;
        Resource& resource = resources[name];
        resource.name = name;
        found->second.needs.emplace_back(&resource, amount);
    }
    return &found->second;
}

bool Queue::Impl::shares_rate(Task const& task) const {
    return throttle &&
           (throttle->tasks.empty() || std::ranges::binary_search(throttle->tasks, task.name));
}

void Queue::Impl::join_group(Task& task) {
    bool is_throttled = shares_rate(task);
    auto ageing = ageing_beside_others(*task.rules);
    Group& group = groups[{ageing, task.demand, is_throttled}];
    group.ageing = ageing;
    group.demand = task.demand;
    group.is_throttled = is_throttled;
    if (task.group == &group) return;
    leave_group(task);
    task.group = &group;
}

void Queue::Impl::leave_group(Task& task) {
    if (task.candidate_slot != nowhere) task.group->candidates.take_out(task);
    if (task.timer_slot != nowhere) task.group->timers.take_out(task);
    task.group = nullptr;
}

void Queue::Impl::drop_empty_groups() {
    std::set<Group const*> in_use;
    for (auto const& [name, task] : tasks) in_use.insert(task->group);
    std::erase_if(groups, [&](auto const& entry) { return !in_use.contains(&entry.second); });
}

bool Queue::Impl::can_ever_start(Task const& task) const {
    return std::ranges::all_of(
        task.demand->needs, [](auto const& need) { return need.second <= need.first->capacity; });
}

int Queue::Impl::limit(Task const& task) const {
    Rules const& rules = *task.rules;
    bool by_parallel = rules.overlap == Overlap::parallel && rules.parallel > 0;
    int most = by_parallel ? rules.parallel : rules.workers;
    return task.cap ? std::min(most, task.cap->most) : most;
}

bool Queue::Impl::is_idle(Task& task) const {
    return task.ready == 0 && task.running.empty() && task.blocks.empty() && !task.cap &&
           task.starts.is_idle(task.rules->rate, clock) &&
           task.retried.is_idle(task.rules->retry.budget, clock);
}

/// Only when nothing is dirty. Its cost is paid for by the tasks that were made since the last.
void Queue::Impl::sweep() {
    if (tasks.size() < sweep_at) return;
    std::erase_if(tasks, [&](auto const& entry) {
        if (!is_idle(*entry.second)) return false;
        leave_group(*entry.second);
        return true;
    });
    sweep_at = std::max<std::size_t>(1024, 2 * tasks.size());
}

namespace {

/// Ageing may have changed, and with it the order.
void rank_again(Task& task) {
    for (Lane* lane : {&task.fresh, &task.retries}) {
        std::vector<Live*> jobs;
        for (auto const& entry : lane->line.entries()) jobs.push_back(entry.item);
        for (Live* job : jobs) lane->line.put(*job, rank(*job, *task.rules));
    }
}

}  // namespace

void Queue::set_rules(std::vector<Rules> rules) {
    Impl& impl = *impl_;
    std::ranges::stable_sort(rules, {}, &Rules::task);
    // A task that goes keeps what it had, for the attempts that are under way.
    for (auto& [name, task] : impl.tasks) {
        if (!task->last) task->last = std::make_unique<Rules>(*task->rules);
        task->rules = task->last.get();
    }
    impl.all_rules = std::move(rules);
    for (auto& [name, task] : impl.tasks) {
        if (Rules const* given = impl.find_rules(name)) impl.adopt_rules(*task, given);
        rank_again(*task);
        impl.mark(*task);
    }
    impl.drop_empty_groups();
    std::set<Demand const*> in_use;
    for (auto const& [name, task] : impl.tasks) {
        in_use.insert(task->demand);
        for (Live const* job : task->running) in_use.insert(job->held);
    }
    std::erase_if(impl.demands, [&](auto const& entry) { return !in_use.contains(&entry.second); });
}

void Queue::set_resources(std::map<std::string, int> capacity) {
    for (auto& [name, resource] : impl_->resources) resource.capacity = 0;
    for (auto const& [name, count] : capacity) {
        Resource& resource = impl_->resources[name];
        resource.name = name;
        resource.capacity = std::max(count, 0);
    }
    for (auto& [name, task] : impl_->tasks) impl_->mark(*task);
}

Rules const* Queue::rules(std::string_view task) const { return impl_->find_rules(task); }

void Queue::block(std::string_view task, Block block) {
    if (task.empty()) return put_block(impl_->blocks, std::move(block));
    Task& state = impl_->task(task);
    put_block(state.blocks, std::move(block));
    impl_->mark(state);
}

void Queue::unblock(std::string_view task, std::string_view kind) {
    auto is_of_kind = [&](Block const& block) { return block.kind == kind; };
    if (task.empty()) return void(std::erase_if(impl_->blocks, is_of_kind));
    Task* state = impl_->find_task(task);
    if (!state) return;
    std::erase_if(state->blocks, is_of_kind);
    impl_->mark(*state);
}

std::vector<Block> Queue::blocks(std::string_view task) const {
    Task const* state = task.empty() ? nullptr : impl_->find_task(task);
    std::vector<Block> all = task.empty() ? impl_->blocks
                             : state      ? state->blocks
                                          : std::vector<Block>{};
    expire(all, impl_->clock);
    return all;
}

void Queue::set_cap(std::string_view task, std::optional<Cap> cap) {
    Task* known = impl_->find_task(task);
    if (!known && !cap) return;
    Task& state = impl_->task(task);
    state.cap = cap ? std::make_unique<Cap>(*std::move(cap)) : nullptr;
    impl_->mark(state);
}

void Queue::set_throttle(std::optional<Throttle> throttle) {
    if (throttle) std::ranges::sort(throttle->tasks);
    if (throttle == impl_->throttle) return;
    bool goes_on = throttle && impl_->throttle && throttle->rate == impl_->throttle->rate;
    if (!goes_on) impl_->throttled = {};
    impl_->throttle = std::move(throttle);
    for (auto& [name, task] : impl_->tasks) {
        impl_->join_group(*task);
        impl_->mark(*task);
    }
    impl_->drop_empty_groups();
}

void Queue::note_started(std::string_view task, Instant at) {
    Task& state = impl_->task(task);
    state.starts.note(state.rules->rate, at);
    impl_->mark(state);
}

void Queue::note_retried(std::string_view task, Instant at) {
    note_started(task, at);
    Task& state = impl_->task(task);
    state.retried.note(state.rules->retry.budget, at);
    impl_->mark(state);
}

std::map<std::string, int> Queue::used() const {
    std::map<std::string, int> all;
    for (auto const& [name, resource] : impl_->resources)
        if (resource.capacity > 0 || resource.used > 0) all[name] = resource.used;
    return all;
}

}  // namespace lares::queue
