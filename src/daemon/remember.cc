// daemon/remember.cc: what a person started or stopped stays so, also after the machine was off.
//
// For programs with `remember`. Unlike the rest of what outlives the daemon this is about wishes,
// not processes, and is written durably: on the worker, one writing at a time, the latest state
// last. Lines of stopped=GROUP:NAME or started=GROUP:NAME; what equals autostart is not remembered.

#include <fmt/core.h>

#include "daemon/daemon.h"

namespace lares::daemon {

void Daemon::recall_remembered() {
    auto record = text::Record::parse(doors_.remembered);
    for (auto& name : record.all("stopped")) remembered_[std::move(name)] = false;
    for (auto& name : record.all("started")) remembered_[std::move(name)] = true;
}

void Daemon::remember(Unit const& unit, wishes::Wish asked) {
    if (!unit.program->remember) return;
    bool up = asked != wishes::Wish::stop;
    auto known = remembered_.find(unit.full_name());
    if (up == unit.program->autostart) {
        if (known == remembered_.end()) return;
        remembered_.erase(known);
    } else {
        if (known != remembered_.end() && known->second == up) return;
        remembered_[unit.full_name()] = up;
    }
    write_remembered();
}

void Daemon::write_remembered() {
    remembered_changed_ = true;
    if (!doors_.write_remembered || std::exchange(writes_remembered_, true)) return;
    remembered_changed_ = false;
    text::RecordWriter out;
    for (auto const& [name, up] : remembered_) out.put(up ? "started" : "stopped", name);
    auto failure = std::make_shared<std::string>();
    doors_.worker.run(
        [write = doors_.write_remembered, text = out.take(), failure] {
            if (auto written = write(text); !written) *failure = written.error().what;
        },
        [this, failure] {
            writes_remembered_ = false;
            if (!failure->empty())
                log_.error(
                    fmt::format("{}; what was started and stopped by hand will not be "
                                "remembered",
                                *failure));
            if (remembered_changed_) write_remembered();
        });
}

/// Whether it starts by itself when the daemon does.
bool Daemon::is_to_start(Unit& unit) {
    auto known = remembered_.find(unit.full_name());
    if (!unit.program->remember || known == remembered_.end()) return unit.program->autostart;
    if (!known->second && unit.why.empty()) unit.why = "stopped by hand, remembered";
    return known->second;
}

}  // namespace lares::daemon
