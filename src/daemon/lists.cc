// daemon/lists.cc: the set of processes: made from settings, put in order, scaled, taken away.

#include <fmt/core.h>

#include <algorithm>
#include <unordered_set>

#include "base/limits.h"
#include "daemon/daemon.h"
#include "daemon/plans.h"

namespace lares::daemon {

namespace {

constexpr ports::ChannelId main_log_channel{1};
constexpr ports::ChannelId echo_channel{2};
constexpr ports::ChannelId no_channel{0};

}  // namespace

void Daemon::configure_main_log() {
    auto const& daemon = settings_->daemon;
    std::vector<ports::ChannelId> channels;
    if (!daemon.logfile.empty()) {
        ports::LogSpec spec;
        if (daemon.logfile == "syslog") {
            spec.kind = ports::LogSpec::Kind::syslog;
            spec.syslog_name = daemon.identifier;
        }
        if (daemon.logfile == "journald") {
            spec.kind = ports::LogSpec::Kind::journald;
            spec.syslog_name = daemon.identifier;
        }
        spec.path = daemon.logfile;
        spec.maxbytes = daemon.logfile_maxbytes;
        spec.backups = daemon.logfile_backups;
        if (log_names_.contains(1)) doors_.logs.close(main_log_channel);  // of the time before
        doors_.logs.open(main_log_channel, std::move(spec));
        log_names_[1] = "main log";
        channels.push_back(main_log_channel);
    }
    if (doors_.echo && daemon.logfile != "/dev/stdout") {
        ports::LogSpec spec;
        spec.path = "/dev/stdout";
        if (log_names_.contains(2)) doors_.logs.close(echo_channel);
        doors_.logs.open(echo_channel, std::move(spec));
        log_names_[2] = "standard output";
        channels.push_back(echo_channel);
    }
    log_.configure(level_named(daemon.loglevel), std::move(channels));
}

Result<> Daemon::prepare() {
    now_ = doors_.clock.now();
    server_url_ = server_url(*settings_);
    configure_main_log();
    recall();
    recall_remembered();
    TRY(build_units());
    // What runs already does not stop for want of a socket.
    for (auto const& error : open_sockets()) {
        if (doors_.is_successor)
            log_.error(error.what);
        else
            return error;
    }
    work_.configure(*settings_);
    adopt_units();
    return {};
}

Result<> Daemon::build_units() {
    for (auto const& group : settings_->groups) {
        for (auto const& name : group.programs) {
            auto const* program = settings_->find_program(name);
            if (program == nullptr) continue;
            auto processes = TRY(config::expand_processes(*settings_, doors_.world, *program,
                                                          group.name, program->numprocs));
            for (auto& process : processes) add_unit(*program, std::move(process), group.priority);
        }
    }
    restore_units();
    if (static_cast<int>(units_.size()) > limits::processes)
        return Error{Error::Kind::invalid,
                     fmt::format("{} processes are configured, at most {} are possible",
                                 units_.size(), limits::processes)};
    TRY(rebuild_order());
    restore_entries();
    for (auto& unit : units_) open_logs(*unit);
    watch_programs();
    return {};
}

Unit& Daemon::add_unit(config::Program const& program, config::ProcessSettings process,
                       int group_priority) {
    auto unit = std::make_unique<Unit>();
    unit->key = ++last_unit_;
    unit->program = &program;
    unit->settings = std::move(process);
    unit->group_priority = group_priority;
    unit_of_key_.emplace(unit->key, unit.get());
    pools_.add_listener(unit->settings.group, unit->key, unit->settings.name);
    units_.push_back(std::move(unit));
    return *units_.back();
}

// Every index changes here: nothing may keep one across.
Result<> Daemon::rebuild_order() {
    std::vector<wishes::Entry> kept(units_.size());
    for (std::size_t i = 0; i < units_.size(); ++i) {
        auto before = static_cast<std::size_t>(units_[i]->index);
        bool known = before < entries_.size() && before < members_.size() &&
                     members_[before].name == units_[i]->full_name();
        if (known) kept[i] = entries_[before];
    }
    members_.assign(units_.size(), {});
    std::unordered_map<std::string_view, std::vector<int>> by_need;
    for (std::size_t i = 0; i < units_.size(); ++i) {
        auto& unit = *units_[i];
        unit.index = static_cast<int>(i);
        members_[i].name = unit.full_name();
        members_[i].group_priority = unit.group_priority;
        members_[i].priority = unit.coming().priority;
        members_[i].state = unit.process.state;
        // Nobody needs what is going: who does not stop with it, and cannot call its stop off.
        if (unit.removing) continue;
        by_need[unit.program->name].push_back(unit.index);
        if (unit.settings.group != unit.program->name)
            by_need[unit.settings.group].push_back(unit.index);
    }
    for (auto& unit : units_) {
        auto& needs = members_[static_cast<std::size_t>(unit->index)].needs;
        for (auto const& need : unit->coming().depends_on)
            for (int index : by_need[need])
                // Its own group means the others in it: its siblings need what it needs.
                if (&at(index).coming() != &unit->coming()) needs.push_back(index);
    }
    entries_ = std::move(kept);
    order_ = TRY(wishes::Order::of(members_));
    wishes_pending_ = wished_ = look_at_entries_ = true;
    return {};
}

std::string Daemon::automatic_log_path(std::string const& process, std::string_view stream) {
    static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
    std::string random;
    for (int i = 0; i < 8; ++i) random += letters[random_() % letters.size()];
    return fmt::format("{}/{}-{}---{}-{}.log", settings_->daemon.childlogdir, process, stream,
                       settings_->daemon.identifier, random);
}

void Daemon::open_logs(Unit& unit) {
    using Kind = config::LogTarget::Kind;
    // One that was taken over keeps its channel and, where we chose it, its path.
    auto open = [&](bool is_stdout, config::LogTarget const& target, std::string& path,
                    ports::ChannelId channel) {
        std::string_view stream = is_stdout ? "stdout" : "stderr";
        if (target.kind != Kind::automatic) path.clear();
        if (target.kind == Kind::automatic && path.empty())
            path = automatic_log_path(unit.settings.name, stream);
        if (target.kind == Kind::file) path = target.path;
        auto spec = log_spec(*settings_, *unit.program, unit.settings, is_stdout, path);
        spec.tap = spec.tap || log_.is_on(Level::debug);
        bool is_read = spec.kind != ports::LogSpec::Kind::none || spec.also_syslog || spec.tap ||
                       spec.capture_maxbytes > 0;
        if (!is_read) return no_channel;
        if (channel == no_channel) channel = next_channel();
        unit_of_channel_[static_cast<std::uint32_t>(channel)] = &unit;
        log_names_[static_cast<std::uint32_t>(channel)] =
            fmt::format("{} of '{}'", stream, unit.shown_name());
        doors_.logs.open(channel, std::move(spec));
        return channel;
    };
    unit.out = open(true, unit.settings.out, unit.out_path, unit.out);
    auto err = std::exchange(unit.err, no_channel);
    if (!unit.program->redirect_stderr)
        unit.err = open(false, unit.settings.err, unit.err_path, err);
    touch(unit);  // also one that never starts keeps its log across our death
}

void Daemon::close_logs(Unit& unit) {
    for (auto channel : {unit.out, unit.err}) {
        if (channel == no_channel) continue;
        doors_.logs.close(channel);
        log_names_.erase(static_cast<std::uint32_t>(channel));
        unit_of_channel_.erase(static_cast<std::uint32_t>(channel));
        cut_.erase(static_cast<std::uint32_t>(channel));
    }
    unit.out = unit.err = no_channel;
}

void Daemon::watch_programs() {
    for (auto const& [watch, program] : watches_) doors_.folders.unwatch(ports::WatchId{watch});
    watches_.clear();
    for (auto const& program : settings_->programs) {
        if (program.watch_restart.empty()) continue;
        ports::WatchId watch{++last_watch_};
        watches_.emplace(last_watch_, program.name);
        doors_.folders.watch(watch, program.watch_restart, program.watch_delay);
    }
}

Unit* Daemon::find_unit(std::string_view full_name) {
    for (auto& unit : units_)
        if (unit->full_name() == full_name) return unit.get();
    return nullptr;
}

// A unit goes only when nothing of it is alive, its hooks included.
void Daemon::remove_gone_units() {
    auto is_gone = [](std::unique_ptr<Unit> const& unit) {
        bool down = !unit->run && !supervise::is_up(unit->process.state) &&
                    unit->process.state != supervise::State::stopping;
        bool hooks = std::ranges::any_of(unit->hooks,
                                         [](SideRun const& side) { return side.run.has_value(); });
        return unit->removing && down && !hooks;
    };
    if (scaled_down_ == 0) return;
    // Putting the rest in order costs as much for one as for thousands, which seldom end in one
    // turn: those that are gone wait until they are half of those that go.
    auto count = static_cast<int>(std::ranges::count_if(units_, is_gone));
    if (count == 0 || 2 * count < scaled_down_) return;
    scaled_down_ -= count;
    std::vector<std::string> gone;
    std::erase_if(units_, [&](std::unique_ptr<Unit>& unit) {
        if (!is_gone(unit)) return false;
        gone.push_back(unit->full_name());
        forget_unit(*unit);
        return true;
    });
    // Fewer units cannot make a circle that was not there.
    if (auto ordered = rebuild_order(); !ordered) log_.error(ordered.error().what);
    for (auto const& name : gone) log_.info(fmt::format("removed '{}'", name));
    face_->logs_changed();
    finish_scalings(gone);
}

void Daemon::forget_unit(Unit& unit) {
    end_health(unit);
    close_logs(unit);
    if (std::exchange(unit.successor, std::nullopt)) succeeding_ -= 1;
    set_timer(unit, Timer::process, std::nullopt);
    for (std::uint64_t hook = 0; hook < 4; ++hook)
        set_timer(unit, static_cast<Timer>(static_cast<std::uint64_t>(Timer::hook) + hook),
                  std::nullopt);
    // Only what it has itself is taken from the tables: looking through them for each of thousands
    // that go would hold the loop. Probes are gone with end_health().
    auto drop = [&](std::optional<ports::RunId> run) {
        if (run) give_up(*run);
    };
    drop(unit.run);
    for (auto const& side : unit.hooks) drop(side.run);
    unit_of_key_.erase(unit.key);
    forget_record(unit);
    pools_.remove_listener(unit.key);
    for (auto& waiter : unit.waiters)  // nobody is left to answer them
        answers_.emplace_back(std::move(waiter.answer),
                              control::Outcome{control::Fault::abnormal_termination, ""});
    unit.waiters.clear();
}

void Daemon::finish_scalings(std::vector<std::string> const& gone) {
    std::unordered_set<std::string_view> names(gone.begin(), gone.end());
    std::erase_if(scaling_, [&](auto& scaling) {
        std::erase_if(scaling->leaving,
                      [&](std::string const& name) { return names.contains(name); });
        if (!scaling->leaving.empty()) return false;
        // Later in this turn: it may ask for the next thing, which must be granted in it, too.
        if (scaling->answer) answers_.emplace_back(std::move(scaling->answer), control::Outcome{});
        return true;
    });
}

// A later scaling wants it again: who waited for it to go is told, and it comes up again.
void Daemon::keep_after_all(Unit& unit) {
    unit.removing = false;
    touch(unit);
    scaled_down_ -= 1;
    wish(unit.index, unit.program->autostart ? wishes::Wish::start : wishes::Wish::none, false,
         "scaled up");
    finish_scalings({unit.full_name()});
}

control::WaitId Daemon::scale(std::string_view name, int numprocs,
                              std::function<void(control::Outcome)> answer) {
    auto program = std::ranges::find(settings_->programs, name, &config::Program::name);
    auto refuse = [&](control::Fault fault, std::string words) {
        answer({fault, std::move(words)});
        return control::WaitId{0};
    };
    if (program == settings_->programs.end())
        return refuse(control::Fault::bad_name, std::string(name));
    if (phase_ != Phase::running) return refuse(control::Fault::shutdown_state, "");
    int others = static_cast<int>(std::ranges::count_if(
        units_, [&](auto const& unit) { return unit->program->name != program->name; }));
    if (numprocs < 0 || numprocs > limits::processes - others)
        return refuse(control::Fault::bad_arguments,
                      fmt::format("{} processes of '{}': must be 0 to {}", numprocs, name,
                                  limits::processes - others));

    std::vector<std::pair<config::ProcessSettings, int>> wanted;
    for (auto const& group : settings_->groups) {
        if (std::ranges::find(group.programs, name) == group.programs.end()) continue;
        auto processes =
            config::expand_processes(*settings_, doors_.world, *program, group.name, numprocs);
        if (!processes) return refuse(control::Fault::bad_arguments, processes.error().what);
        for (auto& process : *processes) wanted.emplace_back(std::move(process), group.priority);
    }
    log_.info(
        fmt::format("scaling '{}' from {} to {} processes", name, program->numprocs, numprocs));
    program->numprocs = numprocs;
    scales_[program->name] = numprocs;
    note_daemon();
    return apply_scale(*program, std::move(wanted), std::move(answer));
}

control::WaitId Daemon::apply_scale(config::Program const& program,
                                    std::vector<std::pair<config::ProcessSettings, int>> wanted,
                                    std::function<void(control::Outcome)> answer) {
    auto scaling = std::make_unique<Scaling>();
    std::unordered_set<std::string> names, present;
    std::vector<Unit*> leaving;
    for (auto const& [process, group_priority] : wanted)
        names.insert(process.group + ":" + process.name);
    for (auto& unit : units_) {
        present.insert(unit->full_name());
        if (unit->program->name != program.name) continue;
        bool stays = names.contains(unit->full_name());
        if (stays && unit->removing) keep_after_all(*unit);
        if (stays) continue;
        scaled_down_ += unit->removing ? 0 : 1;
        unit->removing = true;
        touch(*unit);
        scaling->leaving.push_back(unit->full_name());
        leaving.push_back(unit.get());
    }
    std::vector<Unit*> fresh;
    for (auto& [process, group_priority] : wanted)
        if (!present.contains(process.group + ":" + process.name))
            fresh.push_back(&add_unit(program, std::move(process), group_priority));
    if (auto ordered = rebuild_order(); !ordered) log_.error(ordered.error().what);
    for (auto* unit : leaving) {
        wish(unit->index, wishes::Wish::stop, false, "scaled down");
        // What waits in EXITED for its restart is not up, and would come again.
        if (!supervise::is_up(unit->process.state))
            feed(*unit, supervise::StopAsked{"scaled down"});
    }
    for (auto* unit : fresh) {
        open_logs(*unit);
        if (program.autostart) wish(unit->index, wishes::Wish::start, false, "scaled up");
    }
    face_->logs_changed();
    if (scaling->leaving.empty()) {
        answer({});
        return 0;
    }
    scaling->id = ++last_wait_;
    scaling->answer = std::move(answer);
    scaling_.push_back(std::move(scaling));
    return last_wait_;
}

}  // namespace lares::daemon
