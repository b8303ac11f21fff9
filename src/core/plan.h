// core/plan.h: what must happen so that the processes that are become those that are wanted.
//
// Pure: daemon/ says what runs and what a configuration asks for, config/changes.h how far apart
// the two settings of one process are; this says what to do, process by process. A process whose
// settings did not change is in no step, whatever changes around it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lares::plan {

/// Between the settings a process has and those it shall have: nothing; something that the running
/// process can be given; something that only a new start brings.
enum class Difference { none, live, restart };

/// What a process is at present. `up`: STARTING, RUNNING, BACKOFF, or about to be (it waits for its
/// restart). `over`: it ended, or cannot be started, by itself. `stopped`: someone stopped it.
/// `fresh`: it was never started.
enum class Condition { up, over, stopped, fresh };

struct Present {
    std::string name;  // "group:process"; unique
    Condition condition = Condition::fresh;
    bool leaving = false;  // told to go already (scaled down, removed), and not gone yet
};

struct Wanted {
    std::string name;                          // unique
    Difference difference = Difference::none;  // to the present one of this name, if there is one
    bool autostart = true;
    bool had_autostart = true;  // the present one
    std::vector<int> needs;     // indices of the wanted that must run before it
};

/// What is done to one process.
/// stop: it is up, is stopped and forgotten. remove: it is down and forgotten.
/// change: it gets other settings and goes on as it is. restart: it is up, is stopped, gets other
/// settings and starts. add: it is new and stays down. start: it is new, or down, and is started.
enum class Action { stop, remove, change, restart, add, start };

struct Step {
    Action action = Action::change;
    std::string name;
    int present = -1;  // index; -1: there is none
    int wanted = -1;
    /// Processes that are up, need this one and have no step of their own, in the order of
    /// `wanted`. They are not touched; a person may want to know.
    std::vector<std::string> dependants = {};
    bool operator==(Step const&) const = default;
};

/// The steps, those that end processes first: `stop` and `remove` in the opposite order of
/// `present`, then the others in the order of `wanted`. Both are given in start order.
///
/// What a person stopped stays stopped. What ended or failed by itself and shall start with the
/// daemon is started when its settings ask for a new start: mending the configuration is how one
/// gets out of FATAL. What was never started is when its autostart is switched on.
std::vector<Step> steps(std::vector<Present> const& present, std::vector<Wanted> const& wanted);

/// "restart"
std::string_view name(Action);
/// "restarted"
std::string_view past(Action);

}  // namespace lares::plan
