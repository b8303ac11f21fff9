// cli/classic_rows.cc: the table of supervisorctl's commands, and what is printed from it.

#include <algorithm>
#include <cstddef>

#include "cli/classic_control.h"

namespace lares::cli::classic {
namespace {

// clang-format off
constexpr Command rows[] = {
    {"EOF",      quit,              Follows::nothing,   false, true,  "To quit, type ^D or use quit"},
    {"add",      add,               Follows::groups,    false, true,  "add GROUP [...]\t\tActivate groups that the last reread found"},
    {"avail",    avail,             Follows::nothing,   false, false, "avail\t\t\tList every configured process and whether it is in use"},
    {"clear",    clear,             Follows::processes, true,  true,  "clear NAME [...]\tEmpty the log files of processes\n"
                                                                      "clear all\t\tEmpty those of every process"},
    {"exit",     quit,              Follows::nothing,   false, true,  "exit\tLeave the prompt"},
    {"fg",       foreground,        Follows::processes, true,  true,  "fg NAME\t\tSee what a process prints, and type into its standard input\n"
                                                                      "\t\tCtrl-C to leave it"},
    {"help",     help,              Follows::actions,   false, true,  "help\t\tList the actions\nhelp ACTION\tHelp for one"},
    {"maintail", maintail,          Follows::nothing,   true,  true,  "maintail\tThe last 1600 bytes of the daemon's own log\n"
                                                                      "maintail -100\tThe last 100 bytes\n"
                                                                      "maintail -f\tGo on with what is added; Ctrl-C to end"},
    {"open",     open,              Follows::nothing,   false, true,  "open URL\tTalk to another server: unix:///PATH or http://HOST:PORT"},
    {"pid",      pid,               Follows::processes, true,  true,  "pid\t\t\tThe pid of the daemon\n"
                                                                      "pid NAME [...]\t\tThose of processes\n"
                                                                      "pid all\t\t\tThose of every process, one a line"},
    {"quit",     quit,              Follows::nothing,   false, true,  "quit\tLeave the prompt"},
    {"reload",   reload,            Follows::nothing,   false, false, "reload\t\t\tStop everything, read the configuration again, start"},
    {"remove",   remove,            Follows::groups,    false, true,  "remove GROUP [...]\tTake stopped groups out of use"},
    {"reread",   reread,            Follows::nothing,   false, false, "reread\t\t\tRead the configuration again; nothing is started or stopped"},
    {"restart",  restart,           Follows::processes, true,  true,  "restart NAME [...]\tStop processes and start them again\n"
                                                                      "restart GROUP:*\t\tEvery process of a group\n"
                                                                      "restart all\t\tEvery process\n"
                                                                      "The configuration is not read again: see reread and update."},
    {"shutdown", shutdown,          Follows::nothing,   false, false, "shutdown\t\tStop everything and end the daemon"},
    {"signal",   signal,            Follows::processes, true,  true,  "signal SIGNAL NAME [...]\tSend a signal to processes\n"
                                                                      "signal SIGNAL GROUP:*\t\tTo every process of a group\n"
                                                                      "signal SIGNAL all\t\tTo every process"},
    {"start",    start,             Follows::processes, true,  true,  "start NAME [...]\tStart processes\n"
                                                                      "start GROUP:*\t\tEvery process of a group\n"
                                                                      "start all\t\tEvery process"},
    {"status",   status,            Follows::processes, true,  true,  "status\t\t\tThe state of every process\n"
                                                                      "status NAME [...]\tOf some\n"
                                                                      "status GROUP:*\t\tOf every process of a group"},
    {"stop",     stop,              Follows::processes, true,  true,  "stop NAME [...]\t\tStop processes\n"
                                                                      "stop GROUP:*\t\tEvery process of a group\n"
                                                                      "stop all\t\tEvery process"},
    {"tail",     tail,              Follows::processes, true,  true,  "tail [-N|-f] NAME [stdout|stderr]\n"
                                                                      "tail NAME\t\tThe last 1600 bytes of a process's output\n"
                                                                      "tail -100 NAME stderr\tThe last 100 bytes of its errors\n"
                                                                      "tail -f NAME\t\tGo on with what is added; Ctrl-C to end"},
    {"update",   update,            Follows::groups,    false, true,  "update\t\t\tRead the configuration again and make what runs agree with it\n"
                                                                      "update GROUP [...]\tOnly these groups"},
    {"version",  version_of_daemon, Follows::nothing,   true,  false, "version\t\t\tThe version that the daemon gives"},
};
// clang-format on

/// The width of each of so many columns of `names`, filled from top to bottom.
std::vector<std::size_t> widths(std::vector<std::string> const& names, std::size_t rows_each) {
    std::vector<std::size_t> found((names.size() + rows_each - 1) / rows_each, 0);
    for (std::size_t i = 0; i < names.size(); ++i)
        found[i / rows_each] = std::max(found[i / rows_each], names[i].size());
    return found;
}

/// `names` in as few rows as fit into `width`, two spaces between columns.
std::string columns_of(std::vector<std::string> const& names, std::size_t width) {
    for (std::size_t count = 1;; ++count) {
        std::vector<std::size_t> const each = widths(names, count);
        std::size_t total = 2 * (each.size() - 1);
        for (std::size_t column : each) total += column;
        if (total > width && count < names.size()) continue;
        std::string text;
        for (std::size_t row = 0; row < count; ++row) {
            std::string line;
            for (std::size_t i = row; i < names.size(); i += count) {
                std::string name = names[i];
                name.resize(each[i / count], ' ');
                line += (i == row ? "" : "  ") + name;
            }
            text += line + "\n";
        }
        return text;
    }
}

std::string list_text() {
    constexpr std::string_view head = "default commands (type help <topic>):";
    constexpr std::size_t screen = 79;
    std::vector<std::string> names;
    // "EOF" is no word for people, and "help" is what they typed.
    for (Command const& row : rows)
        if (row.name != "EOF" && row.name != "help") names.emplace_back(row.name);
    return "\n" + std::string(head) + "\n" + std::string(head.size(), '=') + "\n" +
           columns_of(names, screen);
}

}  // namespace

std::span<Command const> commands() { return rows; }

Command const* find_command(std::string_view name) {
    auto const* row = std::ranges::find(rows, name, &Command::name);
    return row == std::end(rows) ? nullptr : row;
}

Ended help(Control& control, std::string const& argument) {
    if (argument.empty()) {
        control.say(list_text());
        return {};
    }
    Command const* command = find_command(argument);
    bool const is_topic = command != nullptr && command->name != "EOF";
    control.say(is_topic ? std::string(command->help) : "*** No help on " + argument);
    return {};
}

}  // namespace lares::cli::classic
