// cli/classic_control.h: supervisorctl under way: whom it asks, what it has said and how it will
// exit.
//
// A command is a function of a Control and the text after its name. What Python would have raised
// and shown as "error: <class ...>" comes back as Raised; everything else is said where it happens,
// on standard output, as the original does also with errors.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/client.h"
#include "cli/classic_settings.h"
#include "cli/doors.h"

namespace lares::cli::classic {

/// supervisorctl's exit codes (spec §5.2).
namespace code {
inline constexpr int generic = 1;
inline constexpr int invalid_arguments = 2;
inline constexpr int namespace_missing = 3;
inline constexpr int status_not_running = 3;
inline constexpr int refused_connection = 4;
inline constexpr int status_unknown = 4;
inline constexpr int wrong_version = 5;
inline constexpr int not_running = 7;
}  // namespace code

/// Fault codes that supervisorctl tells apart (spec §4.2).
namespace fault {
inline constexpr int unknown_method = 1;
inline constexpr int shutdown_state = 6;
inline constexpr int bad_name = 10;
inline constexpr int bad_signal = 11;
inline constexpr int no_file = 20;
inline constexpr int not_executable = 21;
inline constexpr int failed = 30;
inline constexpr int abnormal_termination = 40;
inline constexpr int spawn_error = 50;
inline constexpr int already_started = 60;
inline constexpr int not_running = 70;
inline constexpr int success = 80;
inline constexpr int already_added = 90;
inline constexpr int still_running = 91;
inline constexpr int cannot_reread = 92;
}  // namespace fault

/// An exception of Python's own: its class and str() of it.
struct PythonError {
    std::string type, words;
};
using Raised = std::variant<text::XmlRpcFault, api::HttpRefusal, Error, PythonError>;
/// How a command ended: none when nothing was raised.
using Ended = std::optional<Raised>;
using Reply = std::variant<text::Value, Raised>;

text::Value const* value_of(Reply const&);
/// The fault's code; 0 when the reply is something else.
int fault_code(Reply const&);
/// "<class 'xmlrpc.client.Fault'>, <Fault 92: 'CANT_REREAD: ...'>"
std::string python_words(Raised const&);

struct Control {
    Doors const& doors;
    Settings settings;
    int status = 0;        // the last that was set
    bool is_over = false;  // after quit, exit and the end of input
    /// Names for completion, asked for once between two commands.
    std::optional<std::vector<text::Value>> known;

    /// One line to standard output.
    void say(std::string_view line) const { doors.out(std::string(line) + "\n"); }
    /// `line` as an error: said, and the status that goes with it.
    void fail(std::string_view line, int with = code::generic) {
        say(line);
        status = with;
    }
    api::Client client() const;
    Reply ask(std::string const& method, std::vector<text::Value> params = {}) const;

    /// Whether a server of the right version is there. When not: said, or raised.
    std::variant<bool, Raised> is_up();

    /// Takes the status of a fault as start, stop and the like do: `harmless` changes nothing.
    void note(int fault_code, int harmless = fault::success);

    /// Runs one line as it was typed.
    void run(std::string_view line);
};

/// `group` and, unless the whole group is meant, `process` of "name", "group:name", "group:*".
struct Namespec {
    std::string group;
    std::optional<std::string> process;
};
Namespec split_namespec(std::string const& text);
/// "name", or "group:name" where they differ.
std::string namespec(std::string const& group, std::string const& process);

/// The members of a struct as text or number; "" and 0 where there is none.
std::string text_of(text::Value const&, std::string_view member);
std::int64_t number_of(text::Value const&, std::string_view member);
bool is_true(text::Value const&, std::string_view member);
/// Of an array; nothing of anything else.
std::span<text::Value const> items(text::Value const&);

/// What the prompt completes after a command.
enum class Follows { nothing, actions, groups, processes };

struct Command {
    std::string_view name;
    Ended (*run)(Control&, std::string const& argument);
    Follows follows;
    bool needs_version;    // getVersion is asked before anything else
    bool takes_arguments;  // else "Error: NAME accepts no arguments"
    std::string_view help;
};
/// In the order of their names.
std::span<Command const> commands();
Command const* find_command(std::string_view name);

// ---- the commands

Ended status(Control&, std::string const&);
Ended pid(Control&, std::string const&);
Ended start(Control&, std::string const&);
Ended stop(Control&, std::string const&);
Ended restart(Control&, std::string const&);
Ended signal(Control&, std::string const&);
Ended clear(Control&, std::string const&);
Ended avail(Control&, std::string const&);
Ended reread(Control&, std::string const&);
Ended update(Control&, std::string const&);
Ended add(Control&, std::string const&);
Ended remove(Control&, std::string const&);
Ended tail(Control&, std::string const&);
Ended maintail(Control&, std::string const&);
Ended foreground(Control&, std::string const&);
Ended version_of_daemon(Control&, std::string const&);
Ended shutdown(Control&, std::string const&);
Ended reload(Control&, std::string const&);
Ended open(Control&, std::string const&);
Ended help(Control&, std::string const&);
Ended quit(Control&, std::string const&);

/// The prompt: `status` first, then line by line until the end. The exit status is always 0.
int converse(Control&);
/// What may take the place of the last word of `line`, with a space after it.
std::vector<std::string> complete(Control&, std::string_view line);

}  // namespace lares::cli::classic
