// control/config_operations.cc: reading the configuration again, and making what runs follow it.

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

}  // namespace

void reload_config(Call call, Parameters const&) {
    call.house().configuration().read_configuration([call](Result<config::GroupChanges> changes) {
        if (!changes) {
            bool ends = changes.error().kind == Error::Kind::conflict;
            return call.fail(ends ? Fault::shutdown_state : Fault::cant_reread,
                             ends ? "" : changes.error().what);
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
