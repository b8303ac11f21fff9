// cli/simulated_words.cc: a simulation's figures as a table, a chart and JSON.

#include <fmt/core.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/simulated.h"
#include "core/counted.h"
#include "text/iso_time.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using simulate::Report;
using simulate::TaskReport;

constexpr std::size_t most_collisions = 10, most_names = 5, most_holds = 20;
constexpr std::int64_t most_rows = 31;  // of the chart
constexpr std::size_t bar_columns = 40;
constexpr std::int64_t a_day = 86'400;

std::string span_words(std::int64_t seconds) {
    return text::print_duration(std::chrono::seconds(seconds));
}

std::string when(Telling const& telling, std::int64_t at) {
    return text::print_local_time(at, schedule::offset_at(*telling.zone, at));
}

std::string iso(Telling const& telling, std::int64_t at) {
    return text::print_iso_time(at, schedule::offset_at(*telling.zone, at));
}

double share(std::int64_t busy, Report const& report) {
    return double(busy) / double(std::max<std::int64_t>(1, report.played_until - report.from));
}

double mean_wait(TaskReport const& task) {
    return task.started == 0 ? 0 : double(task.total_wait) / double(task.started);
}

std::string number(std::int64_t count) { return count == 0 ? "-" : std::to_string(count); }

bool any(Report const& report, std::int64_t TaskReport::* count) {
    return std::ranges::any_of(report.tasks,
                               [count](TaskReport const& task) { return task.*count > 0; });
}

/// As the fourth.
void add_column(std::vector<std::vector<std::string>>& rows, Report const& report,
                std::string const& title, std::int64_t TaskReport::* count) {
    auto const put = [](std::vector<std::string>& row, std::string words) {
        row.insert(row.begin() + 3, std::move(words));
    };
    put(rows.front(), title);
    for (std::size_t i = 0; i < report.tasks.size(); ++i)
        put(rows[i + 1], number(report.tasks[i].*count));
}

std::string task_table(Report const& report, Telling const& telling) {
    std::vector<std::vector<std::string>> rows{{"TASK", "DUE", "RUNS", "BUSY", "OVERLAPS",
                                                "SKIPPED", "REPLACED", "REFUSED", "LATE", "MEAN",
                                                "LATEST", "DEEPEST", "LEFT"}};
    for (TaskReport const& task : report.tasks)
        rows.push_back(
            {task.name, number(task.due), number(task.started),
             fmt::format("{:.1f} %", 100 * share(task.busy, report)), number(task.overlaps),
             number(task.skipped), number(task.replaced), number(task.refused), number(task.late),
             task.late == 0 ? "-" : fmt::format("{:.1f} s", mean_wait(task)),
             task.late == 0
                 ? "-"
                 : span_words(task.greatest_wait) + " of " + when(telling, task.greatest_wait_at),
             task.greatest_depth == 0 ? "-"
                                      : fmt::format("{} at {}", task.greatest_depth,
                                                    when(telling, task.greatest_depth_at)),
             number(std::int64_t(task.left))});
    // Left out where nothing fails and nothing is refused.
    if (any(report, &TaskReport::duplicates))
        add_column(rows, report, "UNIQUE", &TaskReport::duplicates);
    if (any(report, &TaskReport::failed)) {
        add_column(rows, report, "DEAD", &TaskReport::dead);
        add_column(rows, report, "FAILED", &TaskReport::failed);
    }
    return aligned(rows);
}

// ---- what rules cost

constexpr std::pair<std::string_view, simulate::Hold TaskReport::*> held_by[] = {
    {"circuit", &TaskReport::circuit},
    {"retry_budget", &TaskReport::budget},
    {"not_between", &TaskReport::hours},
    {"needs", &TaskReport::needs}};

/// The dearest first.
std::string hold_table(Report const& report) {
    struct Row {
        std::string_view rule;
        std::string const* task;
        simulate::Hold const* hold;
    };
    std::vector<Row> all;
    for (TaskReport const& task : report.tasks)
        for (auto const& [rule, hold] : held_by)
            if ((task.*hold).jobs > 0) all.push_back({rule, &task.name, &(task.*hold)});
    if (all.empty()) return "";
    std::ranges::stable_sort(all, std::ranges::greater{},
                             [](Row const& row) { return row.hold->total; });
    std::vector<std::vector<std::string>> rows{
        {"HELD UP BY", "OF", "ATTEMPTS", "LONGEST", "TOGETHER"}};
    for (Row const& row : all) {
        if (rows.size() > most_holds) break;
        rows.push_back({std::string(row.rule), *row.task, std::to_string(row.hold->jobs),
                        span_words(row.hold->greatest), span_words(row.hold->total)});
    }
    std::string const rest =
        all.size() > most_holds ? fmt::format("and {} more\n", all.size() - most_holds) : "";
    return aligned(rows) + rest + "\n";
}

/// Only where priorities differ.
std::string priority_table(Report const& report, Telling const& telling) {
    if (report.priorities.size() < 2) return "";
    std::vector<std::vector<std::string>> rows{{"PRIORITY", "RUNS", "LATE", "MEAN", "LATEST"}};
    for (simulate::PriorityReport const& one : report.priorities) {
        if (rows.size() > most_holds) break;
        bool const is_late = one.late > 0;
        rows.push_back(
            {std::to_string(one.priority), number(one.started), number(one.late),
             is_late ? fmt::format("{:.1f} s", double(one.total_wait) / double(one.started)) : "-",
             is_late
                 ? fmt::format("{} of {} {}", span_words(one.greatest_wait),
                               report.tasks.at(one.task).name, when(telling, one.greatest_wait_at))
                 : "-"});
    }
    std::string const rest =
        report.priorities.size() > most_holds
            ? fmt::format("and {} lower ones\n", report.priorities.size() - most_holds)
            : "";
    return aligned(rows) + rest + "\n";
}

/// What other rules did, a line for each task; of many tasks the first.
std::string rule_lines(Report const& report) {
    std::vector<std::string> lines;
    for (TaskReport const& task : report.tasks) {
        if (task.opened > 0)
            lines.push_back(
                fmt::format("circuit of {}: opened {}, for {} in all", task.name,
                            task.opened == 1 ? "once" : fmt::format("{} times", task.opened),
                            span_words(task.open_for)));
        if (task.stood_back > 0)
            lines.push_back(fmt::format("queue_max of {}: {} waited for room", task.name,
                                        counted(task.stood_back, "job")));
        if (task.missed > 0)
            lines.push_back(fmt::format("catchup of {}: {} left out", task.name,
                                        counted(task.missed, "due time")));
    }
    std::string text;
    for (std::size_t i = 0; i < std::min(lines.size(), most_holds); ++i) text += lines[i] + "\n";
    if (lines.size() > most_holds) text += fmt::format("and {} more\n", lines.size() - most_holds);
    return text;
}

std::string names_of(std::vector<std::string> const& names) {
    std::string words;
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
        words += (i > 0 ? ", " : "") + names[i];
    if (names.size() > most_names) words += fmt::format(" and {} more", names.size() - most_names);
    return words;
}

std::string collision_lines(Report const& report, Telling const& telling) {
    if (report.collision_minutes == 0) return "no two tasks begin in the same minute\n";
    std::string lines =
        fmt::format("several tasks begin in the same minute: {} times\n", report.collision_minutes);
    for (std::size_t i = 0; i < std::min(most_collisions, report.collisions.size()); ++i) {
        simulate::Collision const& one = report.collisions[i];
        lines += fmt::format("  {} times, first {}: {}\n", one.minutes, when(telling, one.first),
                             names_of(one.tasks));
    }
    return lines;
}

std::string resource_lines(Report const& report) {
    std::string lines;
    for (simulate::ResourceReport const& one : report.resources)
        lines += fmt::format("resource {}: {:.1f} % in use, {} of {} at most\n", one.name,
                             100 * share(one.busy, report) / std::max(1, one.capacity),
                             one.greatest_use, one.capacity);
    return lines;
}

/// The deepest of each slice of time; what nothing changed in is as it was before.
std::vector<simulate::Depth> slices_of(Report const& report, std::int64_t slice) {
    std::vector<simulate::Depth> slices;
    simulate::Depth now{report.from};
    std::size_t next = 0;
    for (std::int64_t at = report.from; at < report.played_until; at += slice) {
        simulate::Depth deepest = now;
        for (; next < report.depth.size() && report.depth[next].at < at + slice; ++next) {
            now = report.depth[next];
            deepest.ready = std::max(deepest.ready, now.ready);
            deepest.running = std::max(deepest.running, now.running);
        }
        deepest.at = at;
        slices.push_back(deepest);
    }
    return slices;
}

/// '=' runs, '-' waits.
std::string chart(Report const& report, Telling const& telling) {
    std::int64_t const days =
        std::max<std::int64_t>(1, (report.played_until - report.from) / a_day);
    std::int64_t const slice = days <= 1 ? 3600 : (days + most_rows - 1) / most_rows * a_day;
    std::vector<simulate::Depth> const slices = slices_of(report, slice);
    std::size_t most = 1;
    for (simulate::Depth const& one : slices) most = std::max(most, one.ready + one.running);
    std::string lines = "most jobs at once, running (=) and waiting (-):\n";
    for (simulate::Depth const& one : slices) {
        std::size_t const all = (one.ready + one.running) * bar_columns / most;
        std::size_t const running = std::min(all, one.running * bar_columns / most);
        lines += fmt::format("  {}  {:>5} {:>5}  {}{}\n", when(telling, one.at), one.running,
                             one.ready, std::string(running, '='), std::string(all - running, '-'));
    }
    return lines;
}

text::Value held_value(TaskReport const& task) {
    text::Struct rules;
    for (auto const& [rule, hold] : held_by)
        rules.emplace_back(rule, text::Struct{{"attempts", (task.*hold).jobs},
                                              {"seconds", (task.*hold).total},
                                              {"longest", (task.*hold).greatest}});
    return rules;
}

text::Value priorities_value(Report const& report, Telling const& telling) {
    text::Array all;
    for (simulate::PriorityReport const& one : report.priorities) {
        bool const is_late = one.late > 0;
        double const mean = one.started == 0 ? 0 : double(one.total_wait) / double(one.started);
        all.push_back(text::Struct{
            {"priority", std::int64_t(one.priority)},
            {"runs", one.started},
            {"late", one.late},
            {"mean_wait", mean},
            {"greatest_wait", one.greatest_wait},
            {"greatest_wait_at", is_late ? iso(telling, one.greatest_wait_at) : std::string()},
            {"greatest_wait_of", is_late ? report.tasks.at(one.task).name : std::string()}});
    }
    return all;
}

text::Value task_value(TaskReport const& task, Report const& report, Telling const& telling) {
    auto at = [&](std::int64_t count, std::int64_t instant) {
        return count == 0 ? text::Value("") : text::Value(iso(telling, instant));
    };
    return text::Struct{
        {"task", task.name},
        {"due", task.due},
        {"runs", task.started},
        {"failed", task.failed},
        {"dead", task.dead},
        {"busy_seconds", task.busy},
        {"busy_share", share(task.busy, report)},
        {"overlaps", task.overlaps},
        {"skipped", task.skipped},
        {"replaced", task.replaced},
        {"refused", task.refused},
        {"duplicates", task.duplicates},
        {"stood_back", task.stood_back},
        {"missed", task.missed},
        {"circuit_opened", task.opened},
        {"circuit_open_seconds", task.open_for},
        {"held", held_value(task)},
        {"late", task.late},
        {"mean_wait", mean_wait(task)},
        {"greatest_wait", task.greatest_wait},
        {"greatest_wait_at", at(task.late, task.greatest_wait_at)},
        {"greatest_depth", std::int64_t(task.greatest_depth)},
        {"greatest_depth_at", at(std::int64_t(task.greatest_depth), task.greatest_depth_at)},
        {"left", std::int64_t(task.left)}};
}

}  // namespace

std::string simulation_text(Report const& report, Telling const& telling) {
    std::string text =
        fmt::format("{} days from {} on; {}\n\n", (report.until - report.from) / a_day,
                    when(telling, report.from), telling.past);
    if (report.tasks.empty()) return text + "no task is configured and enabled\n";
    text += task_table(report, telling) + "\n" + priority_table(report, telling) +
            hold_table(report) + rule_lines(report) + collision_lines(report, telling) +
            resource_lines(report) + "\n" + chart(report, telling);
    if (report.cut)
        text += fmt::format("there is more than is played; it ends with {}\n",
                            when(telling, report.played_until));
    for (std::string const& note : telling.notes) text += "note: " + note + "\n";
    return text;
}

text::Value simulation_value(Report const& report, Telling const& telling) {
    text::Array tasks, collisions, resources, depth, notes;
    for (TaskReport const& task : report.tasks) tasks.push_back(task_value(task, report, telling));
    for (simulate::Collision const& one : report.collisions)
        collisions.push_back(
            text::Struct{{"tasks", text::Array(one.tasks.begin(), one.tasks.end())},
                         {"minutes", one.minutes},
                         {"first", iso(telling, one.first)}});
    for (simulate::ResourceReport const& one : report.resources)
        resources.push_back(
            text::Struct{{"resource", one.name},
                         {"capacity", std::int64_t(one.capacity)},
                         {"greatest_use", std::int64_t(one.greatest_use)},
                         {"share", share(one.busy, report) / std::max(1, one.capacity)}});
    for (simulate::Depth const& one : report.depth)
        depth.push_back(text::Struct{{"at", iso(telling, one.at)},
                                     {"ready", std::int64_t(one.ready)},
                                     {"running", std::int64_t(one.running)}});
    for (std::string const& note : telling.notes) notes.push_back(note);
    return text::Struct{{"from", iso(telling, report.from)},
                        {"until", iso(telling, report.until)},
                        {"past", telling.past},
                        {"tasks", std::move(tasks)},
                        {"priorities", priorities_value(report, telling)},
                        {"collision_minutes", report.collision_minutes},
                        {"collisions", std::move(collisions)},
                        {"resources", std::move(resources)},
                        {"depth", std::move(depth)},
                        {"notes", std::move(notes)},
                        {"cut", report.cut},
                        {"played_until", iso(telling, report.played_until)}};
}

}  // namespace lares::cli
