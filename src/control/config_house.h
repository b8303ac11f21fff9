// control/config_house.h: what the operations over configuration ask of the daemon.
//
// Apart from House because it is a subject of its own: reading files, comparing them with what
// runs, and making it so. Reading happens on a worker; every callback comes once, on the loop's
// thread, unless it says otherwise.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/changes.h"
#include "config/settings.h"
#include "control/house.h"
#include "core/plan.h"

namespace lares::control {

/// One process that the configuration last read has.
struct Configured {
    std::string group;
    int group_priority = 999;
    config::Program const* program = nullptr;  // until the next turn
    config::ProcessSettings process;
    bool in_use = false;           // its group runs
    std::string out_log, err_log;  // of the process that runs; "" when there is none
};

class ConfigHouse {
public:
    virtual ~ConfigHouse() = default;

    /// Reads the files again; what runs is not touched. The Error is supervisord's words for the
    /// first mistake. add_group() and configured() speak of what was read last.
    virtual void read_configuration(std::function<void(Result<config::GroupChanges>)>) = 0;
    /// bad_name: the configuration last read has no such group; already_added.
    virtual Outcome add_group(std::string_view name) = 0;
    /// bad_name; still_running while a process of it is up or stopping.
    virtual Outcome remove_group(std::string_view name) = 0;
    /// In the order of process names.
    virtual std::vector<Configured> configured() const = 0;
};

}  // namespace lares::control
