// cli/classic_prompt.cc: supervisorctl at a prompt, and its commands over the daemon and the prompt
// itself.

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>

#include "cli/classic_control.h"
#include "config/values.h"
#include "text/python.h"

namespace lares::cli::classic {
namespace {

using text::Value;
using Names = std::vector<std::string>;

/// Lines of a history file that are kept.
constexpr std::size_t history_lines = 1000;

/// Asks for a yes, where somebody is there to be asked.
std::variant<bool, Raised> is_meant(Control const& control, std::string_view question) {
    if (!control.settings.is_interactive) return true;
    control.doors.out(question);
    auto const answer = control.doors.keyboard.read_line();
    if (!answer) return Raised(PythonError{"EOFError", "EOF when reading a line"});
    return answer->starts_with('y') || answer->starts_with('Y');
}

Names lines_of(std::string const& text) {
    Names lines;
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t const end = std::min(text.find('\n', at), text.size());
        if (end > at) lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

Names read_history(Control const& control) {
    if (control.settings.history_file.empty()) return {};
    auto const bytes = control.doors.world.read_file(control.settings.history_file);
    return bytes ? lines_of(*bytes) : Names();
}

/// As the original: a history that cannot be written is nobody's trouble.
void write_history(Control const& control, Names const& lines) {
    if (control.settings.history_file.empty()) return;
    std::size_t const first = lines.size() - std::min(lines.size(), history_lines);
    std::string text;
    for (std::size_t i = first; i < lines.size(); ++i) text += lines[i] + "\n";
    (void)control.doors.keyboard.write_file(control.settings.history_file, text);
}

std::vector<Value> const& known_processes(Control& control) {
    if (!control.known) {
        Reply const reply = control.ask("supervisor.getAllProcessInfo");
        control.known.emplace();
        if (auto const* value = value_of(reply))
            control.known->assign(items(*value).begin(), items(*value).end());
    }
    return *control.known;
}

void add_once(Names& names, std::string name) {
    if (std::ranges::count(names, name) == 0) names.push_back(std::move(name));
}

Names actions() {
    Names names{"help"};
    for (Command const& row : commands())
        if (row.name != "help" && row.name != "EOF") names.emplace_back(row.name);
    return names;
}

Names groups(Control& control) {
    Names names;
    for (Value const& process : known_processes(control))
        add_once(names, text_of(process, "group"));
    return names;
}

/// "name" alone where it is also the group's, unless a ':' was typed.
Names processes(Control& control, std::string_view word) {
    Names names;
    for (Value const& process : known_processes(control)) {
        std::string const group = text_of(process, "group"), name = text_of(process, "name");
        if (group == name && word.find(':') == std::string_view::npos) {
            add_once(names, name);
        } else {
            add_once(names, group + ":" + name);
            add_once(names, group + ":*");
        }
    }
    return names;
}

Names candidates(Control& control, std::string_view line, std::string_view word) {
    Names const words = config::split_spaces(line);
    bool const is_first = words.empty() || (words.size() == 1 && !word.empty());
    if (is_first) return actions();
    Command const* command = find_command(words.front());
    switch (command != nullptr ? command->follows : Follows::nothing) {
    case Follows::nothing:
        return {};
    case Follows::actions:
        return actions();
    case Follows::groups:
        return groups(control);
    case Follows::processes:
        return processes(control, word);
    }
    return {};
}

/// Lines from the editor of a terminal, or plainly where there is none.
class Lines {
public:
    explicit Lines(Control& control) : control_(control) {
        if (!control.doors.keyboard.is_tty()) return;
        editor_ = control.doors.keyboard.open_editor(
            read_history(control),
            [&control](std::string_view line) { return complete(control, line); });
    }
    ~Lines() {
        if (editor_) write_history(control_, editor_->history());
    }
    Lines(Lines const&) = delete;
    Lines& operator=(Lines const&) = delete;

    std::optional<std::string> next() {
        std::string const prompt = control_.settings.prompt + "> ";
        if (editor_) return editor_->read(prompt);
        control_.doors.out(prompt);
        return control_.doors.keyboard.read_line();
    }

private:
    Control& control_;
    std::unique_ptr<ports::LineEditor> editor_;
};

}  // namespace

std::vector<std::string> complete(Control& control, std::string_view line) {
    std::size_t const space = line.find_last_of(" \t");
    std::string_view const word = space == std::string_view::npos ? line : line.substr(space + 1);
    Names found;
    for (std::string const& each : candidates(control, line, word))
        if (each.starts_with(word)) found.push_back(each + " ");
    return found;
}

int converse(Control& control) {
    control.doors.catch_interrupt();
    control.run("status");
    Lines lines(control);
    while (!control.is_over) {
        std::optional<std::string> const line = lines.next();
        if (line) {
            control.run(*line);
            continue;
        }
        (void)control.doors.keyboard.take_interrupt();
        control.say("");
        break;
    }
    return exit_status::done;
}

Ended version_of_daemon(Control& control, std::string const&) {
    Reply const reply = control.ask("supervisor.getSupervisorVersion");
    auto const* value = value_of(reply);
    if (value == nullptr) return std::get<Raised>(reply);
    control.say(value->text() != nullptr ? *value->text() : "");
    return {};
}

Ended shutdown(Control& control, std::string const&) {
    auto const meant = is_meant(control, "Really shut the remote supervisord process down y/N? ");
    if (auto const* raised = std::get_if<Raised>(&meant)) return *raised;
    if (!std::get<bool>(meant)) return {};
    Reply const reply = control.ask("supervisor.shutdown");
    if (value_of(reply) != nullptr) {
        control.say("Shut down");
        return {};
    }
    if (fault_code(reply) == fault::shutdown_state) {
        control.say("ERROR: already shutting down");
        return {};
    }
    Raised const& raised = std::get<Raised>(reply);
    auto const* error = std::get_if<Error>(&raised);
    if (error != nullptr && error->kind == Error::Kind::unavailable) {
        control.fail("ERROR: " + control.settings.server.url +
                     " refused connection (already shut down?)");
    } else if (error != nullptr && error->kind == Error::Kind::not_found) {
        control.fail("ERROR: " + control.settings.server.url +
                     " no such file (already shut down?)");
    } else {
        return raised;
    }
    return {};
}

Ended reload(Control& control, std::string const&) {
    auto const meant = is_meant(control, "Really restart the remote supervisord process y/N? ");
    if (auto const* raised = std::get_if<Raised>(&meant)) return *raised;
    if (!std::get<bool>(meant)) return {};
    Reply const reply = control.ask("supervisor.restart");
    if (value_of(reply) != nullptr) {
        control.say("Restarted supervisord");
        return {};
    }
    if (fault_code(reply) != fault::shutdown_state) return std::get<Raised>(reply);
    control.fail("ERROR: already shutting down");
    return {};
}

Ended open(Control& control, std::string const& argument) {
    std::string const scheme = text::python::lower(argument.substr(0, argument.find(':')));
    if (argument.find(':') == std::string::npos || (scheme != "unix" && scheme != "http")) {
        control.fail("ERROR: url must be http:// or unix://");
        return {};
    }
    control.settings.server.url = argument;
    int const before = control.status;
    control.run("status");
    control.status = before;
    return {};
}

Ended quit(Control& control, std::string const&) {
    control.say("");
    control.is_over = true;
    return {};
}

}  // namespace lares::cli::classic
