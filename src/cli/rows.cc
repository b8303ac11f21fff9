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

constexpr OptionRow tail_rows[] = {
    {"-f,--follow", "",      &Request::follow, "go on with what is added, until Ctrl-C"},
    {"-n,--bytes",  "BYTES", &Request::bytes,  "that many last bytes ('4KB' too)"},
    {"--lines",     "N",     &Request::lines,  "that many last lines; default: 20"},
    {"--main",      "",      &Request::main,   "the daemon's own log"},
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
    {Command::check, "check", "[FILE]", "read a configuration and report every mistake in it",
     "Needs no daemon and changes nothing. Without FILE, the one that -c names or that "
     "'lares up' would take.",
     0, 1, "", Completes::files, {}},
    {Command::explain, "explain", "OPTION", "what an option means, its default and its limits",
     "OPTION is a name as 'startsecs', or 'program.startsecs' for one kind of section.",
     1, 1, "which option? as 'lares explain startsecs'", Completes::options, {}},
    {Command::version, "version", "", "versions of this command and of the daemon",
     "'lares --version' asks no daemon.",
     0, 0, "", Completes::nothing, {}},
    {Command::help, "help", "[COMMAND]", "this list, or a command and its options", "",
     0, 1, "", Completes::commands, {}},
    {Command::completion, "completion", "bash", "print the completion of this command for bash",
     "Use it with: source <(lares completion bash)",
     1, 1, "for which shell? there is 'bash'", Completes::nothing, {}},
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
