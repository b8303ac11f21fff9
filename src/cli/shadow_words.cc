// cli/shadow_words.cc: what agrees and what differs, for people and for programs.

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "cli/fields.h"
#include "cli/shadow.h"
#include "text/iso_time.h"

namespace lares::cli {
namespace {

using shadow::Extra;
using shadow::Missing;
using shadow::Report;

/// Differences, changes of tables and commands of other tables that people are shown.
constexpr std::size_t most_lines = 200, most_changes = 10, most_strangers = 10;
constexpr std::size_t most_told = 10'000;  // in JSON, of each kind

std::string when(ShadowTelling const& telling, std::int64_t at) {
    std::int32_t const offset = schedule::offset_at(telling.zone, at);
    return text::print_local_time(at, offset) + " " + text::print_offset(offset);
}

std::string iso(ShadowTelling const& telling, std::int64_t at) {
    return text::print_iso_time(at, schedule::offset_at(telling.zone, at));
}

std::string place_of(ShadowLine const& line) {
    return fmt::format("{}:{}", line.file, line.number);
}

std::string command_of(ShadowLine const& line) {
    return (line.user.empty() ? "" : "(" + line.user + ") ") + line.command;
}

std::string line_table(Report const& report, ShadowTelling const& telling) {
    std::vector<std::vector<std::string>> rows{
        {"LINE", "SCHEDULE", "DUE", "AGREE", "MISSING", "TOO MUCH", "COMMAND"}};
    for (std::size_t i = 0; i < report.lines.size(); ++i) {
        auto const& [would, matched, missing, extra] = report.lines[i];
        ShadowLine const& shown = telling.tables.shown[i];
        bool const is_refused = !telling.tables.lines[i].cron;
        rows.push_back({place_of(shown), shown.schedule,
                        is_refused ? "refused" : std::to_string(would), std::to_string(matched),
                        std::to_string(missing), std::to_string(extra), command_of(shown)});
    }
    return aligned(rows);
}

std::string missing_line(ShadowTelling const& telling, Missing const& missing) {
    ShadowLine const& line = telling.tables.shown[missing.line];
    return fmt::format("{}  would have run, and did not:  {}  {}\n", when(telling, missing.at),
                       place_of(line), command_of(line));
}

std::string extra_line(ShadowTelling const& telling, Extra const& extra) {
    std::string const whose =
        extra.line ? place_of(telling.tables.shown[*extra.line]) : "of no line here";
    return fmt::format("{}  ran, and would not have:      {}  ({}) {}{}\n",
                       when(telling, extra.ran.at), whose, extra.ran.user, extra.ran.command,
                       extra.ran.is_cut ? "..." : "");
}

bool has_refused(ShadowTelling const& telling) {
    return std::ranges::any_of(telling.tables.lines,
                               [](shadow::Line const& line) { return !line.cron; });
}

/// Commands that cron ran and that stand in none of the tables, each once.
std::string stranger_lines(Report const& report) {
    std::map<std::pair<std::string, std::string>, std::size_t> commands;
    for (Extra const& one : report.strangers) ++commands[{one.ran.user, one.ran.command}];
    if (commands.empty()) return "";
    std::string lines =
        fmt::format("{} runs are of no line of these tables (--all counts them as too much):\n",
                    report.strangers.size());
    std::size_t shown = 0;
    for (auto const& [key, count] : commands) {
        if (shown++ == most_strangers) {
            lines += fmt::format("  and {} commands more\n", commands.size() - most_strangers);
            break;
        }
        lines += fmt::format("  {} times ({}) {}\n", count, key.first, key.second);
    }
    return lines;
}

std::string change_lines(ShadowTelling const& telling) {
    std::string lines;
    std::size_t shown = 0;
    for (auto const& [at, words] : telling.log.changes) {
        if (at < telling.span.from || at > telling.span.until) continue;
        if (shown++ == most_changes) return lines + "note: tables changed more often than that\n";
        lines += "note: a table changed at " + when(telling, at) + " (" + words +
                 "); what ran before may be of another one\n";
    }
    return lines;
}

text::Value extra_value(ShadowTelling const& telling, Extra const& extra) {
    text::Struct value{{"at", iso(telling, extra.ran.at)},
                       {"user", extra.ran.user},
                       {"command", extra.ran.command},
                       {"pid", extra.ran.pid}};
    if (extra.line) {
        value.emplace_back("file", telling.tables.shown[*extra.line].file);
        value.emplace_back("line", telling.tables.shown[*extra.line].number);
    }
    return value;
}

text::Value line_value(ShadowLine const& shown, shadow::Line const& line,
                       shadow::LineReport const& counts) {
    return text::Struct{{"file", shown.file},         {"line", shown.number},
                        {"schedule", shown.schedule}, {"user", shown.user},
                        {"command", shown.command},   {"refused", !line.cron.has_value()},
                        {"due", counts.would},        {"agree", counts.matched},
                        {"missing", counts.missing},  {"too_much", counts.extra}};
}

}  // namespace

bool agrees(Report const& report, ShadowTelling const& telling) {
    bool const has_strangers = telling.strangers_count && !report.strangers.empty();
    return report.missing.empty() && report.extra.empty() && !has_strangers &&
           !has_refused(telling);
}

std::string difference_lines(Report const& report, ShadowTelling const& telling) {
    std::vector<std::pair<std::int64_t, std::string>> all;
    for (Missing const& one : report.missing) {
        if (all.size() == most_lines) break;
        all.emplace_back(one.at, missing_line(telling, one));
    }
    auto add = [&](std::vector<Extra> const& list) {
        for (std::size_t i = 0; i < std::min(list.size(), most_lines); ++i)
            all.emplace_back(list[i].ran.at, extra_line(telling, list[i]));
    };
    add(report.extra);
    if (telling.strangers_count) add(report.strangers);
    std::ranges::stable_sort(all, {}, &decltype(all)::value_type::first);
    std::string lines;
    for (std::size_t i = 0; i < std::min(all.size(), most_lines); ++i) lines += all[i].second;
    std::size_t const count = report.missing.size() + report.extra.size() +
                              (telling.strangers_count ? report.strangers.size() : 0);
    if (count > most_lines)
        lines += fmt::format("and {} more; --json has them\n", count - most_lines);
    return lines;
}

std::string shadow_text(Report const& report, ShadowTelling const& telling) {
    std::string logs;
    for (std::string const& file : telling.log.files) logs += (logs.empty() ? "" : ", ") + file;
    std::string text =
        fmt::format("from {} to {}, against {}\n\n", when(telling, telling.span.from),
                    when(telling, telling.span.until), logs == "-" ? "standard input" : logs);
    text += line_table(report, telling) + "\n";
    std::string const differences = difference_lines(report, telling);
    if (!differences.empty()) text += differences + "\n";
    if (!telling.strangers_count) text += stranger_lines(report);
    text += change_lines(telling);
    if (telling.log.ran.empty()) text += "note: the log has no word of cron\n";
    std::size_t const extra =
        report.extra.size() + (telling.strangers_count ? report.strangers.size() : 0);
    return text +
           fmt::format("{} runs agree, {} would have run and did not, {} ran and would not have\n",
                       report.matched, report.missing.size(), extra);
}

text::Value shadow_value(Report const& report, ShadowTelling const& telling) {
    text::Array lines, missing, extra, strangers, logs;
    for (std::size_t i = 0; i < report.lines.size(); ++i)
        lines.push_back(
            line_value(telling.tables.shown[i], telling.tables.lines[i], report.lines[i]));
    for (std::size_t i = 0; i < std::min(most_told, report.missing.size()); ++i) {
        ShadowLine const& line = telling.tables.shown[report.missing[i].line];
        missing.push_back(text::Struct{{"at", iso(telling, report.missing[i].at)},
                                       {"file", line.file},
                                       {"line", line.number},
                                       {"user", line.user},
                                       {"command", line.command}});
    }
    for (std::size_t i = 0; i < std::min(most_told, report.extra.size()); ++i)
        extra.push_back(extra_value(telling, report.extra[i]));
    for (std::size_t i = 0; i < std::min(most_told, report.strangers.size()); ++i)
        strangers.push_back(extra_value(telling, report.strangers[i]));
    for (std::string const& file : telling.log.files) logs.push_back(file);
    return text::Struct{{"agrees", agrees(report, telling)},
                        {"from", iso(telling, telling.span.from)},
                        {"until", iso(telling, telling.span.until)},
                        {"logs", std::move(logs)},
                        {"agree_count", report.matched},
                        {"missing_count", std::int64_t(report.missing.size())},
                        {"too_much_count", std::int64_t(report.extra.size())},
                        {"lines", std::move(lines)},
                        {"missing", std::move(missing)},
                        {"too_much", std::move(extra)},
                        {"of_no_line", std::move(strangers)}};
}

}  // namespace lares::cli
