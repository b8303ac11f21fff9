// daemon/comparison.h: another configuration beside the one that runs: process by process, what
// there is, what is wanted, and how far apart they are.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/changes.h"
#include "config/settings.h"
#include "core/plan.h"
#include "daemon/unit.h"

namespace lares::daemon {

/// One process of the wanted configuration, with the unit of its name if there is one.
struct WantedProcess {
    config::Program const* program = nullptr;  // in the wanted settings
    config::ProcessSettings settings;
    int group_priority = 999;
    Unit* unit = nullptr;
    std::vector<config::OptionChange> changes;
};

/// Good until something happens: made and used within one turn.
struct Comparison {
    std::vector<WantedProcess> wanted;  // in start order
    std::vector<Unit*> units;           // in start order
    std::vector<plan::Step> steps;      // indices into these
};

/// A unit as a plan sees it. `wished`: a start was asked and waits for its turn.
plan::Condition condition_of(Unit const&, bool wished);

/// (group priority, group, priority, name), as processes start.
void sort_by_start(std::vector<WantedProcess>&);

/// For each of `wanted`: the indices of what it depends on.
std::vector<std::vector<int>> needs_of(std::vector<WantedProcess> const& wanted);

/// Nothing of it is alive, its hooks included.
bool is_at_rest(Unit const&);

}  // namespace lares::daemon
