// core/queue_starts.cc: which jobs start now, and when it is worth asking again.

#include <algorithm>

#include "core/queue_parts.h"

namespace lares::queue {

namespace {

/// Products of two spans in ms.
__extension__ using Wide = __int128;

/// Later than anything: 10^8 years.
constexpr Instant furthest{Duration(std::int64_t{1} << 61)};

struct Contender {
    Rank rank;  // of the group's first task
    std::int64_t ageing;
};

Contender contender(Group const& group) { return {group.candidates.top().rank, group.ageing}; }

/// Effective priority is (now - rank.value) / ageing.
bool comes_before(Contender const& one, Contender const& other, Instant now) {
    auto at = now.time_since_epoch().count();
    Wide left = Wide{at - one.rank.value} * other.ageing;
    Wide right = Wide{at - other.rank.value} * one.ageing;
    return left != right ? left > right : one.rank.tie < other.rank.tie;
}

/// When `late`, which is behind `early` now, comes before it, because it ages faster; none: never.
std::optional<Instant> overtakes(Contender const& late, Contender const& early, Instant now) {
    if (late.ageing >= early.ageing) return std::nullopt;
    // (t - l) * E > (t - e) * L from t = (l * E - e * L) / (E - L) on.
    Wide over = Wide{late.rank.value} * early.ageing - Wide{early.rank.value} * late.ageing;
    Wide at = over / (early.ageing - late.ageing);
    if (at > furthest.time_since_epoch().count()) return std::nullopt;
    Instant crossing{Duration(static_cast<std::int64_t>(at))};
    // Division rounds, and of equals the older comes first: one of these three it is.
    for (int more = -1; more <= 1; more++) {
        Instant t = crossing + Duration(more);
        if (t > now && comes_before(late, early, t)) return t;
    }
    return std::nullopt;
}

struct ComesLater {
    Instant now;
    bool operator()(Group const* one, Group const* other) const {
        return comes_before(contender(*other), contender(*one), now);
    }
};

void take_earlier(std::optional<Instant>& earliest, Instant at) {
    if (!earliest || at < *earliest) earliest = at;
}

Gate gate_of(std::vector<Block> const& blocks, Instant now) {
    Gate gate{.at = now};
    for (Block const& block : blocks) {
        if (!block.until)
            gate.is_closed = true;
        else
            gate.at = std::max(gate.at, *block.until);
    }
    return gate;
}

/// Instants at which something may change for a task: the earliest after now.
struct Wake {
    Instant now;
    std::optional<Instant> at;
    void consider(Instant when) {
        if (when > now) take_earlier(at, when);
    }
    void consider(Lane const& lane, Instant from) {
        if (!lane.line.is_empty()) consider(from);
        if (lane.delayed.is_empty()) return;
        consider(std::max(from, Instant(Duration(lane.delayed.top().rank.value))));
    }
};

}  // namespace

Gate Queue::Impl::house_gate(Instant now) const { return gate_of(blocks, now); }

Gate Queue::Impl::gate(Task& task, Instant now) const {
    expire(task.blocks, now);
    Gate gate = gate_of(task.blocks, now);
    auto busy = static_cast<int>(task.running.size());
    if (task.is_gone() || busy >= limit(task) || !can_ever_start(task)) gate.is_closed = true;
    if (!gate.is_closed) gate.at = std::max(gate.at, task.starts.free_at(task.rules->rate, now));
    return gate;
}

void Queue::Impl::settle(Task& task, Instant now) {
    task.is_dirty = false;
    task.head = nullptr;
    bring_due(task, now);
    Wake wake{now, std::nullopt};
    Gate open = gate(task, now);
    if (!open.is_closed && task.ready > 0) {
        Instant budget = task.retried.free_at(task.rules->retry.budget, now);
        Instant retry_from = std::max(open.at, budget);
        wake.consider(task.fresh, open.at);
        wake.consider(task.retries, retry_from);
        auto const& fresh = task.fresh.line;
        auto const& retries = task.retries.line;
        bool has_fresh = open.at <= now && !fresh.is_empty();
        bool has_retry = retry_from <= now && !retries.is_empty();
        bool retry_first = has_retry && (!has_fresh || retries.top().rank < fresh.top().rank);
        if (retry_first)
            task.head = retries.top().item;
        else if (has_fresh)
            task.head = fresh.top().item;
    }
    Group& group = *task.group;
    if (task.head)
        group.candidates.put(task, rank_beside_others(*task.head, *task.rules));
    else if (task.candidate_slot != nowhere)
        group.candidates.take_out(task);
    if (wake.at)
        group.timers.put(task, {wake.at->time_since_epoch().count(), task.number});
    else if (task.timer_slot != nowhere)
        group.timers.take_out(task);
}

void Queue::Impl::see(Instant now) {
    clock = std::max(clock, now);
    auto at = clock.time_since_epoch().count();
    for (auto& [key, group] : groups) {
        while (!group.timers.is_empty() && group.timers.top().rank.value <= at) {
            Task& task = *group.timers.top().item;
            group.timers.take_out(task);
            mark(task);
        }
    }
    for (Task* task : dirty) settle(*task, clock);
    dirty.clear();
    expire(blocks, clock);
    sweep();
}

bool Queue::Impl::fits(Demand const* demand) const {
    return std::ranges::all_of(demand->needs,
                               [](auto const& need) { return need.first->free() >= need.second; });
}

/// What is free of what the group needs is kept for it; once for each demand, since tasks of the
/// same needs follow each other anyway.
void Queue::Impl::keep(Pass& pass, Group& group) {
    auto is_alike = [&](Group const* other) { return other->demand == group.demand; };
    bool is_first = std::ranges::none_of(pass.stuck, is_alike);
    pass.stuck.push_back(&group);
    if (!is_first) return;
    for (auto const& [resource, amount] : group.demand->needs) {
        resource->kept += std::clamp(resource->free(), 0, amount);
        pass.kept.push_back(resource);
    }
}

Pass Queue::Impl::begin_pass(Instant now) {
    Pass pass{.now = now};
    for (auto& [name, resource] : resources) resource.kept = 0;
    for (auto& [key, group] : groups)
        if (!group.candidates.is_empty()) pass.heads.push_back(&group);
    std::ranges::make_heap(pass.heads, ComesLater{now});
    return pass;
}

Task* Queue::Impl::next(Pass& pass) {
    while (!pass.heads.empty()) {
        std::ranges::pop_heap(pass.heads, ComesLater{pass.now});
        Group& group = *pass.heads.back();
        pass.heads.pop_back();
        bool waits_for_rate =
            group.is_throttled && throttled.free_at(throttle->rate, pass.now) > pass.now;
        if (waits_for_rate) continue;
        if (fits(group.demand)) return group.candidates.top().item;
        keep(pass, group);
    }
    return nullptr;
}

Start Queue::Impl::start(Task& task, Instant now) {
    Live& job = *task.head;
    leave(job);
    run(job, now);
    task.ready--;
    job.attempts++;
    task.starts.note(task.rules->rate, now);
    if (job.is_retry) task.retried.note(task.rules->retry.budget, now);
    if (task.group->is_throttled) throttled.note(throttle->rate, now);
    return {job.id, task.name, job.attempts};
}

std::vector<Start> Queue::Impl::take_starts(Instant now, std::size_t most) {
    see(now);
    std::vector<Start> starts;
    Gate house = house_gate(clock);
    if (house.is_closed || house.at > clock) return starts;
    Pass pass = begin_pass(clock);
    while (starts.size() < most) {
        Task* task = next(pass);
        if (!task) break;
        starts.push_back(start(*task, clock));
        settle(*task, clock);
        if (task->group->candidates.is_empty()) continue;
        pass.heads.push_back(task->group);
        std::ranges::push_heap(pass.heads, ComesLater{pass.now});
    }
    dirty.clear();  // start() has marked what is settled since
    return starts;
}

std::vector<Start> Queue::take_starts(Instant now, std::size_t most) {
    return impl_->take_starts(now, most);
}

void Queue::Impl::put_back(Live& job) {
    Task& task = *job.task;
    if (task.group->is_throttled) throttled.take_back(job.started);
    task.starts.take_back(job.started);
    if (job.is_retry) task.retried.take_back(job.started);
    leave(job);
    job.attempts--;
    task.ready++;
    enter(job);
}

void Queue::put_back(Id id) {
    Live* job = impl_->find(id);
    if (job && job->place == Place::running) impl_->put_back(*job);
}

namespace {

/// Among those that are stuck because something is kept for others: when one that ages faster
/// overtakes.
void consider_overtaking(Pass const& pass, std::optional<Instant>& earliest) {
    auto fits_alone = [](auto const& need) {
        return need.first->capacity - need.first->used >= need.second;
    };
    for (std::size_t late = 1; late < pass.stuck.size(); late++) {
        if (!std::ranges::all_of(pass.stuck[late]->demand->needs, fits_alone)) continue;
        for (std::size_t early = 0; early < late; early++) {
            auto at =
                overtakes(contender(*pass.stuck[late]), contender(*pass.stuck[early]), pass.now);
            if (at) take_earlier(earliest, *at);
        }
    }
}

}  // namespace

std::optional<Instant> Queue::deadline(Instant now) const {
    Impl& impl = *impl_;
    impl.see(now);
    Gate house = impl.house_gate(impl.clock);
    if (house.is_closed) return std::nullopt;
    Pass pass = impl.begin_pass(impl.clock);
    if (impl.next(pass)) return house.at;
    std::optional<Instant> earliest;
    consider_overtaking(pass, earliest);
    for (auto& [name, resource] : impl.resources) resource.kept = 0;
    for (auto& [key, group] : impl.groups) {
        if (!impl.fits(group.demand)) continue;
        Instant from = impl.clock;
        if (group.is_throttled) from = impl.throttled.free_at(impl.throttle->rate, from);
        if (!group.candidates.is_empty() && from > impl.clock) take_earlier(earliest, from);
        if (group.timers.is_empty()) continue;
        Instant at{Duration(group.timers.top().rank.value)};
        take_earlier(earliest, std::max(from, at));
    }
    return earliest ? std::optional(std::max(*earliest, house.at)) : std::nullopt;
}

}  // namespace lares::queue
