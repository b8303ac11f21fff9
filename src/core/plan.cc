// core/plan.cc: one look at each process that is and at each that is wanted.

#include "core/plan.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace lares::plan {

namespace {

struct ActionRow {
    Action action;
    std::string_view name, past;
};
constexpr ActionRow action_rows[] = {
    {Action::stop, "stop", "stopped"},     {Action::remove, "remove", "removed"},
    {Action::change, "change", "changed"}, {Action::restart, "restart", "restarted"},
    {Action::add, "add", "added"},         {Action::start, "start", "started"},
};

ActionRow const& row_of(Action action) {
    return *std::ranges::find(action_rows, action, &ActionRow::action);
}

/// None: it is left alone.
std::optional<Action> for_known(Present const& present, Wanted const& wanted) {
    if (present.leaving) return wanted.autostart ? Action::start : Action::add;
    bool switched_on = wanted.autostart && !wanted.had_autostart;
    if (present.condition == Condition::fresh && switched_on) return Action::start;
    if (wanted.difference == Difference::none) return std::nullopt;
    if (wanted.difference == Difference::live) return Action::change;
    if (present.condition == Condition::up) return Action::restart;
    bool begins_anew = present.condition == Condition::over && wanted.autostart;
    return begins_anew ? Action::start : Action::change;
}

using Index = std::unordered_map<std::string_view, int>;

template <class List>
Index index_of(List const& list) {
    Index index;
    for (std::size_t i = 0; i < list.size(); ++i) index.emplace(list[i].name, static_cast<int>(i));
    return index;
}

std::vector<Step> endings(std::vector<Present> const& present, Index const& wanted) {
    std::vector<Step> list;
    for (std::size_t i = present.size(); i-- > 0;) {
        auto const& one = present[i];
        if (one.leaving || wanted.contains(one.name)) continue;
        bool is_up = one.condition == Condition::up;
        list.push_back({is_up ? Action::stop : Action::remove, one.name, static_cast<int>(i), -1});
    }
    return list;
}

/// Of each wanted: who needs it, directly.
std::vector<std::vector<int>> dependants_of(std::vector<Wanted> const& wanted) {
    std::vector<std::vector<int>> dependants(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (int need : wanted[i].needs)
            dependants.at(static_cast<std::size_t>(need)).push_back(static_cast<int>(i));
    return dependants;
}

/// All that needs `start`, by however many steps, in order.
std::vector<int> all_above(std::vector<std::vector<int>> const& dependants, int start) {
    std::vector<int> found, todo{start};
    std::vector<bool> seen(dependants.size());
    seen[static_cast<std::size_t>(start)] = true;
    while (!todo.empty()) {
        auto one = static_cast<std::size_t>(todo.back());
        todo.pop_back();
        for (int next : dependants[one]) {
            if (seen[static_cast<std::size_t>(next)]) continue;
            seen[static_cast<std::size_t>(next)] = true;
            found.push_back(next);
            todo.push_back(next);
        }
    }
    std::ranges::sort(found);
    return found;
}

void note_dependants(std::vector<Step>& list, std::vector<Present> const& present,
                     std::vector<Wanted> const& wanted, Index const& known) {
    auto dependants = dependants_of(wanted);
    std::vector<bool> has_step(wanted.size());
    for (auto const& step : list)
        if (step.wanted >= 0) has_step[static_cast<std::size_t>(step.wanted)] = true;
    for (auto& step : list) {
        if (step.action != Action::restart) continue;
        for (int index : all_above(dependants, step.wanted)) {
            auto const& one = wanted[static_cast<std::size_t>(index)];
            auto there = known.find(one.name);
            bool is_up =
                there != known.end() &&
                present[static_cast<std::size_t>(there->second)].condition == Condition::up;
            if (is_up && !has_step[static_cast<std::size_t>(index)])
                step.dependants.push_back(one.name);
        }
    }
}

}  // namespace

std::vector<Step> steps(std::vector<Present> const& present, std::vector<Wanted> const& wanted) {
    auto known = index_of(present);
    auto list = endings(present, index_of(wanted));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const& one = wanted[i];
        auto there = known.find(one.name);
        auto index = static_cast<int>(i);
        if (there == known.end()) {
            list.push_back({one.autostart ? Action::start : Action::add, one.name, -1, index});
            continue;
        }
        auto action = for_known(present[static_cast<std::size_t>(there->second)], one);
        if (action) list.push_back({*action, one.name, there->second, index});
    }
    note_dependants(list, present, wanted, known);
    return list;
}

std::string_view name(Action action) { return row_of(action).name; }
std::string_view past(Action action) { return row_of(action).past; }

}  // namespace lares::plan
