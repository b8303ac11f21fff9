// cli/classic_control.cc: a line becomes a command, and what Python would have raised becomes its
// words.

#include "cli/classic_control.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/overloaded.h"
#include "cli/classic.h"
#include "text/python.h"

namespace lares::cli::classic {
namespace {

constexpr std::string_view api_version = "3.0";
constexpr int unauthorized = 401;
constexpr Duration no_limit{0};  // a start or a stop takes as long as the program does

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// A line as Python's cmd module takes it apart.
struct Line {
    std::string whole, command, argument;
};

Line take_apart(std::string_view typed) {
    Line line{.whole = std::string(text::python::strip(typed)), .command = {}, .argument = {}};
    if (line.whole.starts_with('?')) line.whole = "help " + line.whole.substr(1);
    auto const end = std::ranges::find_if_not(line.whole, is_name_letter);
    line.command.assign(line.whole.begin(), end);
    line.argument = text::python::strip(std::string_view(end, line.whole.end()));
    return line;
}

std::string_view reason_of(int status) {
    switch (status) {
    case 400:
        return "Bad Request";
    case unauthorized:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return "";
    }
}

/// An Error in the class that Python has for it.
std::string python_words_of(Error const& error) {
    switch (error.kind) {
    case Error::Kind::not_found:
        return "<class 'FileNotFoundError'>, [Errno 2] No such file or directory";
    case Error::Kind::unavailable:
        return "<class 'ConnectionRefusedError'>, [Errno 111] Connection refused";
    case Error::Kind::denied:
        return "<class 'PermissionError'>, [Errno 13] Permission denied";
    case Error::Kind::invalid:
    case Error::Kind::conflict:
    case Error::Kind::io:
        return "<class 'OSError'>, " + error.what;
    }
    return error.what;
}

bool is_unauthorized(Ended const& ended) {
    auto const* refusal = ended ? std::get_if<api::HttpRefusal>(&*ended) : nullptr;
    return refusal != nullptr && refusal->status == unauthorized;
}

bool is_interrupt(Ended const& ended) {
    auto const* error = ended ? std::get_if<Error>(&*ended) : nullptr;
    return error != nullptr && error->kind == Error::Kind::conflict;
}

/// Asks for name and password. False when nothing was typed.
bool ask_for_password(Control& control) {
    control.doors.out("Username:");
    auto const name = control.doors.keyboard.read_line();
    auto const word = name ? control.doors.keyboard.read_secret("Password:") : std::nullopt;
    if (!word) return false;
    control.say("");
    control.settings.server.username = *name;
    control.settings.server.password = *word;
    return true;
}

Ended perform(Control& control, Command const& command, std::string const& argument) {
    if (!command.takes_arguments && !argument.empty()) {
        control.fail(fmt::format("Error: {} accepts no arguments", command.name));
        control.say(command.help);
        return {};
    }
    if (command.needs_version) {
        auto const up = control.is_up();
        if (auto const* raised = std::get_if<Raised>(&up)) return *raised;
        if (!std::get<bool>(up)) {
            if (command.name == "status") control.status = code::status_unknown;
            return {};
        }
    }
    return command.run(control, argument);
}

}  // namespace

text::Value const* value_of(Reply const& reply) { return std::get_if<text::Value>(&reply); }

int fault_code(Reply const& reply) {
    auto const* raised = std::get_if<Raised>(&reply);
    auto const* fault = raised != nullptr ? std::get_if<text::XmlRpcFault>(raised) : nullptr;
    return fault != nullptr ? fault->code : 0;
}

std::string python_words(Raised const& raised) {
    return std::visit(Overloaded{
                          [](text::XmlRpcFault const& fault) {
                              return fmt::format("<class 'xmlrpc.client.Fault'>, <Fault {}: {}>",
                                                 fault.code, text::python::repr(fault.words));
                          },
                          [](api::HttpRefusal const& refusal) {
                              return fmt::format(
                                  "<class 'xmlrpc.client.ProtocolError'>, "
                                  "<ProtocolError for 127.0.0.1/RPC2: {} {}>",
                                  refusal.status, reason_of(refusal.status));
                          },
                          [](Error const& error) { return python_words_of(error); },
                          [](PythonError const& error) {
                              return fmt::format("<class '{}'>, {}", error.type, error.words);
                          },
                      },
                      raised);
}

api::Client Control::client() const {
    return {doors.http, settings.server, doors.keyboard.interrupts()};
}

Reply Control::ask(std::string const& method, std::vector<text::Value> params) const {
    std::string const& url = settings.server.url;
    if (!url.starts_with("http://") && !url.starts_with("unix://"))
        return PythonError{"ValueError", "Unknown protocol for serverurl " + url};
    auto reply = client().exchange(method, std::move(params), no_limit);
    return std::visit(Overloaded{[](text::Value& value) -> Reply { return std::move(value); },
                                 [](auto& raised) -> Reply { return Raised(std::move(raised)); }},
                      reply);
}

std::variant<bool, Raised> Control::is_up() {
    Reply const reply = ask("supervisor.getVersion");
    if (auto const* value = value_of(reply)) {
        std::string const* found = value->text();
        if (found != nullptr && *found == api_version) return true;
        fail(fmt::format("Sorry, this version of supervisorctl expects to talk to a server with "
                         "API version {}, but the remote version is {}.",
                         api_version, found != nullptr ? *found : text::to_json(*value)),
             code::wrong_version);
        return false;
    }
    Raised const& raised = std::get<Raised>(reply);
    if (fault_code(reply) == fault::unknown_method) {
        fail(
            "Sorry, supervisord responded but did not recognize the supervisor namespace "
            "commands that supervisorctl uses to control it.  Please check that the "
            "[rpcinterface:supervisor] section is enabled in the configuration file (see "
            "sample.conf).",
            code::namespace_missing);
        return false;
    }
    if (auto const* error = std::get_if<Error>(&raised)) {
        if (error->kind == Error::Kind::unavailable) {
            fail(settings.server.url + " refused connection", code::refused_connection);
            return false;
        }
        if (error->kind == Error::Kind::not_found) {
            fail(settings.server.url + " no such file", code::not_running);
            return false;
        }
    }
    status = code::generic;
    return raised;
}

void Control::note(int fault_code, int harmless) {
    if (fault_code == harmless || fault_code == fault::success) return;
    bool const is_dead = fault_code == fault::spawn_error ||
                         fault_code == fault::abnormal_termination ||
                         fault_code == fault::not_running;
    status = is_dead ? code::not_running : code::generic;
}

void Control::run(std::string_view typed) {
    Line const line = take_apart(typed);
    if (line.whole.empty()) return;
    known.reset();
    Command const* command = find_command(line.command);
    if (command == nullptr) return fail("*** Unknown syntax: " + line.whole);
    Ended ended = perform(*this, *command, line.argument);
    if (is_interrupt(ended) && doors.keyboard.take_interrupt()) {
        say("");
        is_over = true;
        return;
    }
    if (is_unauthorized(ended)) {
        say("Server requires authentication");
        status = code::generic;
        if (settings.is_interactive && ask_for_password(*this)) return run(typed);
    }
    if (!ended) return;
    say("error: " + python_words(*ended) + ": file: supervisorctl line: 0");
    status = code::generic;
}

Namespec split_namespec(std::string const& text) {
    std::size_t const colon = text.find(':');
    if (colon == std::string::npos) return {text, text};
    std::string const process = text.substr(colon + 1);
    if (process.empty() || process == "*") return {text.substr(0, colon), std::nullopt};
    return {text.substr(0, colon), process};
}

std::string namespec(std::string const& group, std::string const& process) {
    return group == process ? process : group + ":" + process;
}

std::string text_of(text::Value const& value, std::string_view member) {
    text::Value const* found = value.find(member);
    std::string const* text = found != nullptr ? found->text() : nullptr;
    return text != nullptr ? *text : "";
}

std::int64_t number_of(text::Value const& value, std::string_view member) {
    text::Value const* found = value.find(member);
    std::int64_t const* number = found != nullptr ? found->integer() : nullptr;
    return number != nullptr ? *number : 0;
}

bool is_true(text::Value const& value, std::string_view member) {
    text::Value const* found = value.find(member);
    bool const* yes = found != nullptr ? found->boolean() : nullptr;
    return yes != nullptr && *yes;
}

std::span<text::Value const> items(text::Value const& value) {
    text::Array const* array = value.array();
    return array != nullptr ? std::span<text::Value const>(*array) : std::span<text::Value const>();
}

Name name_of(std::string_view called) {
    std::string_view const name = called.substr(called.rfind('/') + 1);
    if (name == "supervisord") return Name::supervisord;
    if (name == "supervisorctl") return Name::supervisorctl;
    return Name::none;
}

int supervisorctl(Doors const& doors, std::string const& program,
                  std::vector<std::string> const& words) {
    auto read = read_settings(doors, program, words);
    if (int const* status = std::get_if<int>(&read)) return *status;
    Control control{
        .doors = doors, .settings = std::get<Settings>(std::move(read)), .known = std::nullopt};
    if (control.settings.words.empty()) return converse(control);
    std::string line;
    for (std::string const& word : control.settings.words) line += (line.empty() ? "" : " ") + word;
    control.run(line);
    return control.status;
}

}  // namespace lares::cli::classic
