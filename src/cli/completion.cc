// cli/completion.cc: what zsh and fish need to complete a command line, printed from the rows.
// Bash's is in cli/help.cc.

#include <algorithm>
#include <string>

#include "cli/help.h"

namespace lares::cli {
namespace {

/// Text inside single quotes, for both shells.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// Shell text that prints the words which may follow a command, one a line; empty: none.
std::string_view source_of(Completes completes) {
    switch (completes) {
    case Completes::nothing:
    case Completes::files:
    case Completes::commands:
        return "";
    case Completes::processes:
        return "lares completion names 2>/dev/null";
    case Completes::options:
        return "lares completion options 2>/dev/null";
    }
    return "";
}

/// The short and the first long name of an option, without dashes; empty where there is none.
struct OptionNames {
    std::string letter, word;
};

OptionNames split_names(OptionRow const& row) {
    OptionNames names;
    for (std::string const& name : names_of(row)) {
        if (name.starts_with("--")) {
            if (names.word.empty()) names.word = name.substr(2);
        } else if (names.letter.empty()) {
            names.letter = name.substr(1);
        }
    }
    return names;
}

std::string fish_option(OptionRow const& row, std::string const& condition) {
    OptionNames const names = split_names(row);
    std::string line = "complete -c lares" + condition;
    if (!names.letter.empty()) line += " -s " + names.letter;
    if (!names.word.empty()) line += " -l " + names.word;
    if (!row.value.empty()) line += row.value == "FILE" || row.value == "DIR" ? " -r -F" : " -x";
    return line + " -d " + quoted(row.help) + "\n";
}

std::string fish_command(CommandRow const& row) {
    std::string const seen =
        " -n " + quoted("__fish_seen_subcommand_from " + std::string(row.name));
    std::string text = "complete -c lares -n __fish_use_subcommand -a " + std::string(row.name) +
                       " -d " + quoted(row.help) + "\n";
    for (OptionRow const& option : row.options) text += fish_option(option, seen);
    std::string_view const source = source_of(row.completes);
    if (!source.empty())
        text +=
            "complete -c lares" + seen + " -a " + quoted("(" + std::string(source) + ")") + "\n";
    if (row.completes == Completes::files) text += "complete -c lares" + seen + " -F\n";
    return text;
}

/// One candidate of zsh's _describe: a ':' ends the name.
std::string zsh_entry(std::string_view name, std::string_view help) {
    std::string text;
    for (char const c : name) text += c == ':' ? std::string("\\:") : std::string(1, c);
    return "        " + quoted(text + ":" + std::string(help)) + "\n";
}

std::string zsh_options(std::span<OptionRow const> rows) {
    std::string text;
    for (OptionRow const& row : rows) {
        OptionNames const names = split_names(row);
        std::string const name = names.word.empty() ? "-" + names.letter : "--" + names.word;
        text += zsh_entry(name, row.help);
    }
    return text;
}

std::string zsh_case(CommandRow const& row) {
    std::string text = "    " + std::string(row.name) + ")\n        options+=(\n" +
                       zsh_options(row.options) + "        )\n";
    std::string_view const source = source_of(row.completes);
    if (!source.empty()) text += "        names=(${(f)\"$(" + std::string(source) + ")\"})\n";
    if (row.completes == Completes::files) text += "        files=yes\n";
    if (row.completes == Completes::commands) text += "        names=(${commands%%:*})\n";
    return text + "        ;;\n";
}

}  // namespace

std::string fish_completion() {
    std::string text =
        "# fish completion of lares; use: lares completion fish > "
        "~/.config/fish/completions/lares.fish\ncomplete -c lares -f\n";
    for (OptionRow const& row : common_options()) text += fish_option(row, "");
    for (CommandRow const& row : command_rows()) text += fish_command(row);
    return text;
}

std::string zsh_completion() {
    std::string text =
        "#compdef lares\n"
        "# zsh completion of lares; use: lares completion zsh > a folder of $fpath, as _lares\n"
        "_lares() {\n"
        "    local -a commands options names\n"
        "    local command= files= each\n"
        "    commands=(\n";
    for (CommandRow const& row : command_rows()) text += zsh_entry(row.name, row.help);
    text += "    )\n    options=(\n" + zsh_options(common_options()) +
            "    )\n"
            "    for each in ${words[2,CURRENT-1]}; do\n"
            "        if (( ${commands[(I)$each:*]} )); then command=$each; break; fi\n"
            "    done\n"
            "    case $command in\n";
    for (CommandRow const& row : command_rows()) text += zsh_case(row);
    text +=
        "    esac\n"
        "    if [[ $words[CURRENT-1] == (-c|--config) ]]; then _files; return; fi\n"
        "    if [[ $words[CURRENT] == -* ]]; then _describe option options; return; fi\n"
        "    if [[ -z $command ]]; then _describe command commands; return; fi\n"
        "    (( $#names )) && compadd -a names\n"
        "    [[ -n $files ]] && _files\n"
        "}\n"
        "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _lares \"$@\"; "
        "else compdef _lares lares; fi\n";
    return text;
}

}  // namespace lares::cli
