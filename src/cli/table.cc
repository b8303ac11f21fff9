// cli/table.cc: padding, counting and colouring of process lines.

#include "cli/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

namespace lares::cli {
namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

bool is_up(api::Process const& process) {
    return process.state_name == "RUNNING" || process.state_name == "STARTING" ||
           process.state_name == "STOPPING";
}

constexpr std::size_t column_count = 6;
using Row = std::array<std::string, column_count>;

Row row_of(api::Process const& process) {
    bool const alive = process.pid != 0;
    return {process.full_name(),
            process.state_name,
            alive ? std::to_string(process.pid) : "-",
            alive ? print_uptime(process.uptime_seconds) : "-",
            std::to_string(process.restarts),
            reason(process)};
}

/// PID and RESTARTS are numbers and stand right.
bool is_number_column(std::size_t column) { return column == 2 || column == 4; }

void append_cell(std::string& line, std::string const& cell, std::size_t column,
                 std::size_t width) {
    std::size_t const gap = width - character_count(cell);
    if (is_number_column(column)) line.append(gap, ' ');
    line += cell;
    if (!is_number_column(column)) line.append(gap, ' ');
    line += "  ";
}

std::string line_of(Row const& row, std::array<std::size_t, column_count> const& widths) {
    std::string line;
    for (std::size_t i = 0; i + 1 < column_count; ++i) append_cell(line, row[i], i, widths[i]);
    line += row[column_count - 1];
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

/// A reason is one line, whatever a program's error says.
std::string one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c >= 0 && c < ' '; }, ' ');
    return text;
}

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

}  // namespace

std::string print_uptime(std::int64_t seconds) {
    seconds = std::max<std::int64_t>(seconds, 0);
    std::int64_t const days = seconds / 86400;
    std::string const clock =
        fmt::format("{}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    return days == 0 ? clock : fmt::format("{}d {}", days, clock);
}

std::string reason(api::Process const& process) {
    if (!process.waits_for.empty()) return one_line("waiting for " + process.waits_for);
    // Of what is RUNNING it is what the program says of itself (STATUS= by sd_notify).
    if (process.state_name == "RUNNING") return one_line(process.why);
    if (!process.why.empty()) return one_line(process.why);
    if (!process.spawn_error.empty()) return one_line(process.spawn_error);
    return is_up(process) ? "" : one_line(process.description);
}

bool is_unwell(api::Process const& process) {
    return process.state_name == "FATAL" || process.state_name == "BACKOFF" ||
           process.state_name == "STARTING" || !process.waits_for.empty();
}

std::string count_line(std::vector<api::Process> const& processes) {
    std::map<std::int64_t, std::pair<std::string, int>> counts;
    for (api::Process const& process : processes) {
        auto& [name, count] = counts[process.state];
        name = process.state_name;
        ++count;
    }
    std::string text =
        fmt::format("{} process{}", processes.size(), processes.size() == 1 ? "" : "es");
    char const* separator = ": ";
    for (auto const& [state, entry] : counts) {
        text += fmt::format("{}{} {}", separator, entry.second, entry.first);
        separator = ", ";
    }
    return text;
}

std::vector<std::string> table_lines(std::vector<api::Process> const& processes) {
    std::vector<Row> rows{{"NAME", "STATE", "PID", "UPTIME", "RESTARTS", "WHY"}};
    rows.reserve(processes.size() + 1);
    for (api::Process const& process : processes) rows.push_back(row_of(process));
    std::array<std::size_t, column_count> widths{};
    for (Row const& row : rows)
        for (std::size_t i = 0; i < column_count; ++i)
            widths[i] = std::max(widths[i], character_count(row[i]));
    std::vector<std::string> lines;
    lines.reserve(rows.size());
    for (Row const& row : rows) lines.push_back(line_of(row, widths));
    return lines;
}

std::string coloured(std::string line, api::Process const& process, Colour colour) {
    if (colour == Colour::no) return line;
    bool const waits = process.state_name == "BACKOFF" || !process.waits_for.empty();
    std::string_view const start = process.state_name == "FATAL" ? red : waits ? yellow : "";
    if (start.empty()) return line;
    line.insert(0, start);
    line += plain;
    return line;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (character_count(text) <= columns) return std::string(text);
    std::size_t const dots = std::min<std::size_t>(3, columns);
    std::size_t at = 0;
    for (std::size_t taken = 0; at < text.size(); ++at)
        if (starts_character(text[at]) && taken++ == columns - dots) break;
    return std::string(text.substr(0, at)) + std::string(dots, '.');
}

std::size_t character_count(std::string_view text) {
    return std::size_t(std::ranges::count_if(text, starts_character));
}

}  // namespace lares::cli
