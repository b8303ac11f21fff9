// cli/next.cc: `lares next`: when a schedule is due, asked of an expression or of a configuration.
//
// Needs no daemon. What it prints with --json for an expression is fixed: {"next": [ISO instants]},
// or {"error": "..."} and exit status 2 (issue 4, 6).

#include <charconv>

#include "base/check.h"
#include "cli/session.h"
#include "config/check.h"
#include "control/coming.h"
#include "control/run_words.h"
#include "core/schedule.h"
#include "text/cron.h"
#include "text/diagnostic.h"
#include "text/iso_time.h"

namespace lares::cli {
namespace {

using control::change_lines;
using control::class_words;
using control::coming;
using control::Outlook;
using control::outlook_calendar;
using control::outlook_text;
using control::outlook_value;
using control::run_mark;
using control::run_times;

constexpr int usual_count = 10, most_count = 10'000;
constexpr int usual_days = 7, most_days = 3'660;
/// Runs of a configuration that are listed; a year of every minute is no list for people.
constexpr std::size_t most_runs = 10'000;

struct Asked {
    text::CronRead read;
    std::shared_ptr<schedule::Zone const> zone;
    std::int64_t from = 0;
    int count = usual_count;
};

Result<int> number_of(std::string const& text, std::string_view option, int usual, int most) {
    if (text.empty()) return usual;
    int number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most)
        return Error{Error::Kind::invalid, std::string(option) + ": found '" + text +
                                               "', expected a number from 1 to " +
                                               std::to_string(most)};
    return number;
}

Result<std::int64_t> from_of(Doors const& doors, Request const& request,
                             schedule::Zone const& zone) {
    if (request.from.empty()) return doors.now();
    Result<text::IsoTime> time = text::parse_iso_time(request.from);
    if (!time) return std::move(time).error().during("--from");
    if (time->offset) return time->local - *time->offset;
    return schedule::instant_of(zone, time->local);
}

Result<Asked> asked_of(Doors const& doors, Request const& request) {
    Asked asked;
    asked.read = TRY(text::parse_cron(*request.expression));
    asked.zone = TRY(doors.zones->find(request.timezone.value_or("")));
    asked.from = TRY(from_of(doors, request, *asked.zone));
    asked.count = TRY(number_of(request.count, "--count", usual_count, most_count));
    return asked;
}

std::vector<schedule::Due> runs_of(Asked const& asked) {
    std::vector<schedule::Due> runs;
    std::int64_t after = asked.from;
    while (runs.size() < std::size_t(asked.count)) {
        auto const due = schedule::next_due(asked.read.cron, *asked.zone, after);
        if (!due) break;
        runs.push_back(*due);
        after = due->at;
    }
    return runs;
}

void print_runs_json(Doors const& doors, Asked const& asked) {
    text::Array list;
    for (schedule::Due const& due : runs_of(asked))
        list.push_back(text::print_iso_time(due.at, schedule::offset_at(*asked.zone, due.at)));
    print_json(doors, text::Struct{{"next", std::move(list)}});
}

void print_runs(Doors const& doors, Request const& request, Asked const& asked) {
    std::string lines = *request.expression + ": " + text::describe_cron(asked.read.cron) +
                        "\ntime zone " + asked.zone->name + "; " + class_words(asked.read.cron) +
                        "\n";
    for (std::string const& hint : asked.read.hints) lines += "note: " + hint + "\n";
    auto const runs = runs_of(asked);
    std::int64_t after = asked.from;
    for (schedule::Due const& due : runs) {
        lines += change_lines(*asked.zone, after, due.at);
        std::string const mark = run_mark(*asked.zone, due);
        lines += run_times(*asked.zone, due.at) + (mark.empty() ? "" : "  " + mark) + "\n";
        after = due.at;
    }
    if (runs.empty() && asked.read.hints.empty()) lines += "no run is due by the clock\n";
    print(doors, lines);
}

int next_of_expression(Doors const& doors, Request const& request) {
    Result<Asked> const asked = asked_of(doors, request);
    if (!asked) return fail(doors, request, asked.error(), exit_status::usage);
    if (request.json)
        print_runs_json(doors, *asked);
    else
        print_runs(doors, request, *asked);
    return exit_status::done;
}

struct Window {
    std::int64_t from, until;
};

Result<Window> window_of(Doors const& doors, Request const& request) {
    auto const zone = TRY(doors.zones->find(""));
    std::int64_t const from = TRY(from_of(doors, request, *zone));
    int const days = TRY(number_of(request.days, "--days", usual_days, most_days));
    return Window{from, from + std::int64_t(days) * 86'400};
}

int next_of_configuration(Doors const& doors, Request const& request) {
    Result<Window> const window = window_of(doors, request);
    if (!window) return fail(doors, request, window.error(), exit_status::usage);
    Result<std::string> const path =
        find_config(request.config, doors.world, doors.program_directory);
    if (!path) return fail(doors, request, path.error(), exit_status::usage);
    config::Loaded const loaded = config::load(doors.world, *path);
    if (!loaded.settings) {
        Error const error{Error::Kind::invalid, *path + " has mistakes; 'lares check' shows them"};
        return fail(doors, request, error, exit_status::refused);
    }
    Outlook const outlook = coming(*loaded.settings, *doors.zones, doors.world.host_name,
                                   window->from, window->until, most_runs);
    if (request.json)
        print_json(doors, outlook_value(outlook));
    else if (request.ics)
        doors.out(outlook_calendar(outlook, window->from, doors.world.host_name));
    else
        print(doors, outlook_text(outlook));
    for (std::string const& problem : outlook.problems) complain(doors, problem);
    return outlook.problems.empty() ? exit_status::done : exit_status::refused;
}

}  // namespace

int next(Doors const& doors, Request const& request) {
    CHECK(doors.zones != nullptr && doors.now);
    if (request.expression) return next_of_expression(doors, request);
    return next_of_configuration(doors, request);
}

}  // namespace lares::cli
