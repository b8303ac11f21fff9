// cli/simulated_words.cc: a simulation's figures as a table, a chart and JSON.

#include <fmt/core.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/simulated.h"
#include "text/iso_time.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

using simulate::Report;
using simulate::TaskReport;

constexpr std::size_t most_collisions = 10, most_names = 5;
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
    return double(busy) / double(std::max<std::int64_t>(1, report.until - report.from));
}

double mean_wait(TaskReport const& task) {
    return task.started == 0 ? 0 : double(task.total_wait) / double(task.started);
}

std::string number(std::int64_t count) { return count == 0 ? "-" : std::to_string(count); }

/// Columns that are empty where nothing fails, and then left out.
void add_failures(std::vector<std::vector<std::string>>& rows, Report const& report) {
    bool const any =
        std::ranges::any_of(report.tasks, [](TaskReport const& task) { return task.failed > 0; });
    if (!any) return;
    rows.front().insert(rows.front().begin() + 3, {"FAILED", "DEAD"});
    for (std::size_t i = 0; i < report.tasks.size(); ++i)
        rows[i + 1].insert(rows[i + 1].begin() + 3,
                           {number(report.tasks[i].failed), number(report.tasks[i].dead)});
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
    add_failures(rows, report);
    return aligned(rows);
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
    for (std::int64_t at = report.from; at < report.until; at += slice) {
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
    std::int64_t const days = std::max<std::int64_t>(1, (report.until - report.from) / a_day);
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
    text += task_table(report, telling) + "\n" + collision_lines(report, telling) +
            resource_lines(report) + "\n" + chart(report, telling);
    if (report.cut) text += "there are more jobs than are played; the rest was left out\n";
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
                        {"collision_minutes", report.collision_minutes},
                        {"collisions", std::move(collisions)},
                        {"resources", std::move(resources)},
                        {"depth", std::move(depth)},
                        {"notes", std::move(notes)},
                        {"cut", report.cut}};
}

}  // namespace lares::cli
