// cli/help.cc: help and completion, printed from the rows.

#include "cli/help.h"

#include <algorithm>

namespace lares::cli {
namespace {

constexpr std::size_t text_width = 100;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 2, width), ' ');
    return text;
}

std::string call_of(CommandRow const& row) {
    std::string call = "lares " + std::string(row.name);
    if (!row.usage.empty()) call += " " + std::string(row.usage);
    return call;
}

/// Breaks `text` at spaces so that no line is wider than text_width; each line but the first is
/// indented by `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        std::size_t const length = std::min(text.find(' '), text.size());
        if (column > indent && column + 1 + length > text_width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += text.substr(0, length);
        column += length;
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return out;
}

/// "-f, --follow"; of several long names only the first, the others are old spellings.
std::string shown_names(OptionRow const& row) {
    std::string shown;
    bool has_long = false;
    for (std::string const& name : names_of(row)) {
        bool const is_long = name.starts_with("--");
        if (is_long && has_long) continue;
        if (name == "-?") continue;
        has_long = has_long || is_long;
        shown += (shown.empty() ? "" : ", ") + name;
    }
    if (!row.value.empty()) shown += " " + std::string(row.value);
    return shown;
}

std::string options_text(std::span<OptionRow const> rows) {
    std::size_t width = 0;
    for (OptionRow const& row : rows) width = std::max(width, shown_names(row).size() + 4);
    std::string text;
    for (OptionRow const& row : rows)
        text += padded("  " + shown_names(row), width) + wrapped(row.help, width) + "\n";
    return text;
}

/// The long names of a command's options, in the spelling that help shows.
std::string long_names(CommandRow const* command) {
    std::string names;
    auto add = [&](std::span<OptionRow const> rows) {
        for (OptionRow const& row : rows) {
            std::vector<std::string> const all = names_of(row);
            auto const name = std::ranges::find_if(
                all, [](std::string const& each) { return each.starts_with("--"); });
            if (name != all.end() && names.find(*name + " ") == std::string::npos)
                names += *name + " ";
        }
    };
    if (command != nullptr) add(command->options);
    add(common_options());
    return names;
}

std::string command_names() {
    std::string names;
    for (CommandRow const& row : command_rows())
        names += (names.empty() ? "" : " ") + std::string(row.name);
    return names;
}

/// Shell text that gives the words which may follow a command, apart from its options.
std::string words_of(Completes completes) {
    switch (completes) {
    case Completes::nothing:
    case Completes::files:
        return "";
    case Completes::processes:
        return "$(lares completion names 2>/dev/null)";
    case Completes::options:
        return "$(lares completion options 2>/dev/null)";
    case Completes::commands:
        return command_names();
    }
    return "";
}

/// One line of the case statement.
std::string completion_case(CommandRow const& row) {
    std::string const files = row.completes == Completes::files ? "; files=yes" : "";
    return "        " + std::string(row.name) + ") words=\"" + long_names(&row) +
           words_of(row.completes) + "\"" + files + " ;;\n";
}

}  // namespace

std::string help_text() {
    std::size_t width = 0;
    for (CommandRow const& row : command_rows()) width = std::max(width, call_of(row).size() + 4);
    std::string text = "lares: ask a running Lares about its work, or change it\n\n";
    for (CommandRow const& row : command_rows())
        text += padded("  " + call_of(row), width) + wrapped(row.help, width) + "\n";
    text += "\nOptions of every command:\n" + options_text(common_options());
    text +=
        "\nNAME is a process, 'group:name', 'group:*', a pattern as 'worker_*', or 'all'. Exit "
        "status:\n"
        "0 done, 1 refused or failed, 2 wrong usage, 3 no Lares is listening. Every command takes\n"
        "--json. More: lares help COMMAND\n";
    return text;
}

std::string help_text(CommandRow const& row) {
    std::string text = call_of(row) + "\n\n    " + wrapped(row.help, 4) + "\n";
    if (!row.more.empty()) text += "\n" + wrapped(row.more, 0) + "\n";
    if (!row.options.empty()) text += "\nOptions:\n" + options_text(row.options);
    return text + "\nOptions of every command: lares help\n";
}

std::string bash_completion() {
    std::string const names = command_names();
    std::string text =
        "# bash completion of lares; use: source <(lares completion bash)\n"
        "_lares() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local command= words= files= each list\n"
        "    # ':' breaks words for bash, but names hold it.\n"
        "    declare -F _get_comp_words_by_ref >/dev/null && "
        "_get_comp_words_by_ref -n : -c word -p before\n"
        "    for each in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case \" " +
        names +
        " \" in *\" $each \"*) command=$each; break ;; esac\n"
        "    done\n"
        "    case $command in\n";
    for (CommandRow const& row : command_rows()) text += completion_case(row);
    text += "        *) words=\"" + long_names(nullptr) + names + "\" ;;\n";
    text +=
        "    esac\n"
        "    case $before in -c|--config) words=; files=yes ;; esac\n"
        "    # Compared by hand: compgen -W would expand what stands in a name.\n"
        "    read -rd '' -a list <<< \"$words\"\n"
        "    COMPREPLY=()\n"
        "    for each in \"${list[@]}\"; do\n"
        "        [[ $each == \"$word\"* ]] && COMPREPLY+=(\"$each\")\n"
        "    done\n"
        "    [[ $files && $word != -* ]] && mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
        "    declare -F __ltrim_colon_completions >/dev/null && "
        "__ltrim_colon_completions \"$word\"\n"
        "}\n"
        "complete -F _lares lares\n";
    return text;
}

}  // namespace lares::cli
