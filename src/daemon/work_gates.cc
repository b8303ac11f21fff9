// daemon/work_gates.cc: what keeps a whole task from starting: what it needs, hours, people,
// upkeep.
//
// Each is a block of the queue with the words that `lares why` gives. Looked at when something it
// depends on changed, and when a window opens or closes; never by a tick.

#include <fmt/core.h>

#include <algorithm>

#include "config/work_calendar.h"
#include "core/schedule.h"
#include "daemon/work.h"
#include "text/quantity.h"

namespace lares::daemon {

namespace {

constexpr int day_minutes = 24 * 60;

std::string clock_words(int minute) {
    return fmt::format("{:02}:{:02}", minute / 60 % 24, minute % 60);
}

}  // namespace

void Work::block_all(std::string kind, std::string words) {
    if (kind == "store") is_store_blocked_ = true;
    queue_.block("", {.kind = std::move(kind), .words = std::move(words)});
}

void Work::unblock_all(std::string const& kind) {
    if (kind == "store") is_store_blocked_ = false;
    queue_.unblock("", kind);
}

void Work::look_at_gates() {
    std::optional<Instant> next;
    for (auto const& [name, state] : tasks_) {
        if (state.task == nullptr) continue;
        look_at_needs(state);
        auto at = look_at_hours(state);
        if (at && (!next || *at < *next)) next = at;
    }
    if (maintenance_.phase == maintenance::Phase::on && loaded_) {
        auto over = instant_of(maintenance_.until);
        if (maintenance::is_over(maintenance_, hands_.clock.wall()))
            end_maintenance("", [](Result<> const&) {});
        else if (!next || over < *next)
            next = std::max(over, now_ + Duration(1));
    }
    hold_for_maintenance();
    deadlines_.set(static_cast<std::uint64_t>(Timer::gates), next);
    look_at_starts_ = true;
}

void Work::look_at_needs(TaskState const& state) {
    auto const& task = *state.task;
    if (task.needs.empty()) return queue_.unblock(task.name, "needs");
    std::string missing;
    for (auto const& need : task.needs) {
        std::string words;
        if (auto const* other = find(need)) {
            if (other->last_end == WallTime{})
                words = fmt::format("task {} (has not run yet)", need);
            else if (other->last_state != job::State::done)
                words = fmt::format("task {} (last {})", need, job::name(other->last_state));
        } else {
            words = hands_.missing_program(need);
        }
        if (!words.empty()) missing += (missing.empty() ? "" : ", ") + words;
    }
    if (missing.empty()) return queue_.unblock(task.name, "needs");
    queue_.block(task.name, {.kind = "needs", .words = "needs " + missing});
}

/// Blocks while one of its windows is open; when that may change next.
std::optional<Instant> Work::look_at_hours(TaskState const& state) {
    auto const& task = *state.task;
    if (task.not_between.empty() || state.zone == nullptr) {
        queue_.unblock(task.name, "window");
        return std::nullopt;
    }
    auto now = wall_seconds();
    auto local = now + schedule::offset_at(*state.zone, now);
    auto hours = config::look_at_hours(task.not_between, local);
    if (!hours.closed_for) {
        queue_.unblock(task.name, "window");
        return now_ + std::chrono::seconds(hours.next_begin);
    }
    auto until = now_ + std::chrono::seconds(*hours.closed_for);
    auto second = local - config::local_day(local) * day_minutes * 60;
    auto ends = static_cast<int>((second + *hours.closed_for) / 60 % day_minutes);
    queue_.block(task.name,
                 {.kind = "window",
                  .words = fmt::format("not_between keeps it until {}", clock_words(ends)),
                  .until = until});
    return until;
}

// ---- a person's pause

void Work::pause(std::string name, std::string who, std::string reason, control::Done done) {
    for_tasks(name, std::move(done), [&](std::string const& one, control::Done answer) {
        pause_one(one, who, reason, std::move(answer));
    });
}

void Work::pause_one(std::string const& name, std::string const& who, std::string const& reason,
                     control::Done done) {
    auto const* state = find(name);
    if (state == nullptr) return done(unknown_task(name));
    auto words = fmt::format("paused by {}{}{}", who, reason.empty() ? "" : ": ", reason);
    pause_with(name, words);
    marks_["pause/" + name] = words;
    auto row = journal_.event({.kind = "task.paused",
                               .subject = "task/" + name,
                               .who = who,
                               .words = fmt::format("task '{}' {}", name, words)});
    journal_.set_cause("task/" + name, row.id);
    ask({ports::SetMark{"pause/" + name, words}, ports::PutEvent{std::move(row)}}, std::move(done));
}

void Work::pause_with(std::string const& name, std::string const& words) {
    if (auto* state = find(name)) state->is_paused = true;
    queue_.block(name, {.kind = "paused", .words = words});
}

void Work::resume(std::string name, std::string who, control::Done done) {
    for_tasks(name, std::move(done), [&](std::string const& one, control::Done answer) {
        resume_one(one, who, std::move(answer));
    });
}

void Work::resume_one(std::string const& name, std::string const& who, control::Done done) {
    auto* state = find(name);
    if (state == nullptr) return done(unknown_task(name));
    state->is_paused = false;
    queue_.unblock(name, "paused");
    auto writes = step_circuit(*state, {.kind = circuit::Happening::Kind::reset, .at = now_});
    marks_.erase("pause/" + name);
    auto row = journal_.event({.kind = "task.resumed",
                               .subject = "task/" + name,
                               .cause = journal_.last_of("task/" + name),
                               .who = who,
                               .words = fmt::format("task '{}' resumed by {}", name, who)});
    look_at_starts_ = true;
    writes.push_back(ports::DropMark{"pause/" + name});
    writes.push_back(ports::PutEvent{std::move(row)});
    ask(std::move(writes), std::move(done));
}

void Work::drain(std::string name, std::string who, control::Done done) {
    for_tasks(name, std::move(done), [this, &who](std::string const& one, control::Done answer) {
        pause_one(one, who, "drained", [this, one, answer = std::move(answer)](Result<> paused) {
            auto* same = find(one);
            if (!paused || same == nullptr) return answer(std::move(paused));
            same->draining.push_back(answer);
            look_at_drains_ = true;
        });
    });
}

void Work::settle_draining() {
    if (!std::exchange(look_at_drains_, false)) return;
    for (auto& [name, state] : tasks_) {
        if (state.draining.empty()) continue;
        if (!queue_.running(name).empty()) {
            look_at_drains_ = true;
            continue;
        }
        for (auto& done : std::exchange(state.draining, {})) done({});
    }
}

// ---- upkeep as one act

bool Work::is_held(config::Task const& task) const {
    maintenance::Task leans{.name = task.name, .needs = task.needs};
    for (auto const& [resource, count] : task.rules.resources) leans.resources.push_back(resource);
    return maintenance::holds(maintenance_, leans);
}

void Work::hold_for_maintenance() {
    for (auto const& [name, state] : tasks_) {
        if (state.task == nullptr) continue;
        if (is_held(*state.task))
            queue_.block(name, {.kind = "maintenance",
                                .words = maintenance::block_words(maintenance_),
                                .until = instant_of(maintenance_.until)});
        else
            queue_.unblock(name, "maintenance");
    }
    queue_.set_throttle(maintenance::throttle(maintenance_));
}

control::Maintenance Work::maintenance() const {
    control::Maintenance shown{.is_on = maintenance_.phase == maintenance::Phase::on,
                               .until = maintenance_.until,
                               .reason = maintenance_.reason,
                               .who = maintenance_.who,
                               .needs = maintenance_.needs};
    for (auto const& [name, state] : tasks_)
        if (state.task != nullptr && is_held(*state.task))
            shown.held += queue_.depth(name, now_).ready;
    bool const has_ended = !shown.is_on && maintenance_.ended != WallTime{};
    if (has_ended) shown.report = maintenance::report(maintenance_);
    return shown;
}

void Work::begin_maintenance(Duration span, std::vector<std::string> needs, std::string reason,
                             std::string who, control::Done done) {
    if (auto no = closed()) return done(std::move(*no));
    if (span <= Duration(0) || span > maintenance::longest)
        return done(Error{Error::Kind::invalid,
                          fmt::format("maintenance must last longer than nothing and at most {}",
                                      text::print_duration(maintenance::longest))});
    now_ = hands_.clock.now();
    maintenance_ = maintenance::begin(std::move(maintenance_), hands_.clock.wall(), span,
                                      std::move(needs), std::move(reason), who);
    pause_expectations(/*is_held=*/true);
    look_at_gates_ = true;
    keep_maintenance({.kind = "maintenance.begin",
                      .subject = "maintenance",
                      .who = who,
                      .words = fmt::format("{}, for {}", maintenance::block_words(maintenance_),
                                           text::print_duration(span))},
                     std::move(done));
}

// What was held comes back at a bounded rate that its tasks share.
void Work::end_maintenance(std::string who, control::Done done) {
    if (auto no = closed()) return done(std::move(*no));
    if (maintenance_.phase != maintenance::Phase::on)
        return done(Error{Error::Kind::conflict, "there is no maintenance now"});
    now_ = hands_.clock.now();
    std::map<std::string, std::int64_t> waiting;
    for (auto const& [name, state] : tasks_) {
        if (state.task == nullptr || !is_held(*state.task)) continue;
        auto depth = queue_.depth(name, now_);
        if (depth.ready > depth.delayed)
            waiting[name] = static_cast<std::int64_t>(depth.ready - depth.delayed);
    }
    maintenance_ =
        maintenance::end(std::move(maintenance_), hands_.clock.wall(), std::move(waiting));
    auto words = maintenance::report(maintenance_);
    hands_.log.info(words);
    hold_for_maintenance();
    pause_expectations(/*is_held=*/false);
    look_at_starts_ = look_at_gates_ = true;
    keep_maintenance({.kind = "maintenance.end",
                      .subject = "maintenance",
                      .cause = journal_.last_of("maintenance"),
                      .who = who,
                      .words = words},
                     std::move(done));
}

void Work::keep_maintenance(Note note, control::Done done) {
    messages_.silences_changed();
    auto row = journal_.event(std::move(note));
    journal_.set_cause("maintenance", row.id);
    ask({ports::SetMark{"maintenance", maintenance::write(maintenance_)},
         ports::PutEvent{std::move(row)}},
        std::move(done));
}

/// A job of what was held has begun.
void Work::note_left(std::string const& task) {
    if (maintenance_.phase != maintenance::Phase::catching_up) return;
    maintenance_ = maintenance::note_left(std::move(maintenance_), task);
    if (maintenance_.phase == maintenance::Phase::off)
        commit_must({ports::SetMark{"maintenance", maintenance::write(maintenance_)}});
    queue_.set_throttle(maintenance::throttle(maintenance_));
}

}  // namespace lares::daemon
