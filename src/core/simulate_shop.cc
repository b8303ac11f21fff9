// core/simulate_shop.cc: offers, attempts, gates and figures, in whole seconds.

#include "core/simulate_shop.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/check.h"

namespace lares::simulate {

namespace {

constexpr std::size_t most_levels = 1'000;

job::Outcome outcome_of(Attempt::How how) {
    switch (how) {
    case Attempt::How::good:
        return job::Outcome::ok;
    case Attempt::How::error:
        return job::Outcome::error;
    case Attempt::How::timeout:
        return job::Outcome::timeout;
    case Attempt::How::crash:
        return job::Outcome::crash;
    }
    return job::Outcome::ok;
}

void add(Hold& hold, std::int64_t seconds) {
    if (seconds <= 0) return;
    ++hold.jobs;
    hold.total += seconds;
    hold.greatest = std::max(hold.greatest, seconds);
}

std::vector<queue::Rules> rules_of(std::vector<Task> const& tasks) {
    std::vector<queue::Rules> rules;
    for (Task const& task : tasks) {
        rules.push_back(task.rules);
        rules.back().task = task.name;
    }
    return rules;
}

/// In how many ways tasks age and share: what the queue looks at for each start.
std::uint64_t groups_of(std::vector<Task> const& tasks) {
    std::set<std::pair<std::int64_t, std::map<std::string, int>>> ways;
    for (Task const& task : tasks) ways.emplace(task.rules.ageing.count(), task.rules.resources);
    return ways.size();
}

}  // namespace

void Gauge::set(std::int64_t until, std::int64_t now) {
    sum_ = total(now);
    since_ = now;
    until_ = std::max(until, now);
}

std::int64_t Gauge::total(std::int64_t now) const {
    return sum_ + std::max<std::int64_t>(0, std::min(now, until_) - since_);
}

Shop::Shop(std::vector<Task> const& tasks, Resources const& resources, std::int64_t from)
    : tasks_(tasks),
      from_(from),
      needers_(tasks.size()),
      shelf_(resources),
      groups_(groups_of(tasks)) {
    queue_.set_resources(resources);
    queue_.set_rules(rules_of(tasks));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        Actor& actor = actors_.emplace_back();
        actor.task = &tasks[i];
        actor.report.name = tasks[i].name;
        actor.ended_well = tasks[i].ended_well;
        for (std::size_t const other : tasks[i].needs) needers_.at(other).push_back(i);
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        look_at_needs(i, from);
        look_at_hours(i, from);
    }
}

/// The first whole second that is not before it.
std::int64_t Shop::seconds(Instant at) const {
    return from_ + std::chrono::ceil<std::chrono::seconds>(at.time_since_epoch()).count();
}

void Shop::touch(std::size_t task) {
    if (std::exchange(actors_[task].is_touched, true)) return;
    touched_.push_back(task);
}

std::int64_t Shop::next() const {
    return std::min({next_of(endings_), next_of(dues_), next_of(hour_looks_),
                     next_of(circuit_looks_), deadline_.value_or(never)});
}

// ---- jobs come

Shop::Taken Shop::offer(Offer const& offer, std::int64_t now) {
    using Kind = queue::Verdict::Kind;
    Task const& task = tasks_[offer.task];
    TaskReport& report = actors_[offer.task].report;
    touch(offer.task);
    int const priority = offer.priority.value_or(task.priority);
    auto const verdict = queue_.judge({task.name, offer.key, priority, offer.by_clock});
    bool const is_full = verdict.kind == Kind::full && !offer.is_taken_when_full;
    if (!offer.has_stood_back) {
        queue::Depth const depth = queue_.depth(task.name, instant(now));
        ++report.due;
        report.overlaps += depth.ready + depth.running > 0;
        report.stood_back += is_full && offer.waits_for_room;
    }
    if (is_full && offer.waits_for_room) return Taken::stands_back;
    report.refused += is_full;
    report.duplicates += verdict.kind == Kind::duplicate;
    report.skipped += verdict.kind == Kind::skip;
    CHECK(verdict.kind != Kind::unknown);
    if (verdict.kind != Kind::accept && (is_full || verdict.kind != Kind::full))
        return Taken::refused;
    job::Job job;
    job.id = ++last_id_;
    job.task = task.name;
    job.key = offer.key;
    job.priority = priority;
    bool const is_later = offer.not_before > now;
    std::optional<Instant> const ready_at =
        is_later ? std::optional(instant(offer.not_before)) : std::nullopt;
    bool const is_added = queue_.add(job, ready_at, instant(now));
    CHECK(is_added);
    Played& played = jobs_[job.id];
    played.task = offer.task;
    played.due = is_later ? offer.not_before : offer.due;
    played.priority = priority;
    if (is_later)
        dues_.push({played.due, job.id});
    else
        note_due(played, now);
    for (queue::Id const other : verdict.replaces) take_out(other, now);
    return Taken::put;
}

void Shop::note_due(Played& played, std::int64_t now) {
    Actor const& actor = actors_[played.task];
    played.is_due = true;
    for (std::size_t i = 0; i < kinds; ++i) played.held[i] = actor.gauges[i].total(now);
}

/// A newer one takes its place.
void Shop::take_out(queue::Id id, std::int64_t now) {
    auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    Played const played = found->second;
    jobs_.erase(found);
    ++actors_[played.task].report.replaced;
    if (!played.is_running) {
        note_holds(played, now);
        return void(queue_.drop(id));
    }
    --running_;
    actors_[played.task].report.busy += now - played.begun;
    shelf_.give(tasks_[played.task].rules.resources, now - played.begun);
    (void)queue_.end(id, job::Outcome::cancelled, 0, instant(now), 0);
    note_end(played.task, false);
    ended_.push_back({played.task, /*is_good=*/false, /*is_cancelled=*/true});
}

// ---- what is due

void Shop::take_due(std::int64_t now) {
    while (next_of(endings_) <= now) {
        queue::Id const id = endings_.top().what;
        endings_.pop();
        end_attempt(id, now);
    }
    while (next_of(hour_looks_) <= now) {
        std::size_t const task = hour_looks_.top().what;
        hour_looks_.pop();
        ++cost_;
        look_at_hours(task, now);
    }
    while (next_of(circuit_looks_) <= now) {
        std::size_t const task = circuit_looks_.top().what;
        circuit_looks_.pop();
        step_circuit(task, {.kind = circuit::Happening::Kind::look, .at = instant(now)}, now);
    }
    while (next_of(dues_) <= now) {
        auto const found = jobs_.find(dues_.top().what);
        dues_.pop();
        if (found == jobs_.end()) continue;  // it was replaced
        note_due(found->second, now);
        touch(found->second.task);
    }
}

void Shop::end_attempt(queue::Id id, std::int64_t now) {
    auto const found = jobs_.find(id);
    if (found == jobs_.end()) return;  // it was replaced
    Played& played = found->second;
    std::size_t const task = played.task;
    Actor& actor = actors_[task];
    touch(task);
    played.is_running = false;
    --running_;
    actor.report.busy += now - played.begun;
    shelf_.give(tasks_[task].rules.resources, now - played.begun);
    bool const is_good = played.attempt.how == Attempt::How::good;
    actor.report.failed += !is_good;
    auto const ending = queue_.end(id, outcome_of(played.attempt.how), played.attempt.code,
                                   instant(now), static_cast<unsigned>(random_()));
    using Kind = circuit::Happening::Kind;
    if (is_good || ending.counted)
        step_circuit(task,
                     {.kind = is_good ? Kind::succeeded : Kind::failed,
                      .at = instant(now),
                      .job = id,
                      .why = ""},
                     now);
    if (ending.retry_in) {
        ++retries_;
        played.is_retry = true;
        played.is_due = false;
        played.due = seconds(instant(now) + *ending.retry_in);
        dues_.push({played.due, id});
        return;
    }
    jobs_.erase(found);
    actor.report.dead += !is_good;
    note_end(task, is_good);
    ended_.push_back({task, is_good, /*is_cancelled=*/false});
}

/// Whoever needs it looks at it once the instant is over.
void Shop::note_end(std::size_t task, bool is_good) {
    if (std::exchange(actors_[task].ended_well, is_good) == is_good) return;
    needs_looks_.insert(needs_looks_.end(), needers_[task].begin(), needers_[task].end());
}

std::vector<Shop::Ended> Shop::take_ended() { return std::exchange(ended_, {}); }

// ---- gates

void Shop::step_circuit(std::size_t task, circuit::Happening const& happening, std::int64_t now) {
    Actor& actor = actors_[task];
    if (actor.task->circuit <= 0) return;
    circuit::Policy const policy{.after = actor.task->circuit};
    auto step = circuit::step(policy, std::move(actor.circuit), happening);
    actor.circuit = std::move(step.circuit);
    if (step.told.empty()) return;
    touch(task);
    circuit::show(actor.circuit, actor.task->name, queue_);
    bool const is_open = actor.circuit.state == circuit::State::open;
    actor.report.opened += is_open;
    actor.gauges[by_circuit].set(is_open ? seconds(actor.circuit.until) : INT64_MIN, now);
    if (step.look_at) circuit_looks_.push({seconds(*step.look_at), task});
}

void Shop::look_at_needs(std::size_t task, std::int64_t now) {
    Task const& one = tasks_[task];
    if (one.needs.empty()) return;
    auto const is_well = [this](std::size_t other) { return actors_[other].ended_well; };
    bool const is_met = std::ranges::all_of(one.needs, is_well);
    if (is_met)
        queue_.unblock(one.name, "needs");
    else
        queue_.block(one.name, {.kind = "needs", .words = "", .until = std::nullopt});
    actors_[task].gauges[by_needs].set(is_met ? INT64_MIN : never, now);
}

void Shop::look_at_hours(std::size_t task, std::int64_t now) {
    Task const& one = tasks_[task];
    if (!one.hours) return;
    Hours const at = one.hours(now);
    if (at.closed_for) {
        std::int64_t const until = now + std::max<std::int64_t>(1, *at.closed_for);
        queue_.block(one.name, {.kind = "window", .words = "", .until = instant(until)});
        actors_[task].gauges[by_hours].set(until, now);
        hour_looks_.push({until, task});
    } else {
        queue_.unblock(one.name, "window");
        hour_looks_.push({now + std::max<std::int64_t>(1, at.next_begin), task});
    }
}

// ---- attempts begin

void Shop::start(std::int64_t now) {
    cost_ += 1 + groups_ + needs_looks_.size() + touched_.size();
    cost_ += std::min(needy_, groups_) * std::min(needy_, groups_);
    for (std::size_t const task : std::exchange(needs_looks_, {})) look_at_needs(task, now);
    for (queue::Start const& start : queue_.take_starts(instant(now))) begin(start, now);
    auto const at = queue_.deadline(instant(now));
    deadline_ = at ? std::optional(std::max(now + 1, seconds(*at))) : std::nullopt;
    look_at_depths(now);
}

void Shop::begin(queue::Start const& start, std::int64_t now) {
    Played& played = jobs_.at(start.id);
    Actor& actor = actors_[played.task];
    touch(played.task);
    if (!played.is_due) note_due(played, now);
    note_wait(played, now);
    note_holds(played, now);
    queue::Rate const& rate = actor.task->rules.retry.budget;
    if (played.is_retry && queue::is_limit(rate)) {
        actor.retried.note(rate, instant(now));
        actor.gauges[by_budget].set(seconds(actor.retried.free_at(rate, instant(now))), now);
    }
    played.attempt = next_attempt(actor);
    played.begun = now;
    played.is_running = true;
    ++running_;
    shelf_.take(actor.task->rules.resources);
    minutes_.note(now, played.task);
    endings_.push({now + played.attempt.seconds, start.id});
}

void Shop::note_wait(Played const& played, std::int64_t now) {
    TaskReport& report = actors_[played.task].report;
    std::int64_t const wait = std::max<std::int64_t>(0, now - played.due);
    ++report.started;
    report.late += wait > 0;
    report.total_wait += wait;
    if (wait > report.greatest_wait) {
        report.greatest_wait = wait;
        report.greatest_wait_at = played.due;
    }
    PriorityReport& all = level(played.priority);
    ++all.started;
    all.late += wait > 0;
    all.total_wait += wait;
    if (wait <= all.greatest_wait) return;
    all.greatest_wait = wait;
    all.greatest_wait_at = played.due;
    all.task = played.task;
}

PriorityReport& Shop::level(int priority) {
    auto found = levels_.lower_bound(priority);
    if (found != levels_.end() && found->first == priority) return found->second;
    if (levels_.size() >= most_levels)
        return found == levels_.end() ? std::prev(found)->second : found->second;
    return levels_.emplace(priority, PriorityReport{.priority = priority}).first->second;
}

void Shop::note_holds(Played const& played, std::int64_t now) {
    if (!played.is_due) return;
    Actor& actor = actors_[played.task];
    auto const held = [&](Held kind) { return actor.gauges[kind].total(now) - played.held[kind]; };
    add(actor.report.hours, held(by_hours));
    add(actor.report.needs, held(by_needs));
    add(actor.report.circuit, held(by_circuit));
    if (played.is_retry) add(actor.report.budget, held(by_budget));
}

Attempt Shop::next_attempt(Actor& actor) {
    auto const& past = actor.task->attempts;
    Attempt attempt;
    if (!past.empty()) attempt = past[actor.next_attempt++ % past.size()];
    attempt.seconds = std::max<std::int64_t>(0, attempt.seconds);
    if (!actor.task->failing) return attempt;
    bool const fails = double(random_() % 1'000'000) < *actor.task->failing * 1'000'000;
    // What fails by a stated share is what would be tried again.
    auto const& codes = actor.task->rules.retry.on_codes;
    attempt.how = fails ? Attempt::How::error : Attempt::How::good;
    attempt.code = !fails ? 0 : codes.empty() ? 1 : codes.front();
    return attempt;
}

// ---- figures

void Shop::look_at_depths(std::int64_t now) {
    for (std::size_t const task : std::exchange(touched_, {})) {
        Actor& actor = actors_[task];
        actor.is_touched = false;
        queue::Depth const depth = queue_.depth(actor.task->name, instant(now));
        std::size_t const ready = depth.ready - depth.delayed;
        if (!actor.task->rules.resources.empty())
            needy_ = needy_ + std::uint64_t(ready > 0) - std::uint64_t(actor.ready > 0);
        ready_ = ready_ + ready - actor.ready;
        actor.ready = ready;
        if (ready <= actor.report.greatest_depth) continue;
        actor.report.greatest_depth = ready;
        actor.report.greatest_depth_at = now;
    }
    depths_.note({now, ready_, running_});
}

void Shop::finish(std::int64_t until, std::size_t points, Report& report) {
    std::vector<std::string> names;
    for (Task const& task : tasks_) names.push_back(task.name);
    for (auto const& [id, played] : jobs_) {
        note_holds(played, until);
        TaskReport& own = actors_[played.task].report;
        own.left += !played.is_running;
        if (!played.is_running) continue;
        own.busy += until - played.begun;
        shelf_.give(tasks_[played.task].rules.resources, until - played.begun);
    }
    for (Actor& actor : actors_) {
        actor.report.open_for = actor.gauges[by_circuit].total(until);
        report.tasks.push_back(std::move(actor.report));
    }
    for (auto const& [priority, all] : levels_) report.priorities.push_back(all);
    report.depth = depths_.thinned(points);
    report.collisions = minutes_.finish(names);
    report.collision_minutes = minutes_.total();
    report.resources = shelf_.reports();
}

}  // namespace lares::simulate
