// cli/simulate.cc: `lares simulate FILE`: a configuration's month to come, on a virtual clock.
//
// Needs no daemon. The past comes from the configuration's database, read beside a daemon that may
// have it open; else from the daemon itself; else there is none, and that is said.

#include <fmt/core.h>

#include <charconv>

#include "base/check.h"
#include "cli/fields.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/simulated.h"
#include "config/values.h"
#include "text/diagnostic.h"
#include "text/iso_time.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

constexpr int usual_days = 30, most_days = 400;
/// Older work than this says little about the work to come.
constexpr std::int64_t past_days = 90;
constexpr std::size_t most_jobs = 1'000'000, points_told = 1'000, points_charted = 200'000;
constexpr int most_asked = 10'000;  // rows of a daemon's answer

struct Asked {
    Span span;
    Assumed assumed;
    std::shared_ptr<schedule::Zone const> zone;
};

Result<int> days_of(std::string const& text) {
    if (text.empty()) return usual_days;
    int days = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    bool const is_number = error == std::errc() && end == text.data() + text.size();
    if (is_number && days >= 1 && days <= most_days) return days;
    return Error{
        Error::Kind::invalid,
        fmt::format("--days: found '{}', expected a number from 1 to {}", text, most_days)};
}

Result<Asked> asked_of(Doors const& doors, Request const& request) {
    Asked asked;
    asked.zone = TRY(doors.zones->find(""));
    asked.span.from = doors.now();
    if (!request.from.empty()) {
        auto time = text::parse_iso_time(request.from);
        if (!time) return std::move(time).error().during("--from");
        asked.span.from = time->offset ? time->local - *time->offset
                                       : schedule::instant_of(*asked.zone, time->local);
    }
    asked.span.days = TRY(days_of(request.days));
    if (!request.failing.empty()) {
        auto percent = config::parse_percent(request.failing);
        if (!percent) return std::move(percent).error().during("--fail");
        if (*percent > 100)
            return Error{Error::Kind::invalid,
                         "--fail: found '" + request.failing + "', expected 0% to 100%"};
        asked.assumed.failing = *percent / 100.0;
    }
    if (request.assume.empty()) return asked;
    auto assumed = text::parse_duration(request.assume);
    if (!assumed) return std::move(assumed).error().during("--assume");
    asked.assumed.seconds = std::chrono::duration_cast<std::chrono::seconds>(*assumed).count();
    return asked;
}

struct Remembered {
    simulate::Past past;
    std::string words;
};

std::string words_of(simulate::Past const& past, std::string const& whose) {
    if (past.runs == 0 && past.arrivals == 0) return "no past in " + whose;
    std::int64_t const days = (past.last - past.first + 86'399) / 86'400;
    return fmt::format("the past {} days of {}: {} runs, {} arrivals{}",
                       std::max<std::int64_t>(1, days), whose, past.runs, past.arrivals,
                       past.is_cut ? ", the newest" : "");
}

/// What a running daemon of this configuration tells.
Result<simulate::Past> ask_daemon(Doors const& doors, Request const& request) {
    Found const found = TRY(locate(request, doors.world, doors.program_directory));
    api::Client client(doors.http, found.server);
    text::Struct const filters{{"limit", std::int64_t(most_asked)}};
    text::Value const runs = TRY(client.call("lares.runs", {filters}));
    text::Value const jobs = TRY(client.call("lares.jobs", {filters}));
    simulate::PastReader reader;
    for (text::Value const& run : list_of(runs, "runs"))
        if (!id_of(run, "job").empty() && number_of(run, "ended") > 0)
            reader.add_run(text_of(run, "subject"), std::int64_t(number_of(run, "started")),
                           std::int64_t(number_of(run, "wall") * 1000), text_of(run, "outcome"),
                           int(number_of(run, "code")));
    for (text::Value const& job : list_of(jobs, "jobs"))
        reader.add_job({.task = text_of(job, "task"),
                        .created = std::int64_t(number_of(job, "created")),
                        .source = text_of(job, "source"),
                        .priority = int(number_of(job, "priority")),
                        .key = text_of(job, "key")});
    simulate::Past past = reader.take();
    past.is_cut = list_of(runs, "runs").size() >= most_asked;
    return past;
}

/// An Error only when the database was named on the command line.
Result<Remembered> remember(Doors const& doors, Request request, config::Settings const& settings,
                            std::string const& config) {
    bool const is_named = !request.database.empty();
    std::string const path =
        is_named ? absolute(request.database, doors.world) : settings.work.database;
    std::string trouble = "there is none at '" + path + "'";
    bool const is_there = doors.database.past && doors.look_at(path).exists;
    if (is_there) {
        auto past = doors.database.past(path, doors.now() - past_days * 86'400);
        if (past) return Remembered{*past, words_of(*past, "'" + path + "'")};
        trouble = past.error().what;
    }
    if (is_named) return Error{Error::Kind::invalid, "--database: " + trouble};
    if (request.config.empty()) request.config = config;
    if (auto past = ask_daemon(doors, request); past.ok())
        return Remembered{*past, words_of(*past, "the daemon")};
    return Remembered{{},
                      is_there ? "its database cannot be read (" + trouble + ")"
                               : "without a past: no database and no daemon"};
}

int tell(Doors const& doors, Request const& request, Asked const& asked, Scenario const& scenario,
         std::string past) {
    simulate::Report const report =
        simulate::simulate(scenario.tasks, asked.span.from, asked.span.days, most_jobs,
                           request.json ? points_told : points_charted, scenario.resources);
    Telling const telling{std::move(past), scenario.notes, asked.zone.get()};
    if (request.json)
        print_json(doors, simulation_value(report, telling));
    else
        print(doors, simulation_text(report, telling));
    return exit_status::done;
}

}  // namespace

int simulate_work(Doors const& doors, Request const& request) {
    CHECK(doors.zones != nullptr && doors.now);
    Result<Asked> const asked = asked_of(doors, request);
    if (!asked) return fail(doors, request, asked.error(), exit_status::usage);
    std::string const given = request.words.empty() ? request.config : request.words.front();
    Result<std::string> const path = find_config(given, doors.world, doors.program_directory);
    if (!path) return fail(doors, request, path.error(), exit_status::usage);
    config::Loaded const loaded = config::load(doors.world, *path);
    if (!loaded.settings) {
        if (!request.json)
            for (text::Diagnostic const& found : loaded.found)
                doors.err(text::format(found, loaded.sources, "lares: "));
        Error const error{Error::Kind::invalid, *path + " has mistakes; nothing was simulated"};
        return fail(doors, request, error, exit_status::usage);
    }
    auto const past = remember(doors, request, *loaded.settings, *path);
    if (!past) return fail(doors, request, past.error(), exit_status::usage);
    Scenario const scenario = scenario_of(*loaded.settings, *doors.zones, doors.world.host_name,
                                          past->past, asked->assumed, asked->span);
    for (std::string const& problem : scenario.problems) complain(doors, problem);
    if (!scenario.problems.empty()) return exit_status::usage;
    return tell(doors, request, *asked, scenario, past->words);
}

}  // namespace lares::cli
