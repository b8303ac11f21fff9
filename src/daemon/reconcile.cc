// daemon/reconcile.cc: other settings for what runs, process by process.
//
// Units point into settings_. When settings_ is replaced every unit that stays is pointed anew; the
// old settings are kept until the last that still runs by them is down (retired_).

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "base/limits.h"
#include "config/needs.h"
#include "daemon/comparison.h"
#include "daemon/daemon.h"

namespace lares::daemon {

using plan::Action;
using supervise::State;

namespace {

std::string full_name(config::ProcessSettings const& process) {
    return process.group + ":" + process.name;
}

/// Expansions of all texts give the same as before, when the texts are the same.
bool same_ground(config::Settings const& before, config::Settings const& after) {
    return before.here == after.here && before.daemon.environment == after.daemon.environment &&
           before.daemon.directory == after.daemon.directory &&
           before.daemon.nodaemon == after.daemon.nodaemon;
}

using UnitsOfProgram = std::unordered_map<std::string, std::vector<Unit*>>;

std::string key_of(std::string_view group, std::string_view program) {
    return std::string(group) + ":" + std::string(program);
}

/// The settings that the units have are the program's: nothing needs to be expanded.
bool are_unchanged(std::vector<Unit*> const& units, config::Program const& program) {
    return static_cast<int>(units.size()) == program.numprocs &&
           std::ranges::all_of(
               units, [](Unit const* unit) { return !unit->removing && !unit->successor; }) &&
           (units.empty() || config::same_meaning(*units.front()->program, program));
}

}  // namespace

Result<std::vector<WantedProcess>> Daemon::wanted_of(config::Settings const& next) {
    UnitsOfProgram units;
    for (auto& unit : units_)
        units[key_of(unit->settings.group, unit->program->name)].push_back(unit.get());
    std::unordered_map<std::string_view, config::Program const*> programs;
    for (auto const& program : next.programs) programs.emplace(program.name, &program);
    bool same = same_ground(*settings_, next);
    std::vector<WantedProcess> wanted;
    for (auto const& group : next.groups)
        for (auto const& name : group.programs) {
            auto const* program = programs[name];
            if (program == nullptr) continue;
            auto const& known = units[key_of(group.name, name)];
            if (same && are_unchanged(known, *program)) {
                for (auto* unit : known)
                    wanted.push_back({program, unit->settings, group.priority, unit, {}});
                continue;
            }
            for (auto& process : TRY(config::expand_processes(next, doors_.world, *program,
                                                              group.name, program->numprocs)))
                wanted.push_back({program, std::move(process), group.priority, nullptr, {}});
        }
    return wanted;
}

Result<Comparison> Daemon::compare(config::Settings const& next) {
    Comparison comparison;
    comparison.wanted = TRY(wanted_of(next));
    if (static_cast<int>(comparison.wanted.size()) > limits::processes)
        return Error{Error::Kind::invalid,
                     fmt::format("{} processes are configured, at most {} are possible",
                                 comparison.wanted.size(), limits::processes)};
    for (auto const& circle : config::check_needs(next))
        return Error{Error::Kind::invalid, circle.what};
    sort_by_start(comparison.wanted);
    std::vector<plan::Present> present;
    std::unordered_map<std::string, Unit*> by_name;
    for (int index : order_.start_order()) {
        Unit& unit = at(index);
        bool wished = entries_[static_cast<std::size_t>(index)].wish == wishes::Wish::start;
        comparison.units.push_back(&unit);
        present.push_back({unit.full_name(), condition_of(unit, wished), unit.removing});
        by_name.emplace(unit.full_name(), &unit);
    }
    auto needs = needs_of(comparison.wanted);
    std::vector<plan::Wanted> wanted;
    for (std::size_t i = 0; i < comparison.wanted.size(); ++i) {
        auto& one = comparison.wanted[i];
        plan::Wanted entry{full_name(one.settings), plan::Difference::none, one.program->autostart,
                           one.program->autostart, std::move(needs[i])};
        bool unchanged = one.unit != nullptr;
        auto known = by_name.find(entry.name);
        if (known != by_name.end()) one.unit = known->second;
        if (one.unit != nullptr && !unchanged) {
            one.changes = config::changed_options({*one.unit->program, one.unit->settings},
                                                  {*one.program, one.settings});
            entry.difference = config::difference(one.changes);
            entry.had_autostart = one.unit->program->autostart;
        }
        wanted.push_back(std::move(entry));
    }
    comparison.steps = plan::steps(present, wanted);
    return comparison;
}

// Two rounds: first every unit gets or awaits its settings and the set is put in order, then what
// shall stop or start is told, because wishes follow the order.
void Daemon::adopt(std::unique_ptr<config::Settings> next, Comparison comparison,
                   std::string const& why) {
    auto before = std::exchange(settings_, std::move(next));
    server_url_ = server_url(*settings_);
    bool other_log = before->daemon.logfile != settings_->daemon.logfile ||
                     before->daemon.logfile_maxbytes != settings_->daemon.logfile_maxbytes ||
                     before->daemon.logfile_backups != settings_->daemon.logfile_backups ||
                     before->daemon.loglevel != settings_->daemon.loglevel;
    retired_.push_back(std::move(before));
    if (other_log) configure_main_log();

    std::vector<bool> has_step(comparison.wanted.size());
    for (auto const& step : comparison.steps)
        if (step.wanted >= 0) has_step[static_cast<std::size_t>(step.wanted)] = true;
    for (std::size_t i = 0; i < comparison.wanted.size(); ++i)
        if (!has_step[i]) point_anew(comparison.wanted[i]);
    for (auto const& step : comparison.steps) {
        log_.info(
            fmt::format("configuration: {} '{}' ({})", plan::name(step.action), step.name, why));
        prepare_step(step, comparison);
    }
    if (auto ordered = rebuild_order(); !ordered) log_.error(ordered.error().what);
    tell_group_changes(*retired_.back());
    for (auto const& step : comparison.steps) begin_step(step, comparison);
    watch_programs();
    work_.configure(*settings_);
    expect_of_programs();
    if (face_) face_->logs_changed();
}

void Daemon::point_anew(WantedProcess& wanted) {
    Unit& unit = *wanted.unit;
    unit.group_priority = wanted.group_priority;
    if (unit.successor) {
        unit.successor->program = wanted.program;
        unit.successor->settings = std::move(wanted.settings);
        return;
    }
    unit.program = wanted.program;
    unit.settings = std::move(wanted.settings);
}

void Daemon::prepare_step(plan::Step const& step, Comparison& comparison) {
    if (step.action == Action::stop || step.action == Action::remove) {
        Unit& unit = *comparison.units.at(static_cast<std::size_t>(step.present));
        unit.removing = true;
        scaled_down_ += 1;
        if (std::exchange(unit.successor, std::nullopt)) succeeding_ -= 1;
        return;
    }
    auto& wanted = comparison.wanted.at(static_cast<std::size_t>(step.wanted));
    if (wanted.unit == nullptr) {
        wanted.unit = &add_unit(*wanted.program, std::move(wanted.settings), wanted.group_priority);
        open_logs(*wanted.unit);
        return;
    }
    Unit& unit = *wanted.unit;
    unit.group_priority = wanted.group_priority;
    if (std::exchange(unit.removing, false)) {
        scaled_down_ -= 1;
        finish_scalings({unit.full_name()});
    }
    bool goes_on = config::difference(wanted.changes) != plan::Difference::restart;
    if (goes_on && !unit.successor && step.action != Action::start)
        return give(unit, *wanted.program, std::move(wanted.settings));
    if (!unit.successor) succeeding_ += 1;
    bool told = unit.successor && unit.successor->told;
    unit.successor =
        Successor{wanted.program, std::move(wanted.settings),
                  step.action == Action::restart || step.action == Action::start, told};
}

void Daemon::begin_step(plan::Step const& step, Comparison& comparison) {
    if (step.action == Action::stop || step.action == Action::remove) {
        Unit& unit = *comparison.units.at(static_cast<std::size_t>(step.present));
        wish(unit.index, wishes::Wish::stop, false, "no longer configured");
        // What waits in EXITED for its restart is not up, and would come again.
        if (!supervise::is_up(unit.process.state))
            feed(unit, supervise::StopAsked{"no longer configured"});
        return;
    }
    Unit& unit = *comparison.wanted.at(static_cast<std::size_t>(step.wanted)).unit;
    if (step.action == Action::start && !unit.successor)
        wish(unit.index, wishes::Wish::start, false, "configured");
    wished_ = wishes_pending_ = true;  // successors are looked at when wishes are granted
}

// Other settings for a process that goes on as it is, or that is down.
void Daemon::give(Unit& unit, config::Program const& program, config::ProcessSettings settings) {
    auto const& old_program = *unit.program;
    auto const old_settings = std::exchange(unit.settings, std::move(settings));
    unit.program = &program;
    refresh_log(unit, old_program, old_settings, /*is_stdout=*/true);
    refresh_log(unit, old_program, old_settings, /*is_stdout=*/false);
    bool other_watch = old_settings.alive != unit.settings.alive ||
                       !(old_program.alive_plan == program.alive_plan);
    if (other_watch && unit.process.state == State::running) {
        end_health(unit);
        begin_liveness(unit);
    }
}

// The channel stays, so that the pipe of a process that runs goes on into the other file.
void Daemon::refresh_log(Unit& unit, config::Program const& old_program,
                         config::ProcessSettings const& old_settings, bool is_stdout) {
    using Kind = config::LogTarget::Kind;
    auto const& target = is_stdout ? unit.settings.out : unit.settings.err;
    auto const& old_target = is_stdout ? old_settings.out : old_settings.err;
    auto const& log = is_stdout ? unit.program->out : unit.program->err;
    auto const& old_log = is_stdout ? old_program.out : old_program.err;
    auto const& prefix = is_stdout ? unit.settings.out_prefix : unit.settings.err_prefix;
    auto const& old_prefix = is_stdout ? old_settings.out_prefix : old_settings.err_prefix;
    bool redirected = !is_stdout && unit.program->redirect_stderr;
    bool was_redirected = !is_stdout && old_program.redirect_stderr;
    if (target == old_target && log == old_log && prefix == old_prefix &&
        redirected == was_redirected)
        return;
    auto& channel = is_stdout ? unit.out : unit.err;
    auto& path = is_stdout ? unit.out_path : unit.err_path;
    bool listened = wants_output(*unit.program, is_stdout) || log.capture_maxbytes > 0;
    bool wanted = !redirected && (target.kind != Kind::none || log.syslog || listened);
    bool keeps_name = target.kind == Kind::automatic && old_target.kind == Kind::automatic;
    if (!keeps_name || !wanted) path.clear();
    if (!wanted) {
        if (channel == ports::ChannelId{}) return;
        doors_.logs.close(channel);
        log_names_.erase(static_cast<std::uint32_t>(channel));
        unit_of_channel_.erase(static_cast<std::uint32_t>(channel));
        channel = {};
        return;
    }
    if (target.kind == Kind::file) path = target.path;
    std::string_view stream = is_stdout ? "stdout" : "stderr";
    if (target.kind == Kind::automatic && path.empty())
        path = automatic_log_path(unit.settings.name, stream);
    if (channel == ports::ChannelId{}) channel = ports::ChannelId{++last_channel_};
    unit_of_channel_[static_cast<std::uint32_t>(channel)] = &unit;
    log_names_[static_cast<std::uint32_t>(channel)] =
        fmt::format("{} of '{}'", stream, unit.shown_name());
    doors_.logs.open(channel, log_spec(*settings_, *unit.program, unit.settings, is_stdout, path));
}

// A process that must be restarted goes when everything that needs it and is to go as well has
// gone; what needs it and stays is left alone. It starts when what it needs is RUNNING.
void Daemon::settle_successors() {
    if (succeeding_ == 0) return;
    for (auto& unit : units_) {
        if (!unit->successor) continue;
        if (is_at_rest(*unit) && !comes_again(*unit)) {
            take_successor(*unit);
            continue;
        }
        if (unit->successor->told || phase_ != Phase::running || !may_go(*unit)) continue;
        unit->successor->told = true;
        entries_[static_cast<std::size_t>(unit->index)] = {};
        feed(*unit, supervise::StopAsked{"its configuration changed"});
        if (is_at_rest(*unit)) take_successor(*unit);
    }
}

// It waits in EXITED for its restart, which a StopAsked calls off.
bool Daemon::comes_again(Unit const& unit) const {
    return unit.process.state == State::exited && unit.process.deadline && !unit.successor->told;
}

bool Daemon::may_go(Unit const& unit) const {
    auto goes = [](Unit const& other) { return other.successor || other.removing; };
    return std::ranges::none_of(order_.dependants(unit.index), [&](int index) {
        return goes(at(index)) && !is_at_rest(at(index));
    });
}

void Daemon::take_successor(Unit& unit) {
    auto successor = std::move(*unit.successor);
    unit.successor.reset();
    succeeding_ -= 1;
    give(unit, *successor.program, std::move(successor.settings));
    if (successor.start && phase_ == Phase::running)
        wish(unit.index, wishes::Wish::start, false, "its configuration changed");
}

// All that runs points into settings_ again.
void Daemon::drop_retired() {
    if (succeeding_ == 0 && scaled_down_ == 0) retired_.clear();
}

}  // namespace lares::daemon
