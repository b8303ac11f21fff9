// daemon/plan_work.h: what an update makes of tasks, folders and channels, told to people: which
// lines are others, when a task runs next before and after, and what becomes of what is there.
// Pure, but for asking the zones.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "control/config_house.h"
#include "daemon/plan_words.h"
#include "ports/zones.h"

namespace lares::daemon {

/// What is there of a task or a folder now.
struct AtWork {
    std::size_t waiting = 0, running = 0;
};

struct PlanGround {
    config::Settings const& running;
    config::Settings const& wanted;
    Texts const& texts;
    ports::Zones& zones;
    std::string_view host;
    std::int64_t now = 0;
    std::function<AtWork(std::string const& task)> jobs;
    std::function<AtWork(std::string const& folder)> files;
};

/// In the order of the files, what is gone last: tasks, folders, channels, then [lares]. Of more
/// than `most_work` tasks only so many, and a warning says so.
std::vector<control::PlannedWork> planned_work(PlanGround const&,
                                               std::vector<std::string>& warnings);

inline constexpr std::size_t most_work = 10'000;

/// What was done, for the answer of an update: an item each, named "task/report".
std::vector<control::Applied> applied_work(config::Settings const& before,
                                           config::Settings const& after);

}  // namespace lares::daemon
