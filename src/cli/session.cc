// cli/session.cc: how every command prints and complains.

#include "cli/session.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/trouble.h"
#include "text/glob.h"
#include "text/nearest.h"

namespace lares::cli {
namespace {

std::string without_newlines(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

}  // namespace

void print(Doors const& doors, std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    doors.out(text);
}

void print_json(Doors const& doors, text::Value const& value) {
    print(doors, text::to_json(value, doors.terminal().is_tty ? 2 : 0));
}

void complain(Doors const& doors, std::string_view what) {
    doors.err("lares: " + std::string(what) + (what.ends_with('\n') ? "" : "\n"));
}

int fail(Doors const& doors, Request const& request, Error const& error, int status) {
    complain(doors, error.what);
    if (request.json) print_json(doors, text::Struct{{"error", without_newlines(error.what)}});
    return status;
}

int fail(Session const& session, Error const& error) {
    Scene const scene = survey(session.found, session.doors);
    Error const explained{error.kind, words(error, session.found, scene)};
    return fail(session.doors, session.request, explained, exit_status_of(error));
}

Colour colour_of(Doors const& doors, Request const& request) {
    bool const refused =
        request.no_color || std::ranges::any_of(doors.world.environment, [](auto const& entry) {
            return entry.first == "NO_COLOR" && !entry.second.empty();
        });
    return !refused && doors.terminal().is_tty ? Colour::yes : Colour::no;
}

std::string version_line(Doors const& doors) {
    std::string const commit = doors.commit.empty() ? "" : " (" + doors.commit + ")";
    return "lares " + doors.version + commit;
}

void complain_of_unknown(Session& session, std::vector<std::string> const& patterns) {
    if (patterns.empty()) return;
    std::vector<std::string> names;
    if (Result<api::Status> const all = session.client.status({}))
        for (api::Process const& process : all->processes) {
            names.push_back(process.full_name());
            names.push_back(process.group);
        }
    for (std::string const& pattern : patterns) {
        std::string_view const near =
            text::is_glob(pattern) ? "" : text::nearest(pattern, {names.begin(), names.end()});
        complain(session.doors,
                 fmt::format("no process matches '{}'{}", pattern,
                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
}

}  // namespace lares::cli
