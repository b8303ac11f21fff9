// control/config_operations.cc: reading the configuration again, and making what runs follow it.

#include <optional>

#include "base/limits.h"
#include "control/config_house.h"
#include "control/operation_functions.h"

namespace lares::control {

namespace {

text::Array array_of(std::vector<std::string> const& names) {
    return text::Array(names.begin(), names.end());
}

text::Value log_name(config::LogTarget const& target, std::string const& path) {
    switch (target.kind) {
    case config::LogTarget::Kind::automatic:
        return path.empty() ? "auto" : path;
    case config::LogTarget::Kind::file:
        return target.path;
    case config::LogTarget::Kind::none:
    case config::LogTarget::Kind::syslog:
    case config::LogTarget::Kind::journald:
        return "none";
    }
    return "none";
}

text::Value autorestart(supervise::Restart restart) {
    switch (restart) {
    case supervise::Restart::never:
        return false;
    case supervise::Restart::always:
        return true;
    case supervise::Restart::unexpected:
        return "unexpected";
    }
    return false;
}

std::int64_t whole_seconds(Duration span) {
    return std::chrono::duration_cast<std::chrono::seconds>(span).count();
}

void put_log(text::Struct& members, std::string const& stream, config::LogSettings const& log,
             text::Value file) {
    members.emplace_back(stream + "_capture_maxbytes", log.capture_maxbytes);
    members.emplace_back(stream + "_events_enabled", log.events_enabled);
    members.emplace_back(stream + "_logfile", std::move(file));
    members.emplace_back(stream + "_logfile_backups", log.backups);
    members.emplace_back(stream + "_logfile_maxbytes", log.maxbytes);
    members.emplace_back(stream + "_syslog", log.syslog);
}

/// What supervisord 4.4 tells of one process (spec §4.2): "none" and "auto" for what is not there.
text::Value config_info(Configured const& one) {
    auto const& program = *one.program;
    auto const& policy = program.policy;
    text::Array exit_codes(policy.exit_codes.begin(), policy.exit_codes.end());
    auto const& directory = one.process.directory;
    auto uid = program.user ? text::Value(std::int64_t(program.user->uid)) : text::Value("none");
    auto none_if_empty = [](std::string const& text) {
        return text.empty() ? text::Value("none") : text::Value(text);
    };
    text::Struct members{{"autostart", program.autostart},
                         {"autorestart", autorestart(policy.restart)},
                         {"directory", none_if_empty(directory)},
                         {"uid", uid},
                         {"command", one.process.command},
                         {"exitcodes", std::move(exit_codes)},
                         {"group", one.group},
                         {"group_prio", one.group_priority},
                         {"inuse", one.in_use},
                         {"killasgroup", program.killasgroup},
                         {"name", one.process.name},
                         {"process_prio", program.priority},
                         {"redirect_stderr", program.redirect_stderr},
                         {"startretries", policy.startretries},
                         {"startsecs", whole_seconds(policy.startsecs)},
                         {"stopsignal", policy.stop_ladder.front().signal},
                         {"stopwaitsecs", whole_seconds(policy.stop_ladder.front().wait)},
                         {"serverurl", none_if_empty(program.serverurl)}};
    put_log(members, "stdout", program.out, log_name(one.process.out, one.out_log));
    auto err =
        program.redirect_stderr ? text::Value("none") : log_name(one.process.err, one.err_log);
    put_log(members, "stderr", program.err, std::move(err));
    return members;
}

/// Which fault an Error of the daemon's is.
Outcome outcome_of(Error const& error) {
    switch (error.kind) {
    case Error::Kind::invalid:
        return {Fault::cant_reread, error.what};
    case Error::Kind::not_found:
        return {Fault::bad_name, error.what};
    case Error::Kind::unavailable:
        return {Fault::shutdown_state, ""};
    case Error::Kind::conflict:
    case Error::Kind::denied:
    case Error::Kind::io:
        return {Fault::failed, error.what};
    }
    return {Fault::failed, error.what};
}

text::Value work_value(PlannedWork const& work) {
    text::Array options;
    for (auto const& one : work.options)
        options.emplace_back(text::Struct{{"option", one.option},
                                          {"before", one.before},
                                          {"after", one.after},
                                          {"place", one.place}});
    return text::Struct{{"action", std::string(plan::name(work.action))},
                        {"kind", work.kind},
                        {"name", work.name},
                        {"options", std::move(options)},
                        {"next_before", array_of(work.next_before)},
                        {"next_after", array_of(work.next_after)},
                        {"timezone", work.timezone},
                        {"waiting", static_cast<std::int64_t>(work.waiting)},
                        {"running", static_cast<std::int64_t>(work.running)},
                        {"notes", array_of(work.notes)}};
}

text::Value planned_value(Planned const& plan) {
    text::Array changes;
    for (auto const& change : plan.changes)
        changes.emplace_back(text::Struct{{"action", std::string(plan::name(change.action))},
                                          {"name", change.name},
                                          {"program", change.program},
                                          {"why", change.why},
                                          {"lines", array_of(change.lines)},
                                          {"dependants", array_of(change.dependants)}});
    text::Array work;
    for (auto const& one : plan.work) work.push_back(work_value(one));
    return text::Struct{{"fingerprint", plan.fingerprint},     {"revision", plan.revision},
                        {"changes", std::move(changes)},       {"work", std::move(work)},
                        {"warnings", array_of(plan.warnings)}, {"errors", array_of(plan.errors)}};
}

/// Entries as all our operations give them; where a step succeeded its description says which.
AppliedAnswer answer_applied(Call call) {
    return [call](Result<std::vector<Applied>> const& done) {
        if (!done) return call.fail(outcome_of(done.error()));
        text::Array entries;
        for (auto const& one : *done) {
            bool well = one.outcome.fault == Fault::success;
            text::Struct entry{{"name", one.name},
                               {"group", one.group},
                               {"status", static_cast<int>(one.outcome.fault)},
                               {"description", well ? std::string(plan::past(one.action))
                                                    : fault_text(one.outcome)}};
            entries.emplace_back(std::move(entry));
        }
        call.answer(std::move(entries));
    };
}

std::function<void(Outcome)> settle(Call call) {
    return [call](Outcome outcome) { call.settle(std::move(outcome)); };
}

/// None, and the call has failed, when one is no text or there are too many.
std::optional<std::vector<std::string>> names_in(Call call, text::Value const& given) {
    std::vector<std::string> names;
    for (auto const& name : *given.array())
        if (name.text()) names.push_back(*name.text());
    if (names.size() == given.array()->size() && names.size() <= limits::patterns) return names;
    bool many = names.size() > limits::patterns;
    call.fail(many ? Fault::bad_arguments : Fault::incorrect_parameters,
              many ? "too many names; none means all" : "names must be strings");
    return std::nullopt;
}

}  // namespace

void lares_plan(Call call, Parameters const& parameters) {
    call.house().configuration().plan(
        *parameters[0].text(), [call](Planned const& plan) { call.answer(planned_value(plan)); });
}

void lares_apply(Call call, Parameters const& parameters) {
    call.house().configuration().apply(*parameters[0].text(), answer_applied(call));
}

void lares_update(Call call, Parameters const& parameters) {
    auto names = names_in(call, parameters[0]);
    if (names) call.house().configuration().update(std::move(*names), answer_applied(call));
}

void lares_config_rollback(Call call, Parameters const& parameters) {
    auto revision = static_cast<int>(*parameters[0].integer());
    call.house().configuration().rollback(revision, answer_applied(call));
}

void lares_config_history(Call call, Parameters const&) {
    text::Array list;
    for (auto const& one : call.house().configuration().history())
        list.emplace_back(text::Struct{{"revision", one.revision},
                                       {"when", one.when},
                                       {"by", one.by},
                                       {"cause", one.cause},
                                       {"programs", one.programs},
                                       {"current", one.current}});
    call.answer(std::move(list));
}

void lares_config_diff(Call call, Parameters const& parameters) {
    auto from = static_cast<int>(*parameters[0].integer());
    auto to = static_cast<int>(*parameters[1].integer());
    call.house().configuration().diff(from, to, [call](Result<std::string> const& diff) {
        if (!diff) return call.fail(outcome_of(diff.error()));
        call.answer(*diff);
    });
}

void lares_put_program(Call call, Parameters const& parameters) {
    call.house().configuration().put_program(*parameters[0].text(), *parameters[1].text(),
                                             settle(call));
}

void lares_remove_program(Call call, Parameters const& parameters) {
    call.house().configuration().remove_program(*parameters[0].text(), settle(call));
}

void reload_config(Call call, Parameters const&) {
    call.house().configuration().read_configuration([call](Result<config::GroupChanges> changes) {
        if (!changes) {
            return call.fail(outcome_of(changes.error()));
        }
        text::Array lists, answer;
        for (auto const* names : {&changes->added, &changes->changed, &changes->removed})
            lists.emplace_back(array_of(*names));
        answer.emplace_back(std::move(lists));
        call.answer(std::move(answer));
    });
}

void add_process_group(Call call, Parameters const& parameters) {
    call.settle(call.house().configuration().add_group(*parameters[0].text()));
}

void remove_process_group(Call call, Parameters const& parameters) {
    call.settle(call.house().configuration().remove_group(*parameters[0].text()));
}

void get_all_config_info(Call call, Parameters const&) {
    text::Array all;
    for (auto const& one : call.house().configuration().configured())
        all.push_back(config_info(one));
    call.answer(std::move(all));
}

}  // namespace lares::control
