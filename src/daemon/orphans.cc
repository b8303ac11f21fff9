// daemon/orphans.cc: processes that outlived the daemon and its keeper, met by a new daemon.
//
// Their pipes are gone and so is whoever could have seen them end, but pid, start time and boot
// name them for good. What is done about each is its program's `on_orphan`. Everything that is not
// alive begins as at any start.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/daemon.h"
#include "daemon/unit_record.h"

namespace lares::daemon {

void Daemon::restore_orphans() {
    for (auto& [name, record] : std::exchange(left_, {})) {
        auto* unit = find_unit(name);
        auto policy = unit ? unit->program->on_orphan : settings_->daemon.on_orphan;
        if (!unit && policy == config::OnOrphan::ignore) {
            note_ignored(name, record);
            doors_.memory.drop("unit/" + name);
            continue;
        }
        if (!restore_orphan(name, record, policy)) doors_.memory.drop("unit/" + name);
    }
}

void Daemon::note_ignored(std::string const& name, text::Record const& record) {
    if (record.number("pid") == 0) return;
    log_.warning(
        fmt::format("process {} of '{}' may be alive since before the daemon and its "
                    "keeper ended; it is left alone (on_orphan = ignore)",
                    record.number("pid"), name));
}

/// True when a process of it is alive, which is ours from now on.
bool Daemon::restore_orphan(std::string const& name, text::Record const& record,
                            config::OnOrphan policy) {
    int pid = static_cast<int>(record.number("pid"));
    auto run = static_cast<ports::RunId>(record.number("run"));
    if (pid == 0 || run == ports::RunId{} || record.number("start_ticks") == 0) return false;
    if (policy == config::OnOrphan::ignore) {
        note_ignored(name, record);
        return false;
    }
    ports::AdoptRequest request;
    request.pid = pid;
    request.start_ticks = static_cast<std::uint64_t>(record.number("start_ticks"));
    request.name = name;
    if (doors_.processes.adopt(run, std::move(request)) != ports::Adopted::running) return false;
    auto* unit = find_unit(name);
    if (unit)
        restore(*unit, record);
    else
        restore_departed(name, record);
    unit = find_unit(name);
    make_orphan(*unit, policy);
    runs_.emplace(static_cast<std::uint64_t>(run), RunOwner{unit, Role::main});
    return true;
}

/// What was under way around it ended with the daemon: hooks, wishes, its logs' channels.
void Daemon::make_orphan(Unit& unit, config::OnOrphan policy) {
    unit.is_orphan = true;
    unit.stop_orphan = policy == config::OnOrphan::stop;
    taken_over_ += 1;
    restored_.back().entry = {};
    unit.out = unit.err = ports::ChannelId{};
    unit.out_path.clear();
    unit.err_path.clear();
    for (auto& side : unit.hooks) side = {.given_up = true};  // see resume_hook()
    log_.warning(fmt::format(
        "'{}' (pid {}) outlived the daemon and its keeper; {}", unit.shown_name(), unit.process.pid,
        unit.stop_orphan
            ? "it is stopped (on_orphan = stop)"
            : "it goes on, and what it writes from now on is lost (on_orphan = adopt)"));
}

/// Once all is in place: stops those that are not to stay; they start anew.
void Daemon::stop_orphans() {
    for (auto& unit : units_)
        if (std::exchange(unit->stop_orphan, false))
            feed(*unit, supervise::RestartAsked{"it outlived its daemon"});
}

}  // namespace lares::daemon
