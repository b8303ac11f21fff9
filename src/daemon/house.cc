// daemon/house.cc: what the operations ask, answered from the units.

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/daemon.h"
#include "daemon/waiting.h"

namespace lares::daemon {

using control::Fault;
using control::Outcome;
using control::ProcessIndex;
using control::WaitId;
using supervise::State;
using Answer = std::function<void(Outcome)>;

int Daemon::process_count() const { return static_cast<int>(units_.size()); }

control::ProcessInfo Daemon::info(ProcessIndex index) const {
    Unit const& unit = at(index);
    control::ProcessInfo info;
    info.group = unit.settings.group;
    info.name = unit.settings.name;
    info.state = unit.process.state;
    info.pid = unit.process.pid;
    info.started = unit.started;
    info.stopped = unit.stopped;
    info.exit_status = unit.exit_status;
    info.spawn_error = unit.spawn_error;
    info.out_log = unit.out_path;
    info.err_log = unit.err_path;
    info.why = unit.process.state == State::running ? unit.status : unit.why;
    info.ready = unit.process.state == State::running;
    info.restarts = unit.restarts;
    info.last_signal = unit.last_signal;
    info.peak_memory_bytes = unit.peak_memory_bytes;
    info.cpu = unit.cpu;
    info.program = unit.program->name;
    info.needs = unit.program->depends_on;
    info.exits = unit.exits;
    info.unexpected_exits = unit.unexpected_exits;
    info.is_public = unit.program->is_public;
    constexpr std::size_t most_named = 5;
    std::size_t named = 0;
    for (int other : wishes::waits_for(entries_, order_, members_, index, most_named + 1)) {
        if (!info.waits_for.empty()) info.waits_for += ", ";
        if (named++ == most_named) {
            info.waits_for += "...";
            break;
        }
        info.waits_for += fmt::format("{} ({})", at(other).shown_name(),
                                      supervise::name(at(other).process.state));
    }
    return info;
}

std::vector<ProcessIndex> Daemon::by_name() const {
    std::vector<ProcessIndex> indices(units_.size());
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int>(i);
    std::ranges::sort(indices, {},
                      [&](int i) { return std::tie(at(i).settings.group, at(i).settings.name); });
    return indices;
}

std::optional<std::vector<ProcessIndex>> Daemon::group(std::string_view name) const {
    std::vector<ProcessIndex> members;
    for (int index : order_.start_order())
        if (at(index).settings.group == name) members.push_back(index);
    bool exists =
        !members.empty() ||
        std::ranges::find(settings_->groups, name, &config::Group::name) != settings_->groups.end();
    if (!exists) return std::nullopt;
    std::ranges::stable_sort(
        members, {}, [&](int i) { return std::tie(at(i).program->priority, at(i).settings.name); });
    return members;
}

std::optional<ProcessIndex> Daemon::find(std::string_view group, std::string_view name) const {
    for (auto const& unit : units_)
        if (unit->settings.group == group && unit->settings.name == name) return unit->index;
    return std::nullopt;
}

State Daemon::state(ProcessIndex index) const { return at(index).process.state; }

WaitId Daemon::wait_for(Unit& unit, Waiter::For what, Answer answer) {
    unit.waiters.push_back({++last_wait_, what, std::move(answer)});
    return last_wait_;
}

WaitId Daemon::start(ProcessIndex index, bool wait, Answer answer) {
    Unit& unit = at(index);
    if (phase_ != Phase::running) return answer({Fault::shutdown_state, ""}), 0;
    if (unit.removing) return answer({Fault::failed, "it is being scaled away"}), 0;
    if (supervise::is_up(unit.process.state)) return answer({Fault::already_started, ""}), 0;
    if (unit.process.state == State::stopping) return answer({Fault::abnormal_termination, ""}), 0;
    wish(index, wishes::Wish::start, false, "start asked");
    remember(unit, wishes::Wish::start);
    // Without waiting it is answered once the spawn succeeded or failed; but a process that waits
    // for others may take for ever.
    bool held_back = !wishes::waits_for(entries_, order_, members_, index, 1).empty();
    if (!wait && held_back) return answer({}), 0;
    return wait_for(unit, wait ? Waiter::For::running : Waiter::For::spawned, std::move(answer));
}

WaitId Daemon::stop(ProcessIndex index, bool wait, Answer answer) {
    Unit& unit = at(index);
    bool pending = unit.process.state == State::exited && unit.process.deadline;
    bool wished = entries_[static_cast<std::size_t>(index)].wish == wishes::Wish::start;
    // Not up, but on its way: the wish calls that off. It may be STOPPING still, and is waited for.
    bool comes = supervise::is_up(unit.process.state) || pending || wished;
    // STOPPING for a restart, its own or that of other settings: a person's stop calls that off.
    bool returns = unit.successor && std::exchange(unit.successor->start, false);
    if (unit.process.state == State::stopping && unit.process.start_again) {
        feed(unit, supervise::StopAsked{"stop asked"});
        returns = true;
    }
    if (phase_ == Phase::running) remember(unit, wishes::Wish::stop);
    if (!comes && !returns) return answer({Fault::not_running, ""}), 0;
    if (phase_ == Phase::running) wish(index, wishes::Wish::stop, false, "stop asked");
    if (!wait) return answer({}), 0;
    return wait_for(unit, Waiter::For::down, std::move(answer));
}

WaitId Daemon::restart(ProcessIndex index, bool wait, Answer answer) {
    Unit& unit = at(index);
    if (phase_ != Phase::running) return answer({Fault::shutdown_state, ""}), 0;
    if (unit.removing) return answer({Fault::failed, "it is being scaled away"}), 0;
    wish(index, wishes::Wish::restart, false, "restart asked");
    remember(unit, wishes::Wish::start);
    if (!wait) return answer({}), 0;
    return wait_for(unit, Waiter::For::running_again, std::move(answer));
}

Outcome Daemon::signal(ProcessIndex index, int number) {
    Unit& unit = at(index);
    if (!supervise::is_signallable(unit.process.state) || !unit.run)
        return {Fault::not_running, ""};
    auto sent = doors_.processes.signal(*unit.run, number, ports::Target::process);
    if (sent) return {};
    if (sent.error().kind == Error::Kind::not_found) return {Fault::not_running, ""};
    return {Fault::failed, sent.error().what};
}

Outcome Daemon::write_stdin(ProcessIndex index, std::string_view bytes) {
    Unit& unit = at(index);
    bool up = unit.process.state == State::running || unit.process.state == State::starting;
    if (!up || !unit.run) return {Fault::not_running, ""};
    auto written = doors_.processes.write_stdin(*unit.run, bytes);
    if (written) return {};
    return {Fault::no_file, written.error().what};
}

void Daemon::clear_logs(ProcessIndex index, Answer answer) {
    Unit& unit = at(index);
    auto out = unit.out;
    auto err = unit.err;
    auto second = [this, err, answer](Result<> first) {
        if (!first) return answer({Fault::failed, first.error().what});
        if (err == ports::ChannelId{}) return answer({});
        doors_.logs.clear(err, [answer](Result<> cleared) {
            answer(cleared ? Outcome{} : Outcome{Fault::failed, cleared.error().what});
        });
    };
    if (out == ports::ChannelId{}) return second({});
    doors_.logs.clear(out, second);
}

WaitId Daemon::rolling_restart(std::vector<ProcessIndex> indices, Answer answer) {
    if (phase_ != Phase::running) return answer({Fault::shutdown_state, ""}), 0;
    if (indices.empty()) return answer({}), 0;
    auto rolling = std::make_unique<Rolling>();
    rolling->id = ++last_wait_;
    rolling->answer = std::move(answer);
    for (int index : indices) rolling->left.push_back(at(index).full_name());
    rolling_.push_back(std::move(rolling));
    daemon_touched_ = true;
    auto id = last_wait_;
    roll_on(id);
    return id;
}

// One at a time: the next goes only when the one before is RUNNING, which includes being ready.
void Daemon::roll_on(WaitId id) {
    auto found = std::ranges::find(rolling_, id, [](auto const& rolling) { return rolling->id; });
    if (found == rolling_.end() || (*found)->left.empty()) return;
    Rolling& rolling = **found;
    Unit* unit = find_unit(rolling.left.front());
    auto go_on = [this, id](Outcome outcome) {
        auto again = std::ranges::find(rolling_, id, [](auto const& each) { return each->id; });
        if (again == rolling_.end() || (*again)->left.empty()) return;
        auto name = std::move((*again)->left.front());
        (*again)->left.erase((*again)->left.begin());
        daemon_touched_ = true;
        bool failed = outcome.fault != Fault::success;
        if (failed) {
            outcome.extra = fmt::format("'{}' did not come back: {}; {} not restarted", name,
                                        outcome.extra.empty() ? "see its log" : outcome.extra,
                                        (*again)->left.size());
            (*again)->left.clear();
        }
        if (!failed && !(*again)->left.empty()) return roll_on(id);
        auto told = std::exchange((*again)->answer, nullptr);
        if (told) told(std::move(outcome));
    };
    if (unit == nullptr || unit->removing) return go_on({});  // scaled away meanwhile
    wish(unit->index, wishes::Wish::restart, false, "rolling restart");
    wait_for(*unit, Waiter::For::running_again, go_on);
}

void Daemon::forget(WaitId id) {
    work_.forget(id);
    forgotten_.insert(id);  // one look at all units for all that are forgotten in a turn
    for (auto& rolling : rolling_)
        if (rolling->id == id) rolling->answer = nullptr;  // goes on, tells nobody
    std::erase_if(scaling_, [&](auto const& scaling) { return scaling->id == id; });
}

control::DaemonState Daemon::daemon_state() const {
    if (phase_ == Phase::running) return control::DaemonState::running;
    return restarting_ ? control::DaemonState::restarting : control::DaemonState::shutdown;
}

std::string Daemon::identifier() const { return settings_->daemon.identifier; }
int Daemon::pid() const { return doors_.own_pid; }
std::string Daemon::main_log() const {
    auto const& path = settings_->daemon.logfile;
    return path == "syslog" || path == "journald" ? "" : path;
}
std::string Daemon::config_path() const { return settings_->path; }
WallTime Daemon::wall() const { return doors_.clock.wall(); }
int Daemon::local_offset_seconds(WallTime at) const {
    return doors_.clock.local_offset_seconds(at);
}

void Daemon::clear_main_log(Answer answer) {
    if (main_log().empty()) return answer({Fault::no_file, ""});
    doors_.logs.clear(main_channel(), [answer](Result<> cleared) {
        answer(cleared ? Outcome{} : Outcome{Fault::failed, cleared.error().what});
    });
}

std::optional<ports::ChannelId> Daemon::channel(ProcessIndex index, Stream stream) const {
    auto const& unit = at(index);
    auto const& path = stream == Stream::out ? unit.out_path : unit.err_path;
    if (path.empty()) return std::nullopt;
    return stream == Stream::out ? unit.out : unit.err;
}

ports::ChannelId Daemon::main_channel() const { return ports::ChannelId{1}; }
ports::Logs& Daemon::logs() { return doors_.logs; }

}  // namespace lares::daemon
