// cli/main.cc: from a command line to its command.

#include "cli/main.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "cli/classic.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using Asking = int (*)(Session&);

/// Runs a command that asks a daemon.
int ask(Doors const& doors, Request const& request, Asking command) {
    Result<Found> found = locate(request, doors.world, doors.program_directory);
    if (!found) return fail(doors, request, found.error(), exit_status::usage);
    Session session{.doors = doors,
                    .request = request,
                    .found = *found,
                    .client = api::Client(doors.http, found->server)};
    return command(session);
}

struct AskingRow {
    Command command;
    Asking run;
};
/// Commands that ask a daemon.
constexpr AskingRow asking_rows[] = {
    {Command::down, down},
    {Command::status, status},
    {Command::start, start},
    {Command::stop, stop},
    {Command::restart, restart},
    {Command::signal, signal},
    {Command::scale, scale},
    {Command::tail, tail},
    {Command::pid, pid},
    {Command::version, version},
    {Command::plan, plan},
    {Command::apply, apply},
    {Command::update, update},
    {Command::reread, reread},
    {Command::add, add},
    {Command::remove, remove},
    {Command::avail, avail},
    {Command::reload, reload},
    {Command::config, revisions},
    {Command::program, managed_program},
    {Command::event, event},
    {Command::upgrade, upgrade},
    {Command::put, put},
    {Command::run, static_cast<Asking>(run)},
    {Command::jobs, jobs},
    {Command::job, job},
    {Command::cancel, cancel},
    {Command::priority, priority},
    {Command::folder, folder},
    {Command::retry, retry},
    {Command::tasks, tasks},
    {Command::folders, folders},
    {Command::pause, pause},
    {Command::resume, resume},
    {Command::drain, drain},
    {Command::maintenance, maintenance},
    {Command::runs, runs},
    {Command::log, run_log},
    {Command::rerun, rerun},
    {Command::diff, run_diff},
    {Command::trace, trace},
    {Command::why, why},
    {Command::why_not, why},
    {Command::audit, audit},
    {Command::at, at},
    {Command::events, events},
    {Command::token, token},
    {Command::user, user},
    {Command::outbox, outbox},
    {Command::notify, notify},
    {Command::channel, channel},
    {Command::budget, budget},
    {Command::letter, letter},
    {Command::alerts, alerts},
    {Command::top, top},
};

struct OfflineRow {
    Command command;
    int (*run)(Doors const&, Request const&);
};
/// Commands that need none.
constexpr OfflineRow offline_rows[] = {
    {Command::none, help},
    {Command::help, help},
    {Command::up, up},
    {Command::check, check},
    {Command::explain, explain},
    {Command::completion, completion},
    {Command::manual, manual},
    {Command::hash_password, hash_password},
    {Command::next, next},
    {Command::import_from, import_from},
    {Command::db, database},
    {Command::simulate, simulate_work},
    {Command::shadow, shadow_table},
};

int dispatch(Doors const& doors, Request const& request) {
    auto const* offline = std::ranges::find(offline_rows, request.command, &OfflineRow::command);
    if (offline != std::end(offline_rows)) return offline->run(doors, request);
    auto const* asking = std::ranges::find(asking_rows, request.command, &AskingRow::command);
    CHECK(asking != std::end(asking_rows));
    return ask(doors, request, asking->run);
}

int show_help(Doors const& doors, Request const& request) {
    bool const general = request.command == Command::none || request.command == Command::help;
    print(doors, general ? help_text() : help_text(row_of(request.command)));
    return exit_status::done;
}

/// The program under supervisord's names: by its own, or by the first word. None: `lares` itself.
std::optional<int> run_classic(int argc, char const* const* argv, Doors const& doors) {
    if (argc == 0) return std::nullopt;
    std::vector<std::string> words(argv + 1, argv + argc);
    std::string program = argv[0];
    classic::Name name = classic::name_of(program);
    if (name == classic::Name::none && !words.empty()) {
        // The word alone: "./supervisord" would be a file.
        name = words[0].find('/') == std::string::npos ? classic::name_of(words[0]) : name;
        if (name == classic::Name::none) return std::nullopt;
        program += " " + words[0];
        words.erase(words.begin());
    }
    switch (name) {
    case classic::Name::none:
        return std::nullopt;
    case classic::Name::supervisord:
        return classic::supervisord(doors, program, words);
    case classic::Name::supervisorctl:
        return classic::supervisorctl(doors, program, words);
    }
    return std::nullopt;
}

}  // namespace

int run(int argc, char const* const* argv, Doors const& doors) {
    if (std::optional<int> const status = run_classic(argc, argv, doors)) return *status;
    Result<Request> const parsed =
        parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    if (!parsed) {
        // Programs that asked for JSON get the reason as such, too.
        bool const json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
        return fail(doors, Request{.json = json}, parsed.error(), exit_status::usage);
    }
    Request const& request = *parsed;
    if (request.help) return show_help(doors, request);
    if (request.version) {
        print(doors, version_line(doors));
        return exit_status::done;
    }
    if (request.command == Command::none) {
        doors.err(help_text());
        return exit_status::usage;
    }
    return dispatch(doors, request);
}

}  // namespace lares::cli
