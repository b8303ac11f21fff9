// cli/watch.cc: pictures and changes of a list of processes.

#include "cli/watch.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace lares::cli {
namespace {

using Processes = std::vector<api::Process>;

/// Indices of the processes to show in `room` lines, in the list's order within each kind.
std::vector<std::size_t> chosen(Processes const& processes, std::size_t room) {
    std::vector<std::size_t> indices(processes.size());
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = i;
    if (indices.size() <= room) return indices;
    std::ranges::stable_partition(indices, [&](std::size_t i) { return is_unwell(processes[i]); });
    indices.resize(room);
    return indices;
}

std::string head_line(api::Status const& status, std::string_view trouble) {
    if (!trouble.empty()) return fmt::format("lares: {}; trying again", trouble);
    return fmt::format("{} (pid {}) {}: {}", status.identifier, status.pid, status.state,
                       count_line(status.processes));
}

std::string arrow(api::Process const& before, api::Process const& after) {
    if (before.state_name == after.state_name && before.pid == after.pid) return after.state_name;
    return before.state_name + " -> " + after.state_name;
}

std::string change_line(std::string const& states, api::Process const& now) {
    std::string line = now.full_name() + ": " + states;
    if (std::string const why = reason(now); !why.empty()) line += ", " + why;
    if (now.pid != 0) line += fmt::format(", pid {}", now.pid);
    return line;
}

bool is_same(api::Process const& a, api::Process const& b) {
    return a.state == b.state && a.pid == b.pid && reason(a) == reason(b) &&
           a.restarts == b.restarts && a.ready == b.ready;
}

}  // namespace

std::vector<std::string> picture(api::Status const& status, std::string_view trouble,
                                 Terminal const& terminal, Colour colour) {
    // A size of 0 is an unknown one.
    auto const width = std::size_t(terminal.columns > 0 ? terminal.columns : 80);
    int const rows = terminal.rows > 0 ? terminal.rows : 24;
    auto const height = std::size_t(std::max(rows - 1, 3));  // the last row is the cursor's
    std::vector<std::string> lines{fitted(head_line(status, trouble), width)};
    std::vector<std::string> const table = table_lines(status.processes);
    lines.push_back(fitted(table.front(), width));

    std::size_t const all = status.processes.size();
    std::size_t const room = height - lines.size();
    std::size_t const shown = all <= room ? all : room - 1;
    for (std::size_t const i : chosen(status.processes, shown))
        lines.push_back(coloured(fitted(table[i + 1], width), status.processes[i], colour));
    if (shown < all) lines.push_back(fitted(fmt::format("... and {} more", all - shown), width));
    return lines;
}

std::string redraw(std::vector<std::string> const& lines, std::size_t before) {
    std::string bytes = before == 0 ? "" : fmt::format("\r\x1b[{}A", before);
    for (std::string const& line : lines) bytes += "\x1b[2K" + line + "\n";
    return bytes + "\x1b[J";
}

std::vector<Change> changes(Processes const& before, Processes const& after) {
    std::map<std::string, api::Process const*> known;
    for (api::Process const& process : before) known[process.full_name()] = &process;
    std::vector<Change> found;
    for (api::Process const& process : after) {
        auto const was = known.find(process.full_name());
        if (was == known.end()) {
            found.push_back({process, change_line("new, " + process.state_name, process)});
            continue;
        }
        if (!is_same(*was->second, process))
            found.push_back({process, change_line(arrow(*was->second, process), process)});
        known.erase(was);
    }
    for (auto const& [name, process] : known) found.push_back({*process, name + ": removed"});
    return found;
}

}  // namespace lares::cli
