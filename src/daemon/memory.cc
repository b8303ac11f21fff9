// daemon/memory.cc: what outlives the daemon: noted before it is acted upon, taken up by the next.
//
// Each unit has a record, the daemon has one. A unit's record is written before any process is made
// or signalled on its account, before any answer, and at the end of each turn. So a successor finds
// the state from which the last action followed, and either that action's mark in the world (a run
// that was made) or a mark in the record that it may not have happened (Unit::unsent).

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "daemon/daemon.h"
#include "daemon/unit_record.h"

namespace lares::daemon {

using supervise::Hook;
using supervise::State;

namespace {

/// Ids are noted before they are used, so many at once.
constexpr std::uint64_t ids_ahead = 1'000;
constexpr std::string_view daemon_key = "daemon";
constexpr std::string_view unit_prefix = "unit/";

/// "web 4".
std::optional<std::pair<std::string, int>> parse_scale(std::string const& text) {
    auto space = text.rfind(' ');
    if (space == std::string::npos) return std::nullopt;
    int count = 0;
    std::from_chars(text.data() + space + 1, text.data() + text.size(), count);
    return std::pair(text.substr(0, space), count);
}

}  // namespace

// ---- writing

void Daemon::touch(Unit& unit) {
    if (std::exchange(unit.touched, true)) return;
    touched_.push_back(unit.key);
}

void Daemon::note(Unit& unit) {
    auto index = static_cast<std::size_t>(unit.index);
    unit.noted_entry = index < entries_.size() ? entries_[index] : wishes::Entry{};
    doors_.memory.keep(record_key(unit), write_record(unit, unit.noted_entry));
    unit.touched = false;
}

void Daemon::note_touched() {
    if (memory_is_over_) return touched_.clear();
    if (std::exchange(look_at_entries_, false))
        for (std::size_t i = 0; i < units_.size() && i < entries_.size(); ++i)
            if (units_[i]->noted_entry != entries_[i]) touch(*units_[i]);
    for (auto key : std::exchange(touched_, {})) {
        auto unit = unit_of_key_.find(key);
        if (unit != unit_of_key_.end() && unit->second->touched) note(*unit->second);
    }
    if (daemon_touched_) note_daemon();
}

void Daemon::note_daemon() {
    daemon_touched_ = false;
    text::RecordWriter out;
    out.put_number("version", 1);
    out.put_number("pid", doors_.own_pid);
    out.put_number("last_run", static_cast<std::int64_t>(noted_run_));
    out.put_number("last_channel", static_cast<std::int64_t>(noted_channel_));
    out.put_number_if("stopping", phase_ != Phase::running || shut_down_asked_);
    out.put_number_if("restarting", restarting_ && !shut_down_asked_);
    out.put_number_if("started", started_);
    out.put_number_if("exit_code", exit_code_);
    out.put_number_if("over_limit", over_limit_);
    if (shutdown_limit_at_)
        out.put_number("shutdown_limit_at", shutdown_limit_at_->time_since_epoch().count());
    for (auto const& [program, count] : scales_)
        out.put("scale", fmt::format("{} {}", program, count));
    for (auto const& rolling : rolling_) {
        out.put("rolling", "");
        for (auto const& name : rolling->left) out.put("rolling", name);
    }
    doors_.memory.keep(daemon_key, out.take());
}

// What ended is let go only now: until here a successor would have learned of it once more.
void Daemon::end_turn_in_memory() {
    note_touched();
    for (auto run : std::exchange(ended_, {})) doors_.processes.noted(run);
    auto trouble = doors_.memory.trouble();
    if (trouble == memory_trouble_) return;
    if (trouble.empty())
        log_.warning("what outlives the daemon can be kept again");
    else if (memory_trouble_.empty())
        log_.error(
            fmt::format("{}; programs would outlive the daemon, but not what is known of "
                        "them, until that is mended",
                        trouble));
    memory_trouble_ = std::move(trouble);
}

ports::ChannelId Daemon::next_channel() {
    if (++last_channel_ > noted_channel_) {
        noted_channel_ = last_channel_ + static_cast<std::uint32_t>(ids_ahead);
        note_daemon();
    }
    return ports::ChannelId{last_channel_};
}

ports::RunId Daemon::next_run_id() {
    if (++last_run_ > noted_run_) {
        noted_run_ = last_run_ + ids_ahead;
        note_daemon();
    }
    return ports::RunId{last_run_};
}

ports::RunId Daemon::next_run(RunOwner owner) {
    auto run = next_run_id();
    runs_.emplace(static_cast<std::uint64_t>(run), owner);
    return run;
}

void Daemon::forget_record(Unit const& unit) { doors_.memory.drop(record_key(unit)); }

// The daemon's own record stays: a successor of one that dies here has only to end as well.
void Daemon::end_memory() {
    for (auto const& unit : units_) forget_record(*unit);
    pools_.forget_all();
    note_daemon();
    memory_is_over_ = true;
}

// ---- reading

void Daemon::recall() {
    for (auto& [key, bytes] : doors_.memory.take_left()) {
        auto record = text::Record::parse(bytes);
        if (key == daemon_key) recall_daemon(record);
        if (pools_.take_left(key, bytes) || work_.take_left(key, record)) continue;
        if (key.starts_with(unit_prefix))
            left_.emplace(key.substr(unit_prefix.size()), std::move(record));
    }
}

void Daemon::recall_daemon(text::Record const& record) {
    last_run_ = noted_run_ = static_cast<std::uint64_t>(record.number("last_run"));
    last_channel_ =
        std::max(last_channel_, static_cast<std::uint32_t>(record.number("last_channel")));
    noted_channel_ = last_channel_;
    predecessor_ = static_cast<int>(record.number("pid"));
    if (!doors_.is_successor) return;
    takes_over_ = true;
    started_ = record.number("started") != 0;
    exit_code_ = static_cast<int>(record.number("exit_code"));
    over_limit_ = record.number("over_limit") != 0;
    if (record.number("stopping") != 0) phase_ = Phase::stopping;
    restarting_ = record.number("restarting") != 0;
    if (auto at = record.find_number("shutdown_limit_at"))
        shutdown_limit_at_ = Instant(Duration(*at));
    for (auto const& scale : record.all("scale")) recall_scale(scale);
    for (auto& name : record.all("rolling")) {
        if (name.empty()) {
            rolling_.push_back(std::make_unique<Rolling>(Rolling{.id = ++last_wait_}));
        } else if (!rolling_.empty()) {
            rolling_.back()->left.push_back(std::move(name));
        }
    }
}

void Daemon::recall_scale(std::string const& text) {
    auto scale = parse_scale(text);
    if (!scale) return;
    auto program = std::ranges::find(settings_->programs, scale->first, &config::Program::name);
    if (program == settings_->programs.end()) return;
    program->numprocs = scale->second;
    scales_[scale->first] = scale->second;
}

/// Gives each unit what its predecessor was, and makes units for what the configuration does not
/// have any more.
void Daemon::restore_units() {
    if (!left_.empty() && !doors_.is_successor) return restore_orphans();
    for (auto& unit : units_) {
        auto found = left_.find(unit->full_name());
        if (found == left_.end()) continue;
        restore(*unit, found->second);
        left_.erase(found);
    }
    for (auto const& [name, record] : std::exchange(left_, {})) restore_departed(name, record);
}

void Daemon::restore(Unit& unit, text::Record const& record) {
    wishes::Entry entry;
    read_record(record, unit, entry);
    restored_.push_back({&unit, std::move(entry)});
    // By an older file of ids, or a lost one.
    if (unit.run) last_run_ = std::max(last_run_, static_cast<std::uint64_t>(*unit.run));
    touch(unit);
}

void Daemon::restore_departed(std::string const& name, text::Record const& record) {
    auto colon = name.find(':');
    bool was_alive = record.find("run") || record.number("spawning") != 0 ||
                     record.find("waiting_for") || record.number("post_stop_runs") != 0;
    if (colon == std::string::npos || !was_alive)
        return doors_.memory.drop(fmt::format("unit/{}", name));
    Unit* unit = add_scaled_away(name, record);
    if (unit == nullptr) {
        departed_.push_back(std::make_unique<config::Program>(departed_program(record)));
        config::ProcessSettings process;
        process.group = name.substr(0, colon);
        process.name = name.substr(colon + 1);
        process.command_error = "it is not configured any more";
        unit = &add_unit(*departed_.back(), std::move(process), 999);
        log_.warning(fmt::format("'{}' is not configured any more", unit->shown_name()));
    }
    restore(*unit, record);
    unit->removing = true;
    scaled_down_ += 1;
}

/// A process beyond the number that its program has now: it was on its way out, with all that its
/// program says.
Unit* Daemon::add_scaled_away(std::string const& name, text::Record const& record) {
    auto const* program = settings_->find_program(record.text("program"));
    auto number = record.number("number");
    if (program == nullptr || number < 0 || number > limits::processes) return nullptr;
    int count = static_cast<int>(number) - program->numprocs_start + 1;
    auto group = name.substr(0, name.find(':'));
    auto processes =
        config::expand_processes(*settings_, doors_.world, *program, group, std::max(count, 0));
    if (!processes) return nullptr;
    for (auto& process : *processes)
        if (process.group + ":" + process.name == name)
            return &add_unit(*program, std::move(process), 999);
    return nullptr;
}

void Daemon::restore_entries() {
    for (auto& [unit, entry] : restored_) entries_[static_cast<std::size_t>(unit->index)] = entry;
    for (auto const& unit : units_) {
        bool leaves = unit->removing && supervise::is_up(unit->process.state);
        if (leaves) wish(unit->index, wishes::Wish::stop, false, "not configured any more");
    }
    look_at_entries_ = true;
}

// ---- taking over

void Daemon::adopt_units() {
    for (auto const& restored : restored_) {
        adopt_main(*restored.unit);
        for (std::size_t hook = 0; hook < restored.unit->hooks.size(); ++hook)
            if (restored.unit->hooks[hook].run) adopt_hook(*restored.unit, static_cast<Hook>(hook));
    }
    expect_of_programs();
    work_.adopt_left();
    doors_.processes.adoption_ended();
}

ports::AdoptRequest Daemon::adopt_request(Unit const& unit) const {
    ports::AdoptRequest request;
    if (unit.out != ports::ChannelId{}) request.out = unit.out;
    if (unit.err != ports::ChannelId{}) request.err = unit.err;
    if (unit.program->user) request.uid = unit.program->user->uid;
    if (unit.program->cgroup.wanted()) request.cgroup = unit.full_name();
    request.name = unit.settings.name;
    return request;
}

void Daemon::adopt_main(Unit& unit) {
    if (!unit.run || unit.is_orphan) return;
    auto run = *unit.run;
    auto request = adopt_request(unit);
    request.pid = unit.process.pid;
    request.start_ticks = unit.start_ticks;
    runs_.emplace(static_cast<std::uint64_t>(run), RunOwner{&unit, Role::main});
    switch (doors_.processes.adopt(run, std::move(request))) {
    case ports::Adopted::running:
    case ports::Adopted::spawned:
        taken_over_ += 1;
        return;
    case ports::Adopted::never_made:  // made again, or called off, by resume()
        runs_.erase(static_cast<std::uint64_t>(run));
        unit.run.reset();
        return;
    case ports::Adopted::gone:
        return push_unseen_end(run, unit.process.pid);
    }
}

void Daemon::adopt_hook(Unit& unit, Hook hook) {
    auto& side = unit.hooks[static_cast<std::size_t>(hook)];
    auto run = *side.run;
    auto request = adopt_request(unit);
    request.pid = side.pid;
    request.start_ticks = side.start_ticks;
    request.cgroup.clear();
    runs_.emplace(static_cast<std::uint64_t>(run), RunOwner{&unit, Role::hook, hook});
    switch (doors_.processes.adopt(run, std::move(request))) {
    case ports::Adopted::running:
    case ports::Adopted::spawned:
        return;
    case ports::Adopted::never_made:
        runs_.erase(static_cast<std::uint64_t>(run));
        side.run.reset();
        return;
    case ports::Adopted::gone:
        return push_unseen_end(run, side.pid);
    }
}

void Daemon::push_unseen_end(ports::RunId run, int pid) {
    push(ports::Exited{.run = run,
                       .pid = pid,
                       .code = -1,
                       .signal = 0,
                       .core_dumped = false,
                       .at = now_,
                       .status_unknown = true});
}

/// Whether the machine waits for that hook's end.
static bool awaits(supervise::Process const& process, Hook hook) {
    switch (hook) {
    case Hook::pre_start:
    case Hook::pre_stop:
        return process.waiting_for == hook;
    case Hook::post_start:
        return process.post_start_runs;
    case Hook::post_stop:
        return process.post_stop_runs;
    }
    return false;
}

/// Goes on with what the predecessor was about to do. Nothing is announced: nothing changed.
void Daemon::resume() {
    if (predecessor_ != 0 && taken_over_ > 0)
        log_.warning(fmt::format("took over {} processes from the daemon that ended (pid {})",
                                 taken_over_, predecessor_));
    auto restored = std::exchange(restored_, {});
    for (auto& each : restored) resume_timers(*each.unit);
    for (auto& each : restored) resume_actions(*each.unit);
    for (auto& each : restored) resume_health(*each.unit);
    if (shutdown_limit_at_)
        deadlines_.set(static_cast<std::uint64_t>(Timer::shutdown_limit), *shutdown_limit_at_);
    if (phase_ == Phase::stopping) {
        if (restarting_) next_settings_ = std::make_unique<config::Settings>(*settings_);
        stop_everything();
        return note_waiting();
    }
    std::vector<control::WaitId> ids;
    for (auto const& rolling : rolling_) ids.push_back(rolling->id);
    for (auto id : ids) roll_on(id);
}

void Daemon::resume_timers(Unit& unit) {
    set_timer(unit, Timer::process, unit.process.deadline);
    for (std::size_t i = 0; i < unit.hooks.size(); ++i)
        if (unit.hooks[i].run)
            set_timer(unit, static_cast<Timer>(static_cast<std::uint64_t>(Timer::hook) + i),
                      unit.hooks[i].deadline);
}

void Daemon::resume_actions(Unit& unit) {
    for (auto hook : {Hook::pre_start, Hook::post_start, Hook::pre_stop, Hook::post_stop})
        resume_hook(unit, hook);
    if (unit.unsent) send_signal(unit, *unit.unsent);
    if (!unit.process.spawning || unit.run) return;
    bool wanted = unit.process.state == State::starting && phase_ == Phase::running;
    if (wanted) return launch(unit);
    feed(unit, supervise::SpawnFailed{"the daemon ended before it was made"});
}

void Daemon::resume_hook(Unit& unit, Hook hook) {
    auto& side = unit.hooks[static_cast<std::size_t>(hook)];
    if (side.run) {
        if (side.given_up) end_hook(unit, hook);
        return;
    }
    if (!awaits(unit.process, hook)) return;
    // Decided and never begun, or called off before it was.
    bool wanted = !side.given_up;
    if (hook == Hook::pre_start) wanted = wanted && unit.process.state == State::starting;
    if (hook == Hook::post_start) wanted = wanted && unit.process.state == State::running;
    side = {};
    wanted = wanted && !hook_command(unit, hook).argv.empty();
    if (wanted) return run_hook(unit, hook);
    on_hook_exit(unit, hook, false, "ended before it had begun");
}

void Daemon::resume_health(Unit& unit) {
    auto const& process = unit.process;
    if (process.pid == 0) return;
    if (process.state == State::running) begin_liveness(unit);
    if (process.state != State::starting || process.ready) return;
    begin_readiness(unit);
    if (unit.settings.ready.kind == config::Probe::Kind::after && process.spawned_at)
        set_timer(unit, Timer::ready, *process.spawned_at + unit.settings.ready.after);
}

}  // namespace lares::daemon
