// cli/classic_daemon.cc: supervisord's command line, as a request to start the daemon.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "cli/classic.h"
#include "cli/python_options.h"
#include "text/python.h"

namespace lares::cli::classic {
namespace {

enum class Meaning { option, config, foreground, help, version, profile };

struct Row {
    PythonOption option;
    Meaning meaning;
    std::string_view key;    // of [supervisord]; also what may be given once only
    std::string_view value;  // as the help calls it
    std::string_view help;
};

// clang-format off
constexpr std::array rows = {
    Row{{'c', "configuration",    true},  Meaning::config,     "configfile",       "FILE",  "the configuration; without it the default paths are searched"},
    Row{{'n', "nodaemon",         false}, Meaning::foreground, "nodaemon",         "",      "stay in the foreground"},
    Row{{'s', "silent",           false}, Meaning::option,     "silent",           "",      "in the foreground: do not show the log"},
    Row{{'h', "help",             false}, Meaning::help,       "",                 "",      "this help"},
    Row{{'?', "",                 false}, Meaning::help,       "",                 "",      ""},
    Row{{'v', "version",          false}, Meaning::version,    "",                 "",      "the version of supervisord whose manners these are"},
    Row{{'u', "user",             true},  Meaning::option,     "user",             "USER",  "run as this user, by name or number"},
    Row{{'m', "umask",            true},  Meaning::option,     "umask",            "OCTAL", "file mode mask"},
    Row{{'d', "directory",        true},  Meaning::option,     "directory",        "DIR",   "working directory of a daemon in the background"},
    Row{{'l', "logfile",          true},  Meaning::option,     "logfile",          "FILE",  "the daemon's own log"},
    Row{{'y', "logfile_maxbytes", true},  Meaning::option,     "logfile_maxbytes", "SIZE",  "rotate it at this size"},
    Row{{'z', "logfile_backups",  true},  Meaning::option,     "logfile_backups",  "N",     "rotated logs kept"},
    Row{{'e', "loglevel",         true},  Meaning::option,     "loglevel",         "LEVEL", "critical, error, warn, info, debug, trace or blather"},
    Row{{'j', "pidfile",          true},  Meaning::option,     "pidfile",          "FILE",  "where the pid is written"},
    Row{{'i', "identifier",       true},  Meaning::option,     "identifier",       "NAME",  "name of this daemon, for its clients"},
    Row{{'q', "childlogdir",      true},  Meaning::option,     "childlogdir",      "DIR",   "where automatic logs of programs go"},
    Row{{'k', "nocleanup",        false}, Meaning::option,     "nocleanup",        "",      "keep automatic logs of earlier starts"},
    Row{{'a', "minfds",           true},  Meaning::option,     "minfds",           "N",     "open files needed at least"},
    Row{{'t', "strip_ansi",       false}, Meaning::option,     "strip_ansi",       "",      "remove terminal colours from logs"},
    Row{{0,   "minprocs",         true},  Meaning::option,     "minprocs",         "N",     "processes needed at least"},
    Row{{0,   "profile_options",  true},  Meaning::profile,    "profile_options",  "LIST",  "accepted and ignored: there is no Python to profile"},
};
// clang-format on

std::vector<PythonOption> options() {
    std::vector<PythonOption> found;
    for (Row const& row : rows) found.push_back(row.option);
    return found;
}

std::string help_line(Row const& row) {
    std::string names = row.option.letter != 0 ? std::string("-") + row.option.letter + "/" : "";
    names += "--" + std::string(row.option.word);
    if (!row.value.empty()) names += " " + std::string(row.value);
    return fmt::format("{:<30} {}\n", names, row.help);
}

/// What the options ask for; a status when the program ends at once.
struct Wish {
    UpRequest request;
    std::optional<int> ending;
};

/// Takes the options one by one, as supervisord does: -h and -v end it where they stand.
Wish take(Doors const& doors, std::string const& program, std::vector<GivenOption> const& given) {
    Wish wish;
    std::set<std::string_view> seen;
    for (GivenOption const& option : given) {
        Row const& row = rows[option.row];
        if (!row.key.empty() && !seen.insert(row.key).second) {
            std::string const name = text::python::repr(option.name);
            return {{}, refuse(doors, program, "conflicting command line option " + name)};
        }
        switch (row.meaning) {
        case Meaning::help:
            doors.out(supervisord_help(program));
            return {{}, exit_status::done};
        case Meaning::version:
            doors.out(std::string(version) + "\n");
            return {{}, exit_status::done};
        case Meaning::config:
            wish.request.config = option.value;
            break;
        case Meaning::foreground:
            wish.request.ground = Ground::foreground;
            break;
        case Meaning::option:
            wish.request.overrides.emplace_back(row.key,
                                                row.option.takes_value ? option.value : "true");
            break;
        case Meaning::profile:
            doors.err("supervisord: --profile_options is ignored: Lares has no profiler\n");
            break;
        }
    }
    return wish;
}

/// As the original warns: who can write to the current directory decides what root runs.
void warn_of_search(Doors const& doors) {
    doors.err(
        "UserWarning: Supervisord is running as root and it is searching for its configuration "
        "file in default locations (including its current working directory); give -c with an "
        "absolute path\n");
}

}  // namespace

std::string supervisord_help(std::string const& program) {
    std::string text =
        "supervisord -- run a set of applications as daemons; serviced by Lares.\n\nUsage: " +
        program + " [options]\n\nOptions:\n";
    for (Row const& row : rows)
        if (!row.help.empty()) text += help_line(row);
    return text + "\nThese override the file's [supervisord]. More: lares help up\n";
}

int refuse(Doors const& doors, std::string const& program, std::string_view what) {
    doors.err(fmt::format("Error: {}\nFor help, use {} -h\n", what, program));
    return exit_status::usage;
}

int supervisord(Doors const& doors, std::string const& program,
                std::vector<std::string> const& words) {
    std::vector<PythonOption> const known = options();
    Result<PythonWords> const read = read_python_options(words, known);
    if (!read) return refuse(doors, program, read.error().what);
    if (!read->rest.empty())
        return refuse(doors, program,
                      "positional arguments are not supported: " + python_list(read->rest));
    Wish wish = take(doors, program, read->options);
    if (wish.ending) return *wish.ending;
    if (!wish.request.config && doors.user == "root") warn_of_search(doors);
    wish.request.program = program;
    return doors.up(wish.request);
}

}  // namespace lares::cli::classic
