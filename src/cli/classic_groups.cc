// cli/classic_groups.cc: supervisorctl's commands over configuration groups: avail, reread, update,
// add, remove.

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "cli/classic_control.h"
#include "config/values.h"

namespace lares::cli::classic {
namespace {

using text::Value;
using Names = std::vector<std::string>;

/// What reloadConfig found: names of groups.
struct Changes {
    Names added, changed, removed;
};

Names names_in(Value const& value) {
    Names names;
    for (Value const& each : items(value))
        if (std::string const* name = each.text()) names.push_back(*name);
    return names;
}

/// The answer is a list of one list of three.
Changes changes_of(Value const& answer) {
    auto const outer = items(answer);
    auto const lists = outer.empty() ? outer : items(outer[0]);
    if (lists.size() < 3) return {};
    return {names_in(lists[0]), names_in(lists[1]), names_in(lists[2])};
}

Ended ended_of(Reply const& reply) {
    if (value_of(reply) != nullptr) return {};
    return std::get<Raised>(reply);
}

Ended call(Control const& control, std::string const& method, std::string const& group) {
    return ended_of(control.ask(method, {group}));
}

bool has_failed(Value const& result) { return number_of(result, "status") == fault::failed; }

/// Stops a group that the configuration no longer has, and takes it out.
Ended take_out(Control& control, std::string const& group) {
    Reply const reply = control.ask("supervisor.stopProcessGroup", {group});
    auto const* results = value_of(reply);
    if (results == nullptr) return std::get<Raised>(reply);
    control.say(group + ": stopped");
    if (std::ranges::any_of(items(*results), has_failed)) {
        control.fail(group + ": has problems; not removing");
        return {};
    }
    if (Ended ended = call(control, "supervisor.removeProcessGroup", group)) return ended;
    control.say(group + ": removed process group");
    return {};
}

Ended replace(Control& control, std::string const& group) {
    if (Ended ended = call(control, "supervisor.stopProcessGroup", group)) return ended;
    control.say(group + ": stopped");
    if (Ended ended = call(control, "supervisor.removeProcessGroup", group)) return ended;
    if (Ended ended = call(control, "supervisor.addProcessGroup", group)) return ended;
    control.say(group + ": updated process group");
    return {};
}

Ended put_in(Control& control, std::string const& group) {
    if (Ended ended = call(control, "supervisor.addProcessGroup", group)) return ended;
    control.say(group + ": added process group");
    return {};
}

/// Complains of `wanted` groups that neither run nor were found new.
Ended complain_of_strangers(Control& control, Names const& wanted, Names const& added) {
    Reply const reply = control.ask("supervisor.getAllProcessInfo");
    auto const* all = value_of(reply);
    if (all == nullptr) return std::get<Raised>(reply);
    std::set<std::string> known(added.begin(), added.end());
    for (Value const& process : items(*all)) known.insert(text_of(process, "group"));
    for (std::string const& name : std::set<std::string>(wanted.begin(), wanted.end()))
        if (!known.contains(name)) control.fail("ERROR: no such group: " + name);
    return {};
}

/// Every group of `groups` that is wanted, one after the other.
Ended each(Control& control, Names const& groups, Names const& wanted,
           Ended (*act)(Control&, std::string const&)) {
    for (std::string const& group : groups) {
        if (!wanted.empty() && std::ranges::count(wanted, group) == 0) continue;
        if (Ended ended = act(control, group)) return ended;
    }
    return {};
}

}  // namespace

Ended avail(Control& control, std::string const&) {
    Reply const reply = control.ask("supervisor.getAllConfigInfo");
    auto const* all = value_of(reply);
    if (all == nullptr) {
        if (fault_code(reply) != fault::shutdown_state) return std::get<Raised>(reply);
        control.fail("ERROR: supervisor shutting down");
        return {};
    }
    for (Value const& each : items(*all))
        control.say(fmt::format("{:<32} {:<9} {:<9} {}:{}",
                                namespec(text_of(each, "group"), text_of(each, "name")),
                                is_true(each, "inuse") ? "in use" : "avail",
                                is_true(each, "autostart") ? "auto" : "manual",
                                number_of(each, "group_prio"), number_of(each, "process_prio")));
    return {};
}

Ended reread(Control& control, std::string const&) {
    Reply const reply = control.ask("supervisor.reloadConfig");
    auto const* answer = value_of(reply);
    if (answer == nullptr) {
        Raised const& raised = std::get<Raised>(reply);
        if (fault_code(reply) == fault::shutdown_state) {
            control.fail("ERROR: supervisor shutting down");
        } else if (fault_code(reply) == fault::cannot_reread) {
            control.fail("ERROR: " + std::get<text::XmlRpcFault>(raised).words);
        } else {
            return raised;
        }
        return {};
    }
    Changes const changes = changes_of(*answer);
    std::map<std::string, std::string_view> words;
    for (std::string const& name : changes.added) words[name] = "available";
    for (std::string const& name : changes.changed) words[name] = "changed";
    for (std::string const& name : changes.removed) words[name] = "disappeared";
    for (auto const& [name, word] : words) control.say(fmt::format("{}: {}", name, word));
    if (words.empty()) control.say("No config updates to processes");
    return {};
}

Ended update(Control& control, std::string const& argument) {
    Reply const reply = control.ask("supervisor.reloadConfig");
    auto const* answer = value_of(reply);
    if (answer == nullptr) {
        if (fault_code(reply) != fault::shutdown_state) return std::get<Raised>(reply);
        control.fail("ERROR: already shutting down");
        return {};
    }
    Changes const changes = changes_of(*answer);
    Names wanted = config::split_spaces(argument);
    if (std::ranges::count(wanted, "all") > 0) wanted.clear();
    if (!wanted.empty())
        if (Ended ended = complain_of_strangers(control, wanted, changes.added)) return ended;
    if (Ended ended = each(control, changes.removed, wanted, take_out)) return ended;
    if (Ended ended = each(control, changes.changed, wanted, replace)) return ended;
    return each(control, changes.added, wanted, put_in);
}

Ended add(Control& control, std::string const& argument) {
    for (std::string const& name : config::split_spaces(argument)) {
        Reply const reply = control.ask("supervisor.addProcessGroup", {name});
        if (value_of(reply) != nullptr) {
            control.say(name + ": added process group");
        } else if (fault_code(reply) == fault::shutdown_state) {
            control.fail("ERROR: shutting down");
        } else if (fault_code(reply) == fault::already_added) {
            control.say("ERROR: process group already active");
        } else if (fault_code(reply) == fault::bad_name) {
            control.fail("ERROR: no such process/group: " + name);
        } else {
            return std::get<Raised>(reply);
        }
    }
    return {};
}

Ended remove(Control& control, std::string const& argument) {
    for (std::string const& name : config::split_spaces(argument)) {
        Reply const reply = control.ask("supervisor.removeProcessGroup", {name});
        if (value_of(reply) != nullptr) {
            control.say(name + ": removed process group");
        } else if (fault_code(reply) == fault::still_running) {
            control.fail("ERROR: process/group still running: " + name);
        } else if (fault_code(reply) == fault::bad_name) {
            control.fail("ERROR: no such process/group: " + name);
        } else {
            return std::get<Raised>(reply);
        }
    }
    return {};
}

}  // namespace lares::cli::classic
