// config/changes.cc: two configurations compared by the option rows.
//
// A row compares its own field; the exceptions below are options whose text becomes something else
// on the way to its field, or something else for each process. An option that no list here names
// needs a new start: wrong for a new row at worst by being careful.

#include "config/changes.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "config/rows.h"

namespace lares::config {

namespace {

using plan::Difference;

/// What the daemon reads each time it decides something about the process, or can hand to its logs.
constexpr std::string_view live_options[] = {"status",
                                             "remember",
                                             "on_orphan",
                                             "expect",
                                             "priority",
                                             "autostart",
                                             "autorestart",
                                             "startsecs",
                                             "startretries",
                                             "stopsignal",
                                             "stopwaitsecs",
                                             "stopasgroup",
                                             "killasgroup",
                                             "exitcodes",
                                             "stdout_capture_maxbytes",
                                             "stdout_events_enabled",
                                             "stderr_capture_maxbytes",
                                             "stderr_events_enabled",
                                             "stdout_logfile",
                                             "stdout_logfile_backups",
                                             "stdout_logfile_maxbytes",
                                             "stdout_syslog",
                                             "stderr_logfile",
                                             "stderr_logfile_backups",
                                             "stderr_logfile_maxbytes",
                                             "stderr_syslog",
                                             "depends_on",
                                             "ready",
                                             "ready_within",
                                             "ready_every",
                                             "ready_timeout",
                                             "alive",
                                             "alive_every",
                                             "alive_timeout",
                                             "alive_failures",
                                             "alive_after",
                                             "memory_every",
                                             "pre_start",
                                             "post_start",
                                             "pre_stop",
                                             "post_stop",
                                             "hook_timeout",
                                             "watch_restart",
                                             "watch_delay",
                                             "restart_delay",
                                             "restart_backoff",
                                             "restart_max_delay",
                                             "restart_jitter",
                                             "restart_limit",
                                             "on_exit",
                                             "on_fatal",
                                             "stdout_format",
                                             "stdout_prefix",
                                             "stdout_timestamp",
                                             "stdout_rotate",
                                             "stdout_compress",
                                             "stdout_keep_for",
                                             "stdout_keep_bytes",
                                             "stderr_format",
                                             "stderr_prefix",
                                             "stderr_timestamp",
                                             "stderr_rotate",
                                             "stderr_compress",
                                             "stderr_keep_for",
                                             "stderr_keep_bytes",
                                             "notify"};

/// Which processes there are: seen as processes that come and go.
constexpr std::string_view identity_options[] = {"numprocs", "numprocs_start", "process_name"};

bool is_among(std::string_view option, auto const& list) {
    return std::ranges::find(list, option) != std::end(list);
}

bool same_limit(Side one, Side other, std::string_view name) {
    auto of = [&](Program const& program) {
        auto found = std::ranges::find(program.limits, name, &ResourceLimit::name);
        return found == program.limits.end() ? ResourceLimit{std::string(name)} : *found;
    };
    return of(one.program) == of(other.program);
}

bool same_signals(Program const& one, Program const& other) {
    return std::ranges::equal(one.policy.stop_ladder, other.policy.stop_ladder, {},
                              &supervise::StopStep::signal, &supervise::StopStep::signal);
}

bool same_waits(Program const& one, Program const& other) {
    return std::ranges::equal(one.policy.stop_ladder, other.policy.stop_ladder, {},
                              &supervise::StopStep::wait, &supervise::StopStep::wait);
}

struct Exception {
    std::string_view option;
    bool (*same)(Side one, Side other);
};

template <auto Field>
bool same_process(Side one, Side other) {
    return one.process.*Field == other.process.*Field;
}
template <auto Field>
bool same_argv(Side one, Side other) {
    return (one.process.*Field).argv == (other.process.*Field).argv;
}

constexpr Exception exceptions[] = {
    {"command",
     [](Side one, Side other) {
         return one.process.argv == other.process.argv &&
                one.process.command == other.process.command &&
                one.process.command_error == other.process.command_error;
     }},
    {"environment", same_process<&ProcessSettings::environment>},
    {"directory", same_process<&ProcessSettings::directory>},
    {"environment_file", same_process<&ProcessSettings::environment_files>},
    {"stdout_logfile", same_process<&ProcessSettings::out>},
    {"stderr_logfile", same_process<&ProcessSettings::err>},
    {"stdout_prefix", same_process<&ProcessSettings::out_prefix>},
    {"stderr_prefix", same_process<&ProcessSettings::err_prefix>},
    {"ready", same_process<&ProcessSettings::ready>},
    {"alive", same_process<&ProcessSettings::alive>},
    {"pre_start", same_argv<&ProcessSettings::pre_start>},
    {"post_start", same_argv<&ProcessSettings::post_start>},
    {"pre_stop", same_argv<&ProcessSettings::pre_stop>},
    {"post_stop", same_argv<&ProcessSettings::post_stop>},
    {"hook_timeout",
     [](Side one, Side other) {
         return one.process.pre_start.time_limit == other.process.pre_start.time_limit;
     }},
    {"stopsignal", [](Side one, Side other) { return same_signals(one.program, other.program); }},
    {"stopwaitsecs", [](Side one, Side other) { return same_waits(one.program, other.program); }},
    {"killasgroup",
     [](Side one, Side other) { return one.program.killasgroup == other.program.killasgroup; }},
    {"ready_within",
     [](Side one, Side other) {
         return one.program.policy.ready_within == other.program.policy.ready_within;
     }},
    {"memory_max",
     [](Side one, Side other) {
         return one.program.cgroup.memory_max == other.program.cgroup.memory_max &&
                one.program.memory_watch.most == other.program.memory_watch.most;
     }},
    {"remember",
     [](Side one, Side other) { return one.program.remember == other.program.remember; }},
    {"on_orphan",
     [](Side one, Side other) { return one.program.on_orphan == other.program.on_orphan; }},
    {"on_exit", [](Side one, Side other) { return one.program.on_exit == other.program.on_exit; }},
    {"on_fatal",
     [](Side one, Side other) { return one.program.on_fatal == other.program.on_fatal; }},
    {"stdout_format",
     [](Side one, Side other) { return one.program.out.format == other.program.out.format; }},
    {"stderr_format",
     [](Side one, Side other) { return one.program.err.format == other.program.err.format; }},
};

/// Calls `each(row)` for the rows of a program section of this kind, in the order of the documents.
template <class Each>
void for_rows(ProgramKind kind, Each each) {
    if (kind == ProgramKind::eventlistener)
        for (auto const& row : eventlistener_rows()) each(row);
    if (kind == ProgramKind::fcgi_program)
        for (auto const& row : fcgi_rows()) each(row);
    for (auto const& row : program_rows())
        if (kind != ProgramKind::task || (row.traits & tasks_too)) each(row);
}

/// A stream that gets a log, or loses it, needs another pipe; stderr that moves to stdout, too.
bool needs_other_pipes(Side one, Side other, std::string_view option) {
    bool is_out = option.starts_with("stdout");
    if (!option.ends_with("_logfile") && !option.ends_with("_syslog")) return false;
    auto has_pipe = [&](Side side) {
        auto const& target = is_out ? side.process.out : side.process.err;
        auto const& log = is_out ? side.program.out : side.program.err;
        return target.kind != LogTarget::Kind::none || log.syslog;
    };
    return has_pipe(one) != has_pipe(other);
}

Difference effect_of(std::string_view option) {
    return is_among(option, live_options) ? Difference::live : Difference::restart;
}

/// All members of `groups` with their programs are as they were.
bool same_group(Group const& one, Settings const& before, Group const& other,
                Settings const& after) {
    if (one.priority != other.priority || one.programs != other.programs) return false;
    return std::ranges::all_of(one.programs, [&](std::string const& name) {
        auto const* old_program = before.find_program(name);
        auto const* new_program = after.find_program(name);
        return old_program && new_program && same_meaning(*old_program, *new_program);
    });
}

Group const* find_group(Settings const& settings, std::string_view name) {
    auto found = std::ranges::find(settings.groups, name, &Group::name);
    return found == settings.groups.end() ? nullptr : &*found;
}

}  // namespace

std::vector<OptionChange> changed_options(Side before, Side after) {
    std::vector<OptionChange> changes;
    ProgramDraft one{.program = before.program}, other{.program = after.program};
    for_rows(after.program.kind, [&](Row<ProgramDraft> const& row) {
        if (is_among(row.name, identity_options)) return;
        auto const* exception = std::ranges::find(exceptions, row.name, &Exception::option);
        bool same = false;
        if (row.name.starts_with("limit_"))
            same = same_limit(before, after, row.name.substr(6));
        else if (exception != std::end(exceptions))
            same = exception->same(before, after);
        else
            same = row.slot.same(one, other);
        if (same) return;
        bool other_pipes = needs_other_pipes(before, after, row.name);
        changes.push_back({row.name, other_pipes ? Difference::restart : effect_of(row.name)});
    });
    if (before.program.kind != after.program.kind)
        changes.push_back({"command", Difference::restart});
    return changes;
}

Difference difference(std::vector<OptionChange> const& changes) {
    auto most = Difference::none;
    for (auto const& change : changes) most = std::max(most, change.difference);
    return most;
}

std::vector<OptionEffect> option_effects() {
    std::vector<OptionEffect> effects;
    auto add = [&](Row<ProgramDraft> const& row) {
        bool is_identity = is_among(row.name, identity_options);
        effects.push_back({row.name, is_identity ? Difference::none : effect_of(row.name)});
    };
    for (auto const& row : program_rows()) add(row);
    for (auto const& row : eventlistener_rows()) add(row);
    for (auto const& row : fcgi_rows()) add(row);
    return effects;
}

GroupChanges changed_groups(Settings const& running, Settings const& read) {
    GroupChanges changes;
    for (auto const& group : read.groups) {
        auto const* known = find_group(running, group.name);
        if (!known)
            changes.added.push_back(group.name);
        else if (!same_group(*known, running, group, read))
            changes.changed.push_back(group.name);
    }
    for (auto const& group : running.groups)
        if (!find_group(read, group.name)) changes.removed.push_back(group.name);
    for (auto* names : {&changes.added, &changes.changed, &changes.removed})
        std::ranges::sort(*names);
    return changes;
}

Settings with_group(Settings const& running, Settings const& read, std::string_view name) {
    Settings merged = running;
    auto const* group = find_group(read, name);
    if (!group) return merged;
    for (auto const& member : group->programs) {
        auto const* program = read.find_program(member);
        if (!program) continue;
        auto known = std::ranges::find(merged.programs, member, &Program::name);
        if (known == merged.programs.end())
            merged.programs.push_back(*program);
        else
            *known = *program;
    }
    for (auto const& socket : read.sockets)
        if (std::ranges::find(merged.sockets, socket.name, &Socket::name) == merged.sockets.end())
            merged.sockets.push_back(socket);
    auto place = std::ranges::find_if(merged.groups, [&](Group const& other) {
        return std::tie(other.priority, other.name) > std::tie(group->priority, group->name);
    });
    merged.groups.insert(place, *group);
    return merged;
}

Settings without_group(Settings const& running, std::string_view name) {
    Settings merged = running;
    std::erase_if(merged.groups, [&](Group const& group) { return group.name == name; });
    std::erase_if(merged.programs, [&](Program const& program) {
        return std::ranges::none_of(merged.groups, [&](Group const& group) {
            return std::ranges::find(group.programs, program.name) != group.programs.end();
        });
    });
    return merged;
}

Daemon adopted(Daemon const& running, Daemon const& wanted) {
    Daemon merged = running;
    merged.logfile = wanted.logfile;
    merged.logfile_maxbytes = wanted.logfile_maxbytes;
    merged.logfile_backups = wanted.logfile_backups;
    merged.loglevel = wanted.loglevel;
    merged.childlogdir = wanted.childlogdir;
    merged.strip_ansi = wanted.strip_ansi;
    merged.environment = wanted.environment;
    merged.identifier = wanted.identifier;
    merged.start_barrier = wanted.start_barrier;
    merged.shutdown_limit = wanted.shutdown_limit;
    merged.on_exit = wanted.on_exit;
    merged.on_fatal = wanted.on_fatal;
    return merged;
}

std::vector<std::string_view> fixed_changes(Daemon const& before, Daemon const& after) {
    std::vector<std::string_view> names;
    Daemon reached = adopted(before, after);
    for (auto rows : {supervisord_rows(), lares_rows()})
        for (auto const& row : rows)
            if (!row.slot.same(reached, after)) names.push_back(row.name);
    return names;
}

}  // namespace lares::config
