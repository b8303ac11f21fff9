// daemon/comparison.cc: units and wanted processes as a plan sees them.

#include "daemon/comparison.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace lares::daemon {

using supervise::State;

bool is_at_rest(Unit const& unit) {
    bool hooks =
        std::ranges::any_of(unit.hooks, [](SideRun const& side) { return side.run.has_value(); });
    return !unit.run && !supervise::is_up(unit.process.state) &&
           unit.process.state != State::stopping && !hooks;
}

plan::Condition condition_of(Unit const& unit, bool wished) {
    auto const& process = unit.process;
    bool comes = (process.state == State::exited && process.deadline) ||
                 (process.state == State::stopping && process.start_again) ||
                 (unit.successor && unit.successor->start) || wished;
    if (supervise::is_up(process.state) || comes) return plan::Condition::up;
    if (process.state == State::exited || process.state == State::fatal)
        return plan::Condition::over;
    bool never = unit.started == WallTime{} && process.state == State::stopped;
    return never ? plan::Condition::fresh : plan::Condition::stopped;
}

void sort_by_start(std::vector<WantedProcess>& wanted) {
    std::ranges::stable_sort(wanted, {}, [](WantedProcess const& one) {
        return std::tie(one.group_priority, one.settings.group, one.program->priority,
                        one.settings.name);
    });
}

std::vector<std::vector<int>> needs_of(std::vector<WantedProcess> const& wanted) {
    std::unordered_map<std::string_view, std::vector<int>> by_name;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto index = static_cast<int>(i);
        by_name[wanted[i].program->name].push_back(index);
        if (wanted[i].settings.group != wanted[i].program->name)
            by_name[wanted[i].settings.group].push_back(index);
    }
    std::vector<std::vector<int>> needs(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (auto const& need : wanted[i].program->depends_on)
            for (int index : by_name[need])
                if (wanted[static_cast<std::size_t>(index)].program != wanted[i].program)
                    needs[i].push_back(index);
    return needs;
}

}  // namespace lares::daemon
