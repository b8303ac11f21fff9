// daemon/comparison.h: another configuration beside the one that runs: process by process, what
// there is, what is wanted, and how far apart they are.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/bundle.h"
#include "config/changes.h"
#include "config/settings.h"
#include "control/config_house.h"
#include "core/plan.h"
#include "daemon/unit.h"
#include "text/ini.h"

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

/// A configuration read on the worker, with all that a plan needs.
struct Fetched {
    config::Loaded loaded;
    config::Bundle bundle;
    std::string print;      // of what is in the bundle
    text::Ini now, before;  // these files, and those that are applied
};

/// Instead of the files there are: a revision, or one file that is not written yet.
struct FetchExtra {
    std::optional<config::Bundle> replay = {};
    std::optional<std::pair<std::string, std::string>> overlay = {};  // path and text
};

struct FetchOrder {
    config::World const& world;
    std::string path;
    config::Overrides overrides;
    std::string state_directory;
    int revision = 0;
    std::optional<config::Bundle> replay;
    std::optional<std::pair<std::string, std::string>> overlay;
    std::function<std::string(std::string_view)> sha1_hex;
};

/// What is known of the configuration that runs; the texts are in its revision.
struct AppliedConfiguration {
    int revision = 0;   // 0: none is kept
    std::string print;  // of its contents
    config::Overrides overrides;
    std::map<std::string, std::string> files;  // path: print of the text
};

/// Who applies a configuration, and what for.
struct Cause {
    std::string by, cause;
};

struct ApplyingItem {
    std::string group, name;
    plan::Action action = plan::Action::change;
    std::uint64_t unit = 0;  // key; 0: there is none
    std::optional<control::Outcome> outcome = {};
};

/// An update under way.
struct Applying {
    std::vector<ApplyingItem> items;
    std::vector<control::Applied> work = {};  // tasks and folders, which are others at once
    control::AppliedAnswer answer;
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
