// daemon/configuration.cc: what the operations over configuration ask: reading again, and adding
// and removing groups as supervisord does.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/comparison.h"
#include "daemon/daemon.h"

namespace lares::daemon {

using control::Fault;
using control::Outcome;

config::Settings const& Daemon::last_read() const { return read_ ? *read_ : *settings_; }

Outcome Daemon::add_group(std::string_view name) {
    auto const& known = last_read().groups;
    if (std::ranges::find(known, name, &config::Group::name) == known.end())
        return {Fault::bad_name, std::string(name)};
    auto const& running = settings_->groups;
    if (std::ranges::find(running, name, &config::Group::name) != running.end())
        return {Fault::already_added, std::string(name)};
    auto next =
        std::make_unique<config::Settings>(config::with_group(*settings_, last_read(), name));
    auto comparison = compare(*next);
    if (!comparison) return {Fault::failed, comparison.error().what};
    adopt(std::move(next), std::move(*comparison), "its group was added");
    note_group_change();
    return {};
}

Outcome Daemon::remove_group(std::string_view name) {
    auto const& running = settings_->groups;
    if (std::ranges::find(running, name, &config::Group::name) == running.end())
        return {Fault::bad_name, std::string(name)};
    for (auto const& unit : units_) {
        auto state = unit->process.state;
        bool runs = supervise::is_up(state) || state == supervise::State::stopping;
        if (unit->settings.group == name && !unit->removing && runs)
            return {Fault::still_running, std::string(name)};
    }
    // What was read last still has it: it can be added again.
    if (!read_) read_ = std::make_unique<config::Settings>(*settings_);
    auto next = std::make_unique<config::Settings>(config::without_group(*settings_, name));
    auto comparison = compare(*next);
    if (!comparison) return {Fault::failed, comparison.error().what};
    adopt(std::move(next), std::move(*comparison), "its group was removed");
    note_group_change();
    return {};
}

std::vector<control::Configured> Daemon::configured() const {
    auto const& settings = last_read();
    std::vector<control::Configured> list;
    for (auto const& group : settings.groups) {
        bool in_use = std::ranges::find(settings_->groups, group.name, &config::Group::name) !=
                      settings_->groups.end();
        for (auto const& name : group.programs) {
            auto const* program = settings.find_program(name);
            if (program == nullptr) continue;
            auto made = config::expand_processes(settings, doors_.world, *program, group.name,
                                                 program->numprocs);
            if (!made) continue;  // load() made the same; an environment file may have gone
            for (auto& process : *made)
                list.push_back(
                    {group.name, group.priority, program, std::move(process), in_use, "", ""});
        }
    }
    note_logs(list);
    std::ranges::stable_sort(list, {}, [](auto const& one) { return one.process.name; });
    return list;
}

void Daemon::note_logs(std::vector<control::Configured>& list) const {
    std::unordered_map<std::string, Unit const*> units;
    for (auto const& unit : units_) units.emplace(unit->full_name(), unit.get());
    for (auto& one : list) {
        auto found = units.find(one.group + ":" + one.process.name);
        if (found == units.end()) continue;
        one.out_log = found->second->out_path;
        one.err_log = found->second->err_path;
    }
}

}  // namespace lares::daemon
