// cli/classic_processes.cc: supervisorctl's commands over processes: status, pid, start, stop,
// restart, signal, clear.

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/classic_control.h"
#include "config/values.h"

namespace lares::cli::classic {
namespace {

using text::Value;
using Names = std::vector<std::string>;

constexpr std::size_t narrowest_name = 30;
/// STOPPED, EXITED, FATAL, UNKNOWN.
constexpr std::int64_t stopped_states[] = {0, 100, 200, 1000};

bool wants_all(Names const& names) { return std::ranges::count(names, "all") > 0; }

/// One result of many, or a fault of one, in the same words.
struct Outcome {
    std::string group, name;
    int code;
    std::string words;
};

Outcome outcome_of(Value const& value) {
    return {text_of(value, "group"), text_of(value, "name"), int(number_of(value, "status")),
            text_of(value, "description")};
}

/// Words for a code; nullptr: this verb does not know it.
struct CodeRow {
    int code;
    char const* words;
};

/// What differs between the verbs.
struct Verb {
    std::string_view one, group, all;  // methods
    std::string_view done;             // "started"
    int harmless;                      // a fault that is no failure
    int unknown_group;                 // exit code
    std::span<CodeRow const> rows;
    bool tells_failed;  // FAILED is told in the fault's own words
};

constexpr CodeRow start_rows[] = {
    {fault::bad_name, "no such process"},
    {fault::no_file, "no such file"},
    {fault::not_executable, "file is not executable"},
    {fault::already_started, "already started"},
    {fault::spawn_error, "spawn error"},
    {fault::abnormal_termination, "abnormal termination"},
};
constexpr CodeRow signal_rows[] = {
    {fault::bad_name, "no such process"},
    {fault::bad_signal, "bad signal name"},
    {fault::not_running, "not running"},
};
constexpr CodeRow clear_rows[] = {
    {fault::bad_name, "no such process"},
    {fault::failed, "failed"},
};

// clang-format off
constexpr Verb start_verb = {"supervisor.startProcess",     "supervisor.startProcessGroup",  "supervisor.startAllProcesses",   "started",   fault::already_started, code::invalid_arguments, start_rows,  false};
constexpr Verb stop_verb = {"supervisor.stopProcess",       "supervisor.stopProcessGroup",   "supervisor.stopAllProcesses",    "stopped",   fault::not_running,     code::generic,           signal_rows, true};
constexpr Verb signal_verb = {"supervisor.signalProcess",   "supervisor.signalProcessGroup", "supervisor.signalAllProcesses",  "signalled", fault::success,         code::generic,           signal_rows, true};
constexpr Verb clear_verb = {"supervisor.clearProcessLogs", "",                              "supervisor.clearAllProcessLogs", "cleared",   fault::success,         code::generic,           clear_rows,  false};
// clang-format on

/// One line, or what Python raises for a code that its table lacks.
Ended tell(Control& control, Verb const& verb, Outcome const& outcome) {
    std::string const name = namespec(outcome.group, outcome.name);
    auto const row = std::ranges::find(verb.rows, outcome.code, &CodeRow::code);
    if (outcome.code == fault::success) {
        control.say(fmt::format("{}: {}", name, verb.done));
    } else if (row != verb.rows.end()) {
        control.say(fmt::format("{}: ERROR ({})", name, row->words));
    } else if (outcome.code == fault::failed && verb.tells_failed) {
        control.say(outcome.words);
    } else {
        return PythonError{"ValueError",
                           fmt::format("Unknown result code {} for {}", outcome.code, name)};
    }
    control.note(outcome.code, verb.harmless);
    return {};
}

Ended tell_many(Control& control, Verb const& verb, Value const& answer) {
    for (Value const& each : items(answer))
        if (Ended ended = tell(control, verb, outcome_of(each))) return ended;
    return {};
}

using Params = std::vector<Value>;

Params with(std::string const& name, Params const& more) {
    Params params{name};
    params.insert(params.end(), more.begin(), more.end());
    return params;
}

Ended act_on_group(Control& control, Verb const& verb, std::string const& group,
                   Params const& more) {
    Reply const reply = control.ask(std::string(verb.group), with(group, more));
    if (auto const* value = value_of(reply)) return tell_many(control, verb, *value);
    if (fault_code(reply) != fault::bad_name) return std::get<Raised>(reply);
    control.fail(group + ": ERROR (no such group)", verb.unknown_group);
    return {};
}

Ended act_on_one(Control& control, Verb const& verb, std::string const& name, Params const& more) {
    auto const [group, process] = split_namespec(name);
    if (!process && !verb.group.empty()) return act_on_group(control, verb, group, more);
    Reply const reply = control.ask(std::string(verb.one), with(name, more));
    Outcome outcome{group, process.value_or("None"), fault::success, ""};
    if (value_of(reply) == nullptr) {
        auto const* fault = std::get_if<text::XmlRpcFault>(&std::get<Raised>(reply));
        if (fault == nullptr) return std::get<Raised>(reply);
        outcome.code = fault->code;
        outcome.words = fault->words;
    }
    return tell(control, verb, outcome);
}

Ended act(Control& control, Verb const& verb, Names const& names, Params const& more = {}) {
    if (wants_all(names)) {
        Reply const reply = control.ask(std::string(verb.all), more);
        auto const* value = value_of(reply);
        return value != nullptr ? tell_many(control, verb, *value) : Ended(std::get<Raised>(reply));
    }
    for (std::string const& name : names)
        if (Ended ended = act_on_one(control, verb, name, more)) return ended;
    return {};
}

/// False when there are no names, which is said with the command's help.
bool has_names(Control& control, Names const& names, std::string_view command, int status) {
    if (!names.empty()) return true;
    control.fail(fmt::format("Error: {} requires a process name", command), status);
    control.say(find_command(command)->help);
    return false;
}

void show(Control const& control, std::vector<Value> const& processes) {
    std::size_t width = narrowest_name;
    auto name_of = [](Value const& process) {
        return namespec(text_of(process, "group"), text_of(process, "name"));
    };
    for (Value const& process : processes) width = std::max(width, name_of(process).size());
    std::string text;
    for (Value const& process : processes)
        text += fmt::format("{:<{}}{:<10}{}\n", name_of(process), width + 3,
                            text_of(process, "statename"), text_of(process, "description"));
    if (!text.empty()) control.doors.out(text);
}

/// The processes that `name` means; says so when it means none.
std::vector<Value> matching(Control& control, Value const& all, std::string const& name) {
    auto const [group, process] = split_namespec(name);
    std::vector<Value> found;
    for (Value const& each : items(all))
        if (text_of(each, "group") == group && (!process || text_of(each, "name") == *process))
            found.push_back(each);
    if (found.empty())
        control.fail(
            process ? name + ": ERROR (no such process)" : group + ": ERROR (no such group)",
            code::status_unknown);
    return found;
}

Ended tell_pid(Control& control, std::string const& name) {
    Reply const reply = control.ask("supervisor.getProcessInfo", {name});
    if (auto const* value = value_of(reply)) {
        std::int64_t const number = number_of(*value, "pid");
        control.say(std::to_string(number));
        if (number == 0) control.status = code::not_running;
        return {};
    }
    if (fault_code(reply) != fault::bad_name) return std::get<Raised>(reply);
    control.fail("No such process " + name);
    return {};
}

}  // namespace

Ended status(Control& control, std::string const& argument) {
    Reply const reply = control.ask("supervisor.getAllProcessInfo");
    auto const* all = value_of(reply);
    if (all == nullptr) return std::get<Raised>(reply);
    Names const names = config::split_spaces(argument);
    std::vector<Value> found;
    if (names.empty() || wants_all(names)) {
        found.assign(items(*all).begin(), items(*all).end());
    } else {
        for (std::string const& name : names)
            for (Value& process : matching(control, *all, name))
                found.push_back(std::move(process));
    }
    show(control, found);
    for (Value const& process : found)
        if (std::ranges::count(stopped_states, number_of(process, "state")) > 0)
            control.status = code::status_not_running;
    return {};
}

Ended pid(Control& control, std::string const& argument) {
    Names const names = config::split_spaces(argument);
    bool const all = wants_all(names);
    if (names.empty() || all) {
        Reply const reply = control.ask(all ? "supervisor.getAllProcessInfo" : "supervisor.getPID");
        auto const* value = value_of(reply);
        if (value == nullptr) return std::get<Raised>(reply);
        if (!all) control.say(text::to_json(*value));
        for (Value const& process : items(*value))
            control.say(std::to_string(number_of(process, "pid")));
        return {};
    }
    for (std::string const& name : names)
        if (Ended ended = tell_pid(control, name)) return ended;
    return {};
}

Ended start(Control& control, std::string const& argument) {
    Names const names = config::split_spaces(argument);
    if (!has_names(control, names, "start", code::invalid_arguments)) return {};
    return act(control, start_verb, names);
}

Ended stop(Control& control, std::string const& argument) {
    Names const names = config::split_spaces(argument);
    if (!has_names(control, names, "stop", code::generic)) return {};
    return act(control, stop_verb, names);
}

Ended restart(Control& control, std::string const& argument) {
    Names const names = config::split_spaces(argument);
    if (!has_names(control, names, "restart", code::generic)) return {};
    if (Ended ended = act(control, stop_verb, names)) return ended;
    return act(control, start_verb, names);
}

Ended signal(Control& control, std::string const& argument) {
    Names names = config::split_spaces(argument);
    if (names.size() < 2) {
        control.fail("Error: signal requires a signal name and a process name");
        control.say(find_command("signal")->help);
        return {};
    }
    std::string const wanted = names.front();
    names.erase(names.begin());
    return act(control, signal_verb, names, {wanted});
}

Ended clear(Control& control, std::string const& argument) {
    Names const names = config::split_spaces(argument);
    if (!has_names(control, names, "clear", code::generic)) return {};
    return act(control, clear_verb, names);
}

}  // namespace lares::cli::classic
