// cli/rows.h: every command and option of `lares`, one row each.
//
// The parser, the help, the shell completion and the tests read the same rows. A new option is a
// field in Request and a row here; a new command is a row here and its function in cli/main.cc.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/request.h"

namespace lares::cli {

/// An option of `lares up` that overrides an option of [supervisord].
struct Override {
    std::string_view key;
};

struct OptionRow {
    std::string_view names;  // "-f,--follow"
    std::string_view value;  // "FILE"; empty: a switch
    std::variant<bool Request::*, std::string Request::*, std::optional<std::string> Request::*,
                 Override>
        field;
    std::string_view help;
};

/// What the shell can complete after a command.
enum class Completes { nothing, processes, files, options, commands };

struct CommandRow {
    Command command;
    std::string_view name;
    std::string_view usage;  // "[NAME...]"
    std::string_view help;   // half a line, for the list of commands
    std::string_view more;   // sentences for `lares help COMMAND`
    std::size_t fewest;      // words after it
    std::size_t most;
    std::string_view lacking;  // said when there are fewer
    Completes completes;
    std::span<OptionRow const> options;
};

inline constexpr std::size_t any_number = 1'000'000;

std::span<CommandRow const> command_rows();
/// Options of every command.
std::span<OptionRow const> common_options();

CommandRow const* find_command(std::string_view name);
CommandRow const& row_of(Command);

/// {"-f", "--follow"} of "-f,--follow".
std::vector<std::string> names_of(OptionRow const&);
/// Every option name that `command` takes, its own first.
std::vector<std::string> option_names(CommandRow const* command);

}  // namespace lares::cli
