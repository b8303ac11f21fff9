// config/changes.h: what is different between two configurations, option by option.
//
// Which options a running process can be given and which need a new start stands in one table here,
// beside the option rows; a test asks that it has every row. Pure.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/plan.h"

namespace lares::config {

/// One process as one configuration has it.
struct Side {
    Program const& program;
    ProcessSettings const& process;
};

struct OptionChange {
    std::string_view option;
    plan::Difference difference;
};

/// The options in which the two sides differ, in the order of the rows, with what each asks for.
/// Those that only say which processes there are (numprocs, process_name) are not among them.
std::vector<OptionChange> changed_options(Side before, Side after);
/// The most that any of them asks for.
plan::Difference difference(std::vector<OptionChange> const&);

/// What the table says of an option of a program section; for documents and tests. None: it says
/// which processes there are.
struct OptionEffect {
    std::string_view option;
    plan::Difference difference;
};
std::vector<OptionEffect> option_effects();

/// Groups as supervisord's reloadConfig tells of them: by name, sorted.
struct GroupChanges {
    std::vector<std::string> added, changed, removed;
};
/// A group has changed when its priority, its members or any option of them has.
GroupChanges changed_groups(Settings const& running, Settings const& read);

/// `running` with one more group, as `read` has it, with its programs; without one of its own.
Settings with_group(Settings const& running, Settings const& read, std::string_view group);
Settings without_group(Settings const& running, std::string_view group);

/// Options of [supervisord] and [lares] that differ and that a running daemon cannot take over.
std::vector<std::string_view> fixed_changes(Daemon const& before, Daemon const& after);
/// `running` with everything of `wanted` that a running daemon can take over.
Daemon adopted(Daemon const& running, Daemon const& wanted);

}  // namespace lares::config
