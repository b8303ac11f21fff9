// cli/rows.cc: the tables of commands and options.

#include "cli/rows.h"

#include <algorithm>

#include "base/check.h"

namespace lares::cli {
namespace {

// clang-format off
constexpr OptionRow common_rows[] = {
    {"-c,--config,--configuration", "FILE", &Request::config,   "the daemon's configuration; default: as supervisord looks for it"},
    {"-s,--server",                 "URL",  &Request::server,   "where the daemon listens: unix:///PATH or http://HOST:PORT"},
    {"-u,--username",               "USER", &Request::username, "name for a server that asks for one"},
    {"-p,--password",               "WORD", &Request::password, "its password; better kept in [supervisorctl]"},
    {"--json",                      "",     &Request::json,     "answer as JSON, for programs"},
    {"--no-color,--no-colour",      "",     &Request::no_color, "no colours, as with NO_COLOR in the environment"},
    {"-v,--version",                "",     &Request::version,  "the version of this command"},
    {"-h,--help,-?",                "",     &Request::help,     "this help"},
};

constexpr OptionRow up_rows[] = {
    {"-c,--config,--configuration",        "FILE",  &Request::config,            "the configuration; default: as supervisord looks for it"},
    {"-d,--detach",                        "",      &Request::detach,            "run in the background, whatever nodaemon= says"},
    {"-n,--foreground,--nodaemon",         "",      &Request::foreground,        "stay on this terminal and show the log"},
    {"--no-keeper",                        "",      &Request::no_keeper,         "for debugging: no process above the daemon that starts it again and holds its pipes"},
    {"-l,--logfile",                       "FILE",  Override{"logfile"},         "the daemon's own log"},
    {"-y,--logfile-maxbytes,--logfile_maxbytes", "SIZE", Override{"logfile_maxbytes"}, "rotate it at this size; 0: never"},
    {"-z,--logfile-backups,--logfile_backups", "N",  Override{"logfile_backups"}, "rotated logs kept"},
    {"-e,--loglevel",                      "LEVEL", Override{"loglevel"},        "critical, error, warn, info, debug, trace or blather"},
    {"-j,--pidfile",                       "FILE",  Override{"pidfile"},         "where the daemon writes its pid"},
    {"-i,--identifier",                    "NAME",  Override{"identifier"},      "name of this daemon, for its clients"},
    {"-q,--childlogdir",                   "DIR",   Override{"childlogdir"},     "where automatic logs of programs go"},
    {"-k,--nocleanup",                     "",      Override{"nocleanup"},       "keep automatic logs of earlier starts"},
    {"-a,--minfds",                        "N",     Override{"minfds"},          "open files needed at least"},
    {"--minprocs",                         "N",     Override{"minprocs"},        "processes needed at least"},
    {"-t,--strip-ansi,--strip_ansi",       "",      Override{"strip_ansi"},      "remove terminal colours from logs"},
    {"-u,--user",                          "USER",  Override{"user"},            "run as this user"},
    {"-m,--umask",                         "OCTAL", Override{"umask"},           "file mode mask of the daemon and its programs"},
    {"--directory",                        "DIR",   Override{"directory"},       "working directory of a daemon in the background"},
    {"-s,--silent",                        "",      Override{"silent"},          "in the foreground: do not show the log"},
};

constexpr OptionRow down_rows[] = {
    {"--no-wait", "", &Request::no_wait, "only ask; do not wait until the daemon is gone"},
};

constexpr OptionRow status_rows[] = {
    {"-w,--watch", "", &Request::watch, "stay and show changes, once a second, until Ctrl-C"},
    {"--fail",     "", &Request::fail,  "exit with 1 when a listed process is FATAL, in BACKOFF or not ready"},
};

constexpr OptionRow wait_rows[] = {
    {"--no-wait", "", &Request::no_wait, "return at once, not when it is done"},
};

constexpr OptionRow restart_rows[] = {
    {"--no-wait", "", &Request::no_wait, "return at once, not when it is done"},
    {"--rolling", "", &Request::rolling, "one by one, each when the one before is RUNNING again; stop at the first failure"},
};

constexpr OptionRow update_rows[] = {
    {"-y,--yes", "", &Request::yes, "on a terminal: do not show the plan and ask first"},
};

constexpr OptionRow tail_rows[] = {
    {"-f,--follow", "",      &Request::follow, "go on with what is added, until Ctrl-C"},
    {"-n,--bytes",  "BYTES", &Request::bytes,  "that many last bytes ('4KB' too)"},
    {"--lines",     "N",     &Request::lines,  "that many last lines; default: 20"},
    {"--main",      "",      &Request::main,   "the daemon's own log"},
};

constexpr OptionRow next_rows[] = {
    {"--expr",     "EXPR",     &Request::expression, "a cron expression instead of the configuration"},
    {"--tz",       "ZONE",     &Request::timezone,   "its time zone, as 'Europe/Berlin'; default: this machine's"},
    {"--from",     "ISO-TIME", &Request::from,       "runs after this time, as '2026-03-29T03:00:00+02:00'; default: now"},
    {"--count",    "N",        &Request::count,      "so many runs of EXPR; default: 10"},
    {"--days",     "N",        &Request::days,       "runs of the configured tasks within so many days; default: 7"},
    {"--ics",      "",         &Request::ics,        "as a calendar file (iCalendar), in UTC"},
};

constexpr OptionRow import_rows[] = {
    {"--system", "", &Request::system, "a crontab with the user before the command, wherever it lies"},
};

constexpr CommandRow commands[] = {
    {Command::up, "up", "[-c FILE] [-d]", "start the daemon with a configuration",
     "Takes supervisord's options; those given here win over the file's. "
     "With a faulty configuration nothing is started and every mistake is named.",
     0, 0, "", Completes::nothing, up_rows},
    {Command::down, "down", "", "stop every program and the daemon, and wait until it is gone",
     "On a terminal it says what it still waits for.",
     0, 0, "", Completes::nothing, down_rows},
    {Command::status, "status", "[NAME...]", "what each process is doing, and why; -w stays and watches",
     "Without a name, all processes. Exit status 0 when every NAME exists, whatever its state; "
     "--fail also looks at the states.",
     0, any_number, "", Completes::processes, status_rows},
    {Command::start, "start", "NAME...", "start, and wait until it is RUNNING or has failed",
     "What NAME needs is started first. Starting what runs already is no failure.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, wait_rows},
    {Command::stop, "stop", "NAME...", "stop, and wait until it has ended",
     "What needs NAME is stopped first. Stopping what does not run is no failure.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, wait_rows},
    {Command::restart, "restart", "NAME...", "stop and start again; --rolling: one by one",
     "What does not run is started.",
     1, any_number, "which process? give a NAME, 'group:*' or 'all'", Completes::processes, restart_rows},
    {Command::signal, "signal", "SIGNAL NAME...", "send a signal, as 'HUP', 'SIGHUP' or '1'",
     "The signal goes to the process alone, not to its children.",
     2, any_number, "give a SIGNAL and a NAME, as 'lares signal HUP web'", Completes::processes, {}},
    {Command::scale, "scale", "PROGRAM N", "change how many processes a program has",
     "PROGRAM is the name of a [program:x] section whose process_name holds %(process_num). "
     "The other processes go on; the configuration file is not changed.",
     2, 2, "give a PROGRAM and a number, as 'lares scale worker 4'", Completes::processes, {}},
    {Command::tail, "tail", "NAME [stdout|stderr]", "the end of a process's log; -f goes on with what is added",
     "'lares tail --main' shows the daemon's own log.",
     0, 2, "", Completes::processes, tail_rows},
    {Command::pid, "pid", "[NAME...]", "the daemon's pid, or those of processes",
     "One line for each process, in the order of 'lares status'. A process that does not run has "
     "none: that is said on standard error, with exit status 1.",
     0, any_number, "", Completes::processes, {}},
    {Command::plan, "plan", "[FILE]", "what 'lares update' would start, stop and restart, and why",
     "Changes nothing. Each change stands with the lines of configuration that cause it and with what "
     "needs the process. The fingerprint is for 'lares apply'. With FILE, that configuration instead of "
     "the daemon's own.",
     0, 1, "", Completes::files, {}},
    {Command::apply, "apply", "FINGERPRINT", "do exactly what a plan showed, or nothing if it no longer holds", "",
     1, 1, "which plan? give the fingerprint that 'lares plan' prints", Completes::nothing, {}},
    {Command::update, "update", "[GROUP...]", "read the configuration again and make what runs agree with it",
     "Only what changed is touched. With a mistake in the configuration nothing changes. On a terminal it "
     "shows the plan and asks first.",
     0, any_number, "", Completes::processes, update_rows},
    {Command::reread, "reread", "", "read the configuration again; nothing is started or stopped",
     "Tells which groups are new, changed or gone; 'lares add' and 'lares remove' act on single ones.",
     0, 0, "", Completes::nothing, {}},
    {Command::add, "add", "GROUP...", "activate groups that 'lares reread' found", "",
     1, any_number, "which group? give a GROUP, as 'lares reread' lists them", Completes::nothing, {}},
    {Command::remove, "remove", "GROUP...", "take stopped groups out of use", "",
     1, any_number, "which group? give a GROUP", Completes::processes, {}},
    {Command::avail, "avail", "", "every configured process, and whether it is in use", "",
     0, 0, "", Completes::nothing, {}},
    {Command::reload, "reload", "", "stop everything, read the configuration anew, start everything",
     "supervisord's reload. 'lares update' leaves alone what has not changed.",
     0, 0, "", Completes::nothing, {}},
    {Command::config, "config", "history|diff [A [B]]|rollback N", "configurations that were in force, and the way back to one",
     "'diff' compares revision A (else the one in force) with B (else what is on disk).",
     1, 3, "what about it? 'history', 'diff' or 'rollback'", Completes::nothing, {}},
    {Command::program, "program", "put NAME FILE|remove NAME", "keep a program in the daemon's own include directory, or keep it no longer",
     "FILE holds its [program:NAME] section; '-' is standard input.",
     2, 3, "write 'lares program put NAME FILE' or 'lares program remove NAME'", Completes::nothing, {}},
    {Command::upgrade, "upgrade", "[BINARY]", "let another binary take over from the daemon; no program stops",
     "Without BINARY, the file that the daemon was started from, as it is now. Waits until the new daemon "
     "answers, for 10 s at most.",
     0, 1, "", Completes::files, {}},
    {Command::event, "event", "TYPE DATA", "send an event to the listeners of REMOTE_COMMUNICATION", "",
     2, 2, "give a TYPE and DATA, as 'lares event deployed 1.2.3'", Completes::nothing, {}},
    {Command::hash_password, "hash-password", "", "a password's hash, for password= in the configuration",
     "Asks twice on a terminal; else reads one line. Needs no daemon.",
     0, 0, "", Completes::nothing, {}},
    {Command::check, "check", "[FILE]", "read a configuration and report every mistake in it",
     "Needs no daemon and changes nothing. Without FILE, the one that -c names or that "
     "'lares up' would take.",
     0, 1, "", Completes::files, {}},
    {Command::explain, "explain", "OPTION", "what an option means, its default and its limits",
     "OPTION is a name as 'startsecs', or 'program.startsecs' for one kind of section.",
     1, 1, "which option? as 'lares explain startsecs'", Completes::options, {}},
    {Command::next, "next", "[--expr EXPR] [--days N]", "when schedules are due next, also around changes of the clock",
     "Needs no daemon. Without --expr, the schedules of all tasks of the configuration, with what falls on "
     "the same minute and what never runs. Of EXPR it also says what was probably not meant. Exit status 2 "
     "when EXPR, ZONE or a time is refused.",
     0, 0, "", Completes::nothing, next_rows},
    {Command::import_from, "import", "crontab|incrontab|procfile|systemd-timer FILE", "print the sections that mean the same as another program's table",
     "What cannot be said is named on standard error, with exit status 1. '-' is standard input. Needs no daemon.",
     2, 2, "write 'lares import crontab FILE' (or incrontab, procfile, systemd-timer)", Completes::files, import_rows},
    {Command::version, "version", "", "versions of this command and of the daemon",
     "'lares --version' asks no daemon.",
     0, 0, "", Completes::nothing, {}},
    {Command::help, "help", "[COMMAND]", "this list, or a command and its options", "",
     0, 1, "", Completes::commands, {}},
    {Command::completion, "completion", "bash|zsh|fish", "print the completion of this command for a shell",
     "For bash: source <(lares completion bash)",
     1, 1, "for which shell? there are 'bash', 'zsh' and 'fish'", Completes::nothing, {}},
    {Command::manual, "manual", "[NAME]", "print a manual page for man: lares, supervisord or supervisorctl",
     "Read it with: lares manual | man -l -",
     0, 1, "", Completes::nothing, {}},
};
// clang-format on

}  // namespace

std::span<CommandRow const> command_rows() { return commands; }
std::span<OptionRow const> common_options() { return common_rows; }

CommandRow const* find_command(std::string_view name) {
    auto const* row = std::ranges::find(commands, name, &CommandRow::name);
    return row == std::end(commands) ? nullptr : row;
}

CommandRow const& row_of(Command command) {
    auto const* row = std::ranges::find(commands, command, &CommandRow::command);
    CHECK(row != std::end(commands));
    return *row;
}

std::vector<std::string> names_of(OptionRow const& row) {
    std::vector<std::string> names;
    std::string_view rest = row.names;
    while (!rest.empty()) {
        std::size_t const comma = std::min(rest.find(','), rest.size());
        names.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return names;
}

std::vector<std::string> option_names(CommandRow const* command) {
    std::vector<std::string> names;
    auto add = [&](std::span<OptionRow const> rows) {
        for (OptionRow const& row : rows)
            for (std::string& name : names_of(row))
                if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    if (command != nullptr) add(command->options);
    add(common_rows);
    return names;
}

}  // namespace lares::cli
