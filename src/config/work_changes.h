// config/work_changes.h: which tasks and folders are others between two configurations, and by
// which of their lines. Pure.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace lares::config {

struct WorkChange {
    enum class What { added, changed, removed };
    What what;
    std::string name;
    /// Of changed ones: the options that differ, in the order of the rows.
    std::vector<std::string_view> options;
    bool operator==(WorkChange const&) const = default;
};

/// In the order of `after`, then what is gone. Those that merely moved in their file are not among
/// them.
std::vector<WorkChange> changed_tasks(Settings const& before, Settings const& after);
std::vector<WorkChange> changed_folders(Settings const& before, Settings const& after);

/// Options of [lares] about work that differ. A running daemon takes all of them over but
/// `database`, which needs a new one.
std::vector<std::string_view> changed_work_options(WorkSettings const& before,
                                                   WorkSettings const& after);

}  // namespace lares::config
