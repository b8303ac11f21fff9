// daemon/work_clocks.cc: schedules and intervals: what is due, what was missed, what the clock did.
//
// For each schedule a mark in the store says up to which instant its dues are dealt with; it moves
// in the same commit as the job, or as the word why there is none. So no due time is run twice or
// forgotten, over restarts, crashes, sleep and clock changes (spec/triggers.md §5).

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "config/work_calendar.h"
#include "core/schedule.h"
#include "daemon/work.h"

namespace lares::daemon {

namespace {

using std::chrono::seconds;

/// A due time that is found no later than this is on time.
constexpr std::int64_t on_time = 60;
/// Clock steps smaller than this count as a gap or an overlap; larger ones as a jump (cronie).
constexpr std::int64_t jump = 3 * 3600;
/// Missed dues that are looked at one by one; of more, the newest.
constexpr int most_missed = 10'000;
/// Marks of new schedules in one commit.
constexpr std::size_t marks_a_commit = 4'000;
/// What keeps changing of tzdata's files is looked at after so long a quiet.
constexpr Duration zones_quiet{2'000};

std::string day_words(std::int64_t day) {
    std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string utc_words(std::int64_t at) {
    auto rest = at % 86'400;
    return fmt::format("{} {:02}:{:02}", day_words(at / 86'400), rest / 3600, rest % 3600 / 60);
}

}  // namespace

std::int64_t Work::wall_seconds() const {
    return std::chrono::floor<seconds>(hands_.clock.wall()).time_since_epoch().count();
}

std::string Work::mark_of(config::Task const& task, config::ScheduleTrigger const& line) {
    return fmt::format("tick/{}/{}{}{}", task.name, line.timezone, line.timezone.empty() ? "" : " ",
                       line.expression);
}

std::string Work::trigger_of(TaskState const& state, std::size_t index) {
    return fmt::format("trigger/{}#{}", state.task->name, index);
}

/// What is known of the clocks of a task, before its settings become others; by mark.
std::vector<Work::Followed> Work::followed(TaskState const& state) {
    std::vector<Followed> all;
    for (std::size_t i = 0; i < state.schedules.size(); ++i)
        all.push_back({mark_of(*state.task, state.task->schedules[i]), state.schedules[i].first,
                       state.schedules[i].seen, state.schedules[i].is_fresh});
    std::ranges::sort(all, {}, &Followed::mark);
    return all;
}

/// With its jitter; seconds since 1970.
std::optional<std::int64_t> Work::next_of(TaskState const& state, std::size_t index) const {
    auto due = agenda_.next_of(state.schedules[index].place);
    if (!due) return std::nullopt;
    return due->at + delay_of(state);
}

void Work::set_up_clocks(TaskState& state, std::vector<Followed> const& before) {
    auto const& task = *state.task;
    for (std::size_t i = 0; i < task.schedules.size(); ++i) {
        auto const& line = task.schedules[i];
        Schedule schedule;
        schedule.place = static_cast<std::uint32_t>(clocked_.size());
        clocked_.push_back({&state, static_cast<std::uint32_t>(i)});
        auto zone = hands_.zones.find(line.timezone.empty() ? task.timezone : line.timezone);
        if (!zone) {
            hands_.log.error(fmt::format("task '{}': {}; its schedule '{}' is not followed",
                                         task.name, zone.error().what, line.expression));
        } else {
            schedule.zone = *zone;
        }
        auto mark = mark_of(task, line);
        auto same = std::ranges::lower_bound(before, mark, {}, &Followed::mark);
        if (same != before.end() && same->mark == mark) {
            schedule.seen = same->seen;
            schedule.first = same->first;
            schedule.is_fresh = same->is_fresh;
            if (schedule.is_fresh) fresh_marks_.push_back(schedule.place);
        }
        state.schedules.push_back(std::move(schedule));
    }
    auto own = hands_.zones.find(task.timezone);
    if (own) state.zone = *own;
    if (!loaded_) return;
    for (std::size_t i = 0; i < state.schedules.size(); ++i) begin_schedule(state, i);
    // configure() sets the timer when all are known.
    if (task.every.every > Duration(0) && !state.every_at) state.every_at = now_;
}

/// Its first look at the clock: with a mark, at what was missed since; without one, nothing was.
void Work::begin_schedule(TaskState& state, std::size_t index) {
    auto& schedule = state.schedules[index];
    if (state.task->schedules[index].cron.is_reboot || schedule.zone == nullptr) return;
    auto now = wall_seconds();
    auto mark = mark_of(*state.task, state.task->schedules[index]);
    // What was loaded is as old as the daemon: it is looked up once and forgotten.
    auto seen = marks_.extract(mark), first = marks_.extract("first/" + mark);
    if (schedule.seen == 0 && seen) schedule.seen = std::atoll(seen.mapped().c_str());
    if (schedule.seen == 0) {
        schedule.seen = schedule.first = now;
        schedule.is_fresh = true;
        fresh_marks_.push_back(schedule.place);
    }
    if (schedule.first == 0) schedule.first = first ? std::atoll(first.mapped().c_str()) : now;
    if (schedule.seen > now + jump) {
        auto words = fmt::format(
            "the clock was set back by {} s or more while nobody looked; the "
            "schedule begins anew from here",
            schedule.seen - now);
        (void)journal_.note(
            {.kind = "clock.step", .subject = trigger_of(state, index), .words = words});
        note_clock_step();
        schedule.seen = now;
    }
    recompute(state, index);
}

/// A part after the other, each made when its turn has come: 100,000 new schedules are more than
/// may wait for the database, or lie in memory as writes, at once.
void Work::write_fresh_marks() {
    if (is_writing_marks_ || fresh_marks_.empty()) return;
    is_writing_marks_ = true;
    std::vector<ports::Write> part;
    while (!fresh_marks_.empty() && part.size() < marks_a_commit) {
        auto const& clock = clocked_.at(fresh_marks_.back());
        fresh_marks_.pop_back();
        auto& schedule = clock.state->schedules[clock.index];
        schedule.is_fresh = false;
        auto mark = mark_of(*clock.state->task, clock.state->task->schedules[clock.index]);
        part.push_back(ports::SetMark{mark, fmt::format("{}", schedule.seen)});
        part.push_back(ports::SetMark{"first/" + mark, fmt::format("{}", schedule.first)});
    }
    if (fresh_marks_.empty()) fresh_marks_.shrink_to_fit();
    hands_.store.commit(
        {.writes = std::move(part), .kind = ports::Commit::Kind::must, .may_conflict = true},
        [this](Result<ports::Committed> const& done) {
            if (!done) hands_.log.error("database: " + done.error().what);
            is_writing_marks_ = false;
            write_fresh_marks();
        });
}

void Work::recompute(TaskState& state, std::size_t index) {
    auto const& schedule = state.schedules[index];
    if (schedule.zone == nullptr || !state.task->enabled) {
        agenda_.drop(schedule.place);
        return;
    }
    auto const* known = agenda_.find(schedule.place);
    if (known != nullptr && known->zone == schedule.zone)
        return agenda_.recompute(schedule.place, schedule.seen);
    agenda_.put(schedule.place,
                {.cron = state.task->schedules[index].cron,
                 .zone = schedule.zone,
                 .dst = state.task->dst,
                 .delay = static_cast<std::int32_t>(delay_of(state))},
                schedule.seen);
}

// While the daemon ends nothing is taken: a timer for what is due already would come again at once.
void Work::set_clock_timer() {
    std::optional<Instant> at;
    if (auto next = agenda_.earliest(); next && loaded_ && !ending_)
        at = instant_of(WallTime(seconds(*next)));
    deadlines_.set(static_cast<std::uint64_t>(Timer::clocks), at);
}

void Work::clocks_due() {
    auto now = wall_seconds();
    while (!ending_) {
        auto due = agenda_.take_due(now, 1);
        if (due.empty()) break;
        auto const& what = clocked_.at(due.front().key);
        tick(*what.state, what.index, now);
    }
    set_clock_timer();
}

// Usually one due time, now. More when nobody could look: then `catchup` says what is done.
void Work::tick(TaskState& state, std::size_t index, std::int64_t now) {
    auto& schedule = state.schedules[index];
    auto delay = delay_of(state);
    std::vector<std::int64_t> missed;
    std::int64_t total = 0;
    auto after = schedule.seen;
    while (true) {
        auto due = schedule::next_due(state.task->schedules[index].cron, *schedule.zone, after,
                                      state.task->dst);
        if (!due || due->at + delay > now) break;
        after = due->at;
        total += 1;
        missed.push_back(due->at);
        if (missed.size() > most_missed) missed.erase(missed.begin(), missed.begin() + 5'000);
        if (total > 200'000) {  // more than four months of every minute: the rest is one number
            after = std::max(after, now - 3'600);
        }
    }
    if (missed.empty()) return recompute(state, index);
    bool is_on_time = missed.size() == 1 && now - missed.back() - delay <= on_time;
    if (is_on_time)
        fire_tick(state, index, missed.back());
    else
        catch_up(state, index, missed, total);
    if (state.schedules[index].waits)
        agenda_.rest(schedule.place);
    else
        recompute(state, index);
}

Incoming Work::tick_job(TaskState const& state, std::size_t index, std::int64_t due) const {
    auto mark = mark_of(*state.task, state.task->schedules[index]);
    auto name = fmt::format("{}@{}", mark, due);
    if (clock_steps_ > 0) name += fmt::format("+{}", clock_steps_);
    return {.job = {.task = state.task->name,
                    .once = std::move(name),
                    .source = "schedule " + state.task->schedules[index].expression},
            .by_clock = true,
            .due = WallTime(seconds(due)),
            .trigger = trigger_of(state, index),
            .with = {ports::SetMark{mark, fmt::format("{}", due)}}};
}

/// False when the task is full and waits for room: then the mark stays where it is.
bool Work::fire_tick(TaskState& state, std::size_t index, std::int64_t due) {
    auto& schedule = state.schedules[index];
    auto incoming = tick_job(state, index, due);
    std::string holiday;
    if (is_holiday(state, due, holiday)) {
        skip(incoming, holiday);
    } else {
        if (fire(incoming) == Fired::waits) {
            schedule.waits = true;
            waiting_schedules_.emplace_back(state.task->name, index);
            return false;
        }
    }
    schedule.seen = due;
    return true;
}

void Work::catch_up(TaskState& state, std::size_t index, std::vector<std::int64_t> const& missed,
                    std::int64_t total) {
    using What = config::Catchup::What;
    auto& schedule = state.schedules[index];
    auto const& policy = state.task->catchup;
    auto wanted = config::made_up(policy, missed.size());
    auto left_out = total - static_cast<std::int64_t>(wanted);
    if (left_out > 0) {
        auto last = missed[missed.size() - wanted - (wanted < missed.size() ? 1 : 0)];
        commit_must({ports::PutEvent{journal_.event(
                         {.kind = "trigger.missed",
                          .subject = trigger_of(state, index),
                          .words = fmt::format("{} due times passed while nobody could run them, "
                                               "until {} UTC; catchup leaves them out",
                                               left_out, utc_words(last)),
                          .data = details({}, {{"count", left_out},
                                               {"due_from", missed.front() * 1000},
                                               {"due_to", last * 1000}})})},
                     ports::SetMark{mark_of(*state.task, state.task->schedules[index]),
                                    fmt::format("{}", last)}});
        schedule.seen = std::max(schedule.seen, last);
    }
    Instant at = now_;
    for (auto due = missed.end() - static_cast<std::ptrdiff_t>(wanted); due != missed.end();
         ++due) {
        auto incoming = tick_job(state, index, *due);
        incoming.job.source += " (catching up)";
        if (policy.what == What::all && policy.rate.count > 0) {
            if (at > now_) incoming.job.not_before = hands_.clock.wall() + (at - now_);
            at += policy.rate.span / policy.rate.count;
        }
        std::string holiday;
        if (is_holiday(state, *due, holiday)) {
            skip(incoming, holiday);
        } else if (fire(incoming) == Fired::waits) {
            schedule.waits = true;
            waiting_schedules_.emplace_back(state.task->name, index);
            return;
        }
        schedule.seen = *due;
    }
}

/// What a full task could not take is offered again, now that jobs of it have started.
void Work::offer_again() {
    for (auto const& [task, index] : std::exchange(waiting_schedules_, {})) {
        auto* state = find(task);
        if (state == nullptr || index >= state->schedules.size()) continue;
        if (queue_.is_full(task)) {
            waiting_schedules_.emplace_back(task, index);
            continue;
        }
        state->schedules[index].waits = false;
        tick(*state, index, wall_seconds());
    }
    set_clock_timer();
}

bool Work::is_holiday(TaskState const& state, std::int64_t due, std::string& words) const {
    auto const& calendar = state.task->calendar;
    if (calendar.how == config::Calendar::How::none || state.zone == nullptr) return false;
    auto day = config::local_day(due + schedule::offset_at(*state.zone, due));
    bool is_left_out = config::leaves_out(calendar, day);
    if (is_left_out)
        words = fmt::format("{} is {} the calendar '{}'", day_words(day),
                            config::names_day(calendar, day) ? "in" : "not in", calendar.file);
    return is_left_out;
}

std::int64_t Work::delay_of(TaskState const& state) const {
    auto delay = schedule::stable_jitter(state.task->jitter, hands_.host + " " + state.task->name);
    return std::chrono::duration_cast<seconds>(delay).count();
}

// Of the configuration that is in force, from when each schedule was first followed.
std::vector<audit::DueInstant> Work::due_between(WallTime from, WallTime to) const {
    std::vector<audit::DueInstant> all;
    auto begin = std::chrono::floor<seconds>(from).time_since_epoch().count();
    auto end = std::min(std::chrono::floor<seconds>(to).time_since_epoch().count(),
                        wall_seconds() - on_time);
    for (auto const& [name, state] : tasks_) {
        if (state.task == nullptr || !state.task->enabled) continue;
        for (std::size_t i = 0; i < state.schedules.size(); ++i) {
            auto const& schedule = state.schedules[i];
            if (schedule.zone == nullptr) continue;
            // What waits for room in a full task is not forgotten: it is explained by that.
            auto last = schedule.waits ? std::min(end, schedule.seen) : end;
            auto after = std::max(begin - 1, schedule.first);
            while (all.size() < limits::store_rows) {
                auto due = schedule::next_due(state.task->schedules[i].cron, *schedule.zone, after,
                                              state.task->dst);
                if (!due || due->at + delay_of(state) > last) break;
                after = due->at;
                all.push_back({fmt::format("{}#{}", name, i), name, WallTime(seconds(due->at))});
            }
        }
    }
    return all;
}

// ---- once a boot

void Work::reboot_triggers() {
    for (auto& [name, state] : tasks_) {
        if (state.task == nullptr) continue;
        for (std::size_t i = 0; i < state.task->schedules.size(); ++i) {
            if (!state.task->schedules[i].cron.is_reboot) continue;
            auto mark = fmt::format("reboot/{}", name);
            if (marks_[mark] == hands_.boot_id) continue;
            marks_[mark] = hands_.boot_id;
            (void)fire({.job = {.task = name,
                                .once = fmt::format("reboot/{}/{}", name, hands_.boot_id),
                                .source = "schedule @reboot"},
                        .by_clock = true,
                        .trigger = trigger_of(state, i),
                        .with = {ports::SetMark{mark, hands_.boot_id}}});
        }
    }
}

// ---- intervals

void Work::begin_every() {
    for (auto& [name, state] : tasks_) {
        if (state.task == nullptr || state.task->every.every <= Duration(0)) continue;
        auto mark = marks_.find("every/" + name);
        state.every_at = now_;
        if (mark != marks_.end()) {
            auto last = WallTime(Duration(std::atoll(mark->second.c_str())));
            auto next = std::min(last, hands_.clock.wall()) + state.task->every.every;
            state.every_at = std::max(now_, instant_of(next));
        }
    }
    set_every_timer();
}

void Work::set_every_timer() {
    std::optional<Instant> earliest;
    for (auto const& [name, state] : tasks_)
        if (state.every_at && (!earliest || *state.every_at < *earliest)) earliest = state.every_at;
    bool may_come = loaded_ && !ending_;
    deadlines_.set(static_cast<std::uint64_t>(Timer::every), may_come ? earliest : std::nullopt);
}

void Work::every_due() {
    for (auto& [name, state] : tasks_) {
        if (state.task == nullptr || !state.every_at || *state.every_at > now_ || ending_) continue;
        auto every = state.task->every.every;
        state.every_at.reset();
        if (every <= Duration(0)) continue;
        auto fired =
            fire({.job = {.task = name, .source = "every"},
                  .by_clock = true,
                  .trigger = fmt::format("trigger/{}#every", name),
                  .with = {ports::SetMark{
                      "every/" + name,
                      fmt::format("{}", hands_.clock.wall().time_since_epoch().count())}}});
        // From the end: when the job has ended; until then, should it have been skipped, as well.
        if (!state.task->every.from_end || fired != Fired::put) state.every_at = now_ + every;
    }
    set_every_timer();
}

// ---- the clock itself

void Work::note_clock_step() {
    clock_steps_ += 1;
    commit_must({ports::SetMark{"clock/steps", fmt::format("{}", clock_steps_)}});
}

void Work::on(ports::WallClockJumped const& event) {
    now_ = hands_.clock.now();
    auto step = std::chrono::duration_cast<seconds>(event.by - event.suspended).count();
    if (event.suspended > Duration(0))
        (void)journal_.note(
            {.kind = "clock.suspend",
             .subject = "clock",
             .words = fmt::format("the machine slept for {} s",
                                  std::chrono::duration_cast<seconds>(event.suspended).count())});
    if (step != 0)
        (void)journal_.note({.kind = "clock.step",
                             .subject = "clock",
                             .words = fmt::format("the clock was set {} by {} s",
                                                  step > 0 ? "forward" : "back", std::abs(step)),
                             .data = details({}, {{"by_ms", step * 1000}})});
    if (!loaded_) return;
    if (step < 0) note_clock_step();
    auto now = wall_seconds();
    for (auto& [name, state] : tasks_) {
        for (std::size_t i = 0; i < state.schedules.size(); ++i) after_step(state, i, step, now);
    }
    for (auto& [id, job] : jobs_)
        if (job.state == job::State::ready && job.not_before != WallTime{} && job.errors == 0)
            queue_.set_ready_at(id, instant_of(job.not_before));
    set_clock_timer();
    look_at_gates_ = look_at_starts_ = true;
}

// As cronie: a small step is a gap or an overlap, in which wildcard jobs follow the clock and
// fixed-time jobs are made up or not repeated; a large one is a jump, and nothing is made up.
void Work::after_step(TaskState& state, std::size_t index, std::int64_t step, std::int64_t now) {
    auto& schedule = state.schedules[index];
    if (schedule.zone == nullptr) return;
    bool is_wildcard = state.task->schedules[index].cron.is_wildcard;
    bool is_jump = std::abs(step) >= jump;
    if (step > 0 && (is_jump || is_wildcard) && schedule.seen < now) {
        commit_must(
            {ports::PutEvent{journal_.event(
                 {.kind = "trigger.missed",
                  .subject = trigger_of(state, index),
                  .cause = journal_.last_of("clock"),
                  .words = "the clock was set forward over its due times, if there were any",
                  .data =
                      details({}, {{"due_from", schedule.seen * 1000}, {"due_to", now * 1000}})})},
             ports::SetMark{mark_of(*state.task, state.task->schedules[index]),
                            fmt::format("{}", now)}});
        schedule.seen = now;
    }
    if (step < 0 && (is_jump || is_wildcard)) schedule.seen = std::min(schedule.seen, now);
    recompute(state, index);
}

void Work::watch_zones() {
    bool has_clocks = std::ranges::any_of(
        tasks_, [](auto const& entry) { return !entry.second.schedules.empty(); });
    if (!has_clocks || zone_watch_ != 0) return;
    auto watch = hands_.next_watch();
    zone_watch_ = static_cast<std::uint32_t>(watch);
    hands_.folders.watch(watch, hands_.zones.files(), zones_quiet);
}

bool Work::on(ports::FilesChanged const& event) {
    if (zone_watch_ == 0 || static_cast<std::uint32_t>(event.watch) != zone_watch_) return false;
    if (!hands_.zones.reload()) return true;
    int moved = 0;
    for (auto& [name, state] : tasks_) {
        auto zone = hands_.zones.find(state.task->timezone);
        if (zone) state.zone = *zone;
        for (std::size_t i = 0; i < state.schedules.size(); ++i) {
            auto const& own = state.task->schedules[i].timezone;
            auto other = hands_.zones.find(own.empty() ? state.task->timezone : own);
            if (!other || *other == state.schedules[i].zone) continue;
            state.schedules[i].zone = *other;
            auto before = next_of(state, i);
            recompute(state, i);
            if (next_of(state, i) != before) moved += 1;
        }
    }
    auto words = fmt::format("time zones were updated; {} coming runs moved", moved);
    hands_.log.warning(words);
    (void)journal_.note({.kind = "clock.zone", .subject = "clock", .words = words});
    set_clock_timer();
    return true;
}

}  // namespace lares::daemon
