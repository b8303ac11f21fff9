// daemon/plan_words.h: a comparison told to people: what is done, why, and which lines of which
// files say so. Pure.

#pragma once

#include <string>
#include <vector>

#include "control/config_house.h"
#include "daemon/comparison.h"
#include "text/ini.h"

namespace lares::daemon {

/// The files read now and those that are applied, as far as they are known.
struct Texts {
    text::Ini const& now;
    text::Ini const& before;
};

/// Each step with its reason and its lines: "/etc/web.conf:4: command = web --fast". What stands in
/// no file any more is shown as it was applied.
std::vector<control::PlannedChange> planned_changes(Comparison const&, Texts const&);

/// What an update cannot take over while the daemon runs.
std::vector<std::string> plan_warnings(config::Settings const& running,
                                       config::Settings const& wanted);

/// All files as one Ini.
text::Ini ini_of(std::vector<std::pair<std::string, std::string>> const& files);

}  // namespace lares::daemon
