// control/lares_operations.cc: what the `lares` command asks: patterns in, entries out.
//
// Unlike supervisord's group requests, every process that a pattern means gets its entry, in the
// order of control/names.h: whoever asked for it learns what became of it.

#include <algorithm>

#include "base/limits.h"
#include "base/signals.h"
#include "base/version.h"
#include "control/config_house.h"
#include "control/describe.h"
#include "control/names.h"
#include "control/operation_functions.h"
#include "control/operation_parts.h"
#include "control/work_house.h"

namespace lares::control {

namespace {

/// What patterns mean, with the facts they were looked up in.
struct Chosen {
    std::vector<ProcessIndex> indices;
    std::vector<ProcessInfo> infos;  // parallel to indices
    Selection selection;             // positions in both
};

/// None, and the call has failed, when a pattern is no text or there are too many.
std::optional<Chosen> choose(Call call, text::Value const& given) {
    std::vector<std::string> patterns;
    for (auto const& pattern : *given.array()) {
        if (pattern.text()) patterns.push_back(*pattern.text());
    }
    if (patterns.size() != given.array()->size()) {
        call.fail(Fault::incorrect_parameters, "names and patterns must be strings");
        return std::nullopt;
    }
    if (patterns.size() > limits::patterns) {
        call.fail(Fault::bad_arguments, "more than " + std::to_string(limits::patterns) +
                                            " names; use a pattern as in 'group:*'");
        return std::nullopt;
    }
    Chosen chosen{call.house().by_name(), {}, {}};
    chosen.infos.reserve(chosen.indices.size());
    for (auto index : chosen.indices) chosen.infos.push_back(call.house().info(index));
    std::vector<ProcessName> names;
    names.reserve(chosen.infos.size());
    for (auto const& info : chosen.infos) names.push_back({info.group, info.name, info.program});
    chosen.selection = select(names, patterns);
    return chosen;
}

std::vector<NamedProcess> processes(Chosen const& chosen) {
    std::vector<NamedProcess> list;
    for (auto position : chosen.selection.chosen) {
        auto const& info = chosen.infos[position];
        list.push_back({chosen.indices[position], info.group, info.name});
    }
    return list;
}

void ask_meant(Call call, text::Value const& patterns, Ask const& ask) {
    auto chosen = choose(call, patterns);
    if (chosen) ask_chosen(call, processes(*chosen), chosen->selection.unknown, ask);
}

/// The process that a rolling restart's words name, alone or in quotes; the list's end when none.
std::size_t failed_at(std::vector<NamedProcess> const& list, std::string_view words) {
    auto is_named = [&](std::string const& name) {
        return words == name || words.find("'" + name + "'") != words.npos;
    };
    auto found = std::ranges::find_if(list, [&](NamedProcess const& process) {
        return is_named(process.group + ":" + process.name) ||
               is_named(full_name(process.group, process.name));
    });
    return static_cast<std::size_t>(found - list.begin());
}

/// What a rolling restart's one outcome says of the process at `position`: those before the failed
/// one came back, those after it were not touched.
Outcome rolled(std::size_t position, std::size_t failed, Outcome const& outcome) {
    if (outcome.fault == Fault::success || position == failed) return outcome;
    if (position < failed) return {};
    return {Fault::failed, "not restarted, because one before it did not come back"};
}

void roll(Call call, Chosen const& chosen) {
    auto list = processes(chosen);
    auto const& unknown = chosen.selection.unknown;
    call.expect(list.size() + unknown.size(), EntryOrder::given);
    put_unknown(call, unknown);
    if (list.empty()) return;
    std::vector<ProcessIndex> indices;
    indices.reserve(list.size());
    for (auto const& process : list) indices.push_back(process.index);
    auto done = [call, list, first = unknown.size()](Outcome const& outcome) {
        auto failed = failed_at(list, outcome.extra);
        bool nameless = failed == list.size();
        for (std::size_t i = 0; i < list.size(); ++i) {
            auto own = nameless ? outcome : rolled(i, failed, outcome);
            call.put(first + i, outcome_entry(list[i].group, list[i].name, own));
        }
    };
    call.remember(call.house().rolling_restart(std::move(indices), std::move(done)));
}

}  // namespace

void lares_status(Call call, Parameters const& parameters) {
    auto chosen = choose(call, parameters[0]);
    if (!chosen) return;
    auto& house = call.house();
    auto now = house.wall();
    LocalOffset offset = [&house](WallTime at) { return house.local_offset_seconds(at); };
    auto const drift = call.house().configuration().drift();
    auto const audited = house.work().audited();
    auto const& unknown = chosen->selection.unknown;
    auto& positions = chosen->selection.chosen;
    std::ranges::sort(positions);  // a status reads by name, however it was asked
    std::vector<std::string> wanted;
    for (auto const& member : *parameters[1].array())
        if (member.text()) wanted.push_back(*member.text());
    auto members = status_members(wanted);
    text::Array list;
    list.reserve(positions.size());
    for (auto position : positions)
        list.push_back(process_status(chosen->infos[position], now, offset, members));
    call.answer(
        text::Struct{{"version", std::string(version())},
                     {"commit", std::string(commit())},
                     {"pid", house.pid()},
                     {"identifier", house.identifier()},
                     {"state", name(house.daemon_state())},
                     {"config", house.config_path()},
                     {"started", seconds(call.started())},
                     {"tasks", static_cast<std::int64_t>(house.work().tasks().size())},
                     {"processes", std::move(list)},
                     {"unknown", text::Array(unknown.begin(), unknown.end())},
                     {"config_drift", !drift.files.empty()},
                     {"config_drift_files", text::Array(drift.files.begin(), drift.files.end())},
                     {"config_trouble", drift.trouble},
                     {"unexplained", static_cast<std::int64_t>(audited.unexplained)},
                     {"audited", seconds(audited.at)}});
}

void lares_start(Call call, Parameters const& parameters) {
    bool wait = *parameters[1].boolean();
    ask_meant(call, parameters[0], [wait](House& house, ProcessIndex index, Report done) {
        // supervisor.startProcess refuses what is still stopping; a person means: once it is gone.
        if (house.state(index) == supervise::State::stopping)
            return house.restart(index, wait, std::move(done));
        return house.start(index, wait, std::move(done));
    });
}

void lares_stop(Call call, Parameters const& parameters) {
    bool wait = *parameters[1].boolean();
    ask_meant(call, parameters[0], [wait](House& house, ProcessIndex index, Report done) {
        return house.stop(index, wait, std::move(done));
    });
}

void lares_restart(Call call, Parameters const& parameters) {
    bool wait = *parameters[1].boolean();
    bool rolling = *parameters[2].boolean();
    if (rolling) {
        auto chosen = choose(call, parameters[0]);
        if (chosen) roll(call, *chosen);
        return;
    }
    ask_meant(call, parameters[0], [wait](House& house, ProcessIndex index, Report done) {
        return house.restart(index, wait, std::move(done));
    });
}

void lares_signal(Call call, Parameters const& parameters) {
    auto const& signal = parameters[1];
    if (!signal_number(signal_as_sent(signal)))
        return call.fail(Fault::bad_signal, signal_as_sent(signal));
    ask_meant(call, parameters[0], [&signal](House& house, ProcessIndex index, Report done) {
        done(send_signal(house, index, signal));
        return WaitId(0);
    });
}

void lares_scale(Call call, Parameters const& parameters) {
    auto const& program = *parameters[0].text();
    auto count = *parameters[1].integer();
    if (count < 0 || count > limits::processes)
        return call.fail(Fault::bad_arguments,
                         "a count must be 0 to " + std::to_string(limits::processes));
    call.remember(
        call.house().scale(program, static_cast<int>(count), [call, program](Outcome outcome) {
            call.settle(worded(std::move(outcome), program, Wording::ours));
        }));
}

void lares_upgrade(Call call, Parameters const& parameters) {
    call.house().ask_upgrade(*parameters[0].text(), [call](Result<> result) {
        if (result) return call.answer(true);
        bool late = result.error().kind == Error::Kind::conflict;  // it is ending already
        call.fail(late ? Fault::shutdown_state : Fault::failed, result.error().what);
    });
}

void lares_version(Call call, Parameters const&) { call.answer(std::string(version())); }

}  // namespace lares::control
