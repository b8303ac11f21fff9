// cli/offline.cc: the commands that need no daemon: up, check, explain, help, completion.

#include "cli/help.h"
#include "cli/manual.h"
#include "cli/session.h"
#include "config/check.h"
#include "config/explain.h"
#include "config/options.h"
#include "text/diagnostic.h"
#include "text/nearest.h"

namespace lares::cli {
namespace {

/// Names for the shell, one a line; silent when nobody answers, since a person is typing.
std::string process_names(Doors const& doors, Request const& request) {
    Result<Found> const found = locate(request, doors.world, doors.program_directory);
    if (!found) return "";
    api::Client client(doors.http, found->server);
    Result<api::Status> const status = client.status({});
    std::string names = "all\n";
    if (!status) return names;
    std::string group;
    for (api::Process const& process : status->processes) {
        names += process.full_name() + "\n";
        if (process.group != process.name && process.group != group)
            names += process.group + ":*\n";
        group = process.group;
    }
    return names;
}

std::string option_names() {
    std::string names;
    for (config::OptionDoc const& option : config::all_options())
        names += std::string(option.name) + "\n";
    return names;
}

}  // namespace

int up(Doors const& doors, Request const& request) {
    UpRequest wanted{.overrides = request.overrides};
    if (!request.config.empty()) wanted.config = request.config;
    if (request.detach) wanted.ground = Ground::background;
    wanted.no_keeper = request.no_keeper;
    if (request.foreground) wanted.ground = Ground::foreground;
    return doors.up(wanted);
}

int check(Doors const& doors, Request const& request) {
    std::string path = request.words.empty() ? request.config : request.words.front();
    if (path.empty()) {
        Result<std::string> found = find_config("", doors.world, doors.program_directory);
        if (!found) return fail(doors, request, found.error(), exit_status::usage);
        path = std::move(found).take();
    }
    config::Loaded const loaded = config::load(doors.world, path);
    if (request.json) {
        print_json(doors, config::check_value(loaded, doors.world));
    } else {
        print(doors, config::check_text(loaded, doors.world));
    }
    bool const good = loaded.settings.has_value() && !text::has_errors(loaded.found);
    return good ? exit_status::done : exit_status::refused;
}

int explain(Doors const& doors, Request const& request) {
    std::string const& name = request.words.front();
    if (request.json) {
        Result<text::Value> const value = config::explain_value(name);
        if (!value) return fail(doors, request, value.error(), exit_status::refused);
        print_json(doors, *value);
        return exit_status::done;
    }
    Result<std::string> const text = config::explain(name);
    if (!text) return fail(doors, request, text.error(), exit_status::refused);
    print(doors, *text);
    return exit_status::done;
}

int help(Doors const& doors, Request const& request) {
    if (request.words.empty()) {
        print(doors, help_text());
        return exit_status::done;
    }
    CommandRow const* row = find_command(request.words.front());
    if (row != nullptr) {
        print(doors, help_text(*row));
        return exit_status::done;
    }
    Error const error{Error::Kind::invalid, "no command is called '" + request.words.front() +
                                                "'; 'lares help' lists them all"};
    return fail(doors, request, error, exit_status::usage);
}

int manual(Doors const& doors, Request const& request) {
    std::string const name = request.words.empty() ? "lares" : request.words.front();
    Result<std::string> const page = manual_page(name, doors.version);
    if (!page) return fail(doors, request, page.error(), exit_status::usage);
    print(doors, *page);
    return exit_status::done;
}

int completion(Doors const& doors, Request const& request) {
    std::string const& what = request.words.front();
    if (what == "bash") {
        print(doors, bash_completion());
    } else if (what == "zsh") {
        print(doors, zsh_completion());
    } else if (what == "fish") {
        print(doors, fish_completion());
    } else if (what == "names") {
        doors.out(process_names(doors, request));
    } else if (what == "options") {
        doors.out(option_names());
    } else {
        Error const error{Error::Kind::invalid,
                          "no completion for '" + what + "'; there are 'bash', 'zsh' and 'fish'"};
        return fail(doors, request, error, exit_status::usage);
    }
    return exit_status::done;
}

}  // namespace lares::cli
