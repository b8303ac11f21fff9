// cli/classic_settings.cc: options first, then the configuration fills what they left open.

#include "cli/classic_settings.h"

#include <array>
#include <utility>

#include "cli/classic.h"
#include "cli/python_options.h"
#include "cli/reading.h"
#include "text/python.h"

namespace lares::cli::classic {
namespace {

constexpr std::string_view section_name = "supervisorctl";
constexpr std::string_view unix_scheme = "unix://";

/// What the command line said; each may be said once.
struct Given {
    std::optional<std::string> config, url, username, password, history_file;
    bool help = false;
    bool is_interactive = false;
    std::vector<std::string> words;
};

struct Row {
    PythonOption option;
    std::optional<std::string> Given::* text;  // null: a switch
    bool Given::* yes;
};

// clang-format off
constexpr std::array rows = {
    Row{{'h', "help",          false}, nullptr,              &Given::help},
    Row{{'?', "",              false}, nullptr,              &Given::help},
    Row{{'c', "configuration", true},  &Given::config,       nullptr},
    Row{{'i', "interactive",   false}, nullptr,              &Given::is_interactive},
    Row{{'s', "serverurl",     true},  &Given::url,          nullptr},
    Row{{'u', "username",      true},  &Given::username,     nullptr},
    Row{{'p', "password",      true},  &Given::password,     nullptr},
    Row{{'r', "history_file",  true},  &Given::history_file, nullptr},
};
// clang-format on

constexpr std::string_view help_after_usage =
    "\n\nOptions:\n"
    "-c/--configuration FILE    the configuration; without it the default paths are searched\n"
    "-h/--help                  this help\n"
    "-i/--interactive           a prompt; also what is had without an action\n"
    "-s/--serverurl URL         where the daemon listens: unix:///PATH or http://HOST:PORT\n"
    "                           (default \"http://localhost:9001\")\n"
    "-u/--username NAME         name for a server that asks for one\n"
    "-p/--password WORD         its password\n"
    "-r/--history_file FILE     keep what was typed at the prompt there\n"
    "\n"
    "action [arguments]         as \"tail\" or \"stop\"; \"help\" lists them\n";

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

/// Python's urlparse finds a scheme and something after it.
bool is_url(std::string const& text) {
    std::size_t const colon = text.find(':');
    if (colon == std::string::npos || colon == 0) return false;
    std::string const rest = text.substr(colon + 1);
    return !rest.empty() && rest != "//" && text.find_first_of("/?#") > colon;
}

/// supervisorctl's order: options from left to right, -h ends the reading.
Result<Given> take(PythonWords const& read) {
    Given given;
    for (GivenOption const& option : read.options) {
        Row const& row = rows[option.row];
        bool const twice = row.text != nullptr ? (given.*row.text).has_value() : given.*row.yes;
        if (row.yes == &Given::help) {
            given.help = true;
            return given;
        }
        if (row.text == &Given::url && !is_url(option.value)) {
            std::string const value = text::python::repr(option.value);
            return invalid("invalid value for " + option.name + " " + value + ": value " + value +
                           " is not a URL");
        }
        if (twice)
            return invalid("conflicting command line option " + text::python::repr(option.name));
        if (row.text != nullptr) given.*row.text = option.value;
        if (row.yes != nullptr) given.*row.yes = true;
    }
    given.words = read.rest;
    return given;
}

Result<Given> read_options(std::vector<std::string> const& words) {
    std::vector<PythonOption> known;
    for (Row const& row : rows) known.push_back(row.option);
    return take(TRY(read_python_options(words, known)));
}

/// The file to read; none when nothing is given and nothing is found, which is fine here.
Result<std::optional<std::string>> find_file(Doors const& doors, Given const& given) {
    if (!given.config) {
        auto const paths = config::default_paths(doors.program_directory, doors.world.directory);
        for (std::string const& path : paths)
            if (doors.look_at(path).exists) return std::optional(path);
        return std::optional<std::string>();
    }
    std::string const path = absolute(*given.config, doors.world);
    if (!doors.look_at(path).exists) return invalid("could not find config file " + *given.config);
    return std::optional(path);
}

void warn_of_plugins(Doors const& doors, text::Ini const& ini) {
    for (text::IniSection const& section : ini.sections)
        if (section.name.starts_with("ctlplugin:"))
            doors.err("supervisorctl: [" + section.name +
                      "] is ignored: Lares runs no Python plug-ins\n");
}

/// Fills `settings` from [supervisorctl].
Result<> read_section(Doors const& doors, std::string const& path, Settings& settings) {
    Reading reading(doors.world, path);
    if (Result<> const read = reading.read_main(); !read)
        return invalid("could not read config file " + path);
    if (reading.find(section_name, "serverurl") == nullptr) reading.read_includes();
    warn_of_plugins(doors, reading.ini());
    text::IniSection const* section = reading.ini().find(section_name);
    if (section == nullptr) return invalid(".ini file does not include supervisorctl section");
    std::string const url = TRY(reading.value(section, "serverurl"));
    if (!url.empty()) settings.server.url = url;
    if (url.starts_with(unix_scheme))
        settings.server.url =
            std::string(unix_scheme) + absolute(url.substr(unix_scheme.size()), doors.world);
    settings.server.username = TRY(reading.value(section, "username"));
    settings.server.password = TRY(reading.value(section, "password"));
    if (section->find("prompt") != nullptr) settings.prompt = TRY(reading.value(section, "prompt"));
    settings.history_file = absolute(TRY(reading.value(section, "history_file")), doors.world);
    return {};
}

Result<Settings> settings_of(Doors const& doors, Given given) {
    Settings settings;
    std::optional<std::string> const path = TRY(find_file(doors, given));
    if (path) TRY(read_section(doors, *path, settings));
    if (given.url) settings.server.url = *given.url;
    if (given.username) settings.server.username = *given.username;
    if (given.password) settings.server.password = *given.password;
    if (given.history_file) settings.history_file = absolute(*given.history_file, doors.world);
    settings.is_interactive = given.is_interactive || given.words.empty();
    settings.words = std::move(given.words);
    return settings;
}

}  // namespace

std::string supervisorctl_help(std::string const& program) {
    return "supervisorctl -- control applications run by supervisord from the command line; "
           "serviced by Lares.\n\nUsage: " +
           program + " [options] [action [arguments]]" + std::string(help_after_usage);
}

std::variant<Settings, int> read_settings(Doors const& doors, std::string const& program,
                                          std::vector<std::string> const& words) {
    Result<Given> given = read_options(words);
    if (!given) return refuse(doors, program, given.error().what);
    if (given->help) {
        doors.out(supervisorctl_help(program));
        return exit_status::done;
    }
    Result<Settings> settings = settings_of(doors, std::move(given).take());
    if (!settings) return refuse(doors, program, settings.error().what);
    return std::move(settings).take();
}

}  // namespace lares::cli::classic
