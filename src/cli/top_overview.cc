// cli/top_overview.cc: "is everything all right?", in one screen.
//
// From the top: the verdict, numbers, load, what needs a person, the next hour, what runs, what
// just happened. What needs a person gets half of the room where it wants it, the rest is shared.

#include <fmt/core.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/top_draw.h"
#include "cli/top_tables.h"
#include "cli/top_troubles.h"
#include "cli/top_words.h"

namespace lares::cli::top_view {
namespace {

using text::Value;

constexpr std::size_t head_lines = 3;  // verdict, numbers, load
constexpr double hour = 3600;

struct Section {
    std::string title;
    std::vector<ports::ScreenLine> lines;
    std::string empty;
};

/// Counts of one kind, as far as they are known.
std::string count_of(Snapshot const& snapshot, std::string_view answer, std::string_view member) {
    if (!snapshot.has(answer)) return "?";
    return fmt::format("{:.0f}", number_of(snapshot.answer(answer), member));
}

std::vector<Value> coming(Snapshot const& snapshot) {
    std::vector<Value> list;
    auto const* tasks = snapshot.answer("tasks").array();
    if (tasks == nullptr) return list;
    for (Value const& task : *tasks) {
        double const next = number_of(task, "next");
        if (next > 0 && next < snapshot.now + hour) list.push_back(task);
    }
    std::ranges::stable_sort(list, {}, [](Value const& task) { return number_of(task, "next"); });
    return list;
}

ports::ScreenLine verdict(std::vector<Trouble> const& list, std::string const& head,
                          std::size_t width, Look const& look) {
    auto const needing =
        std::ranges::count_if(list, [](Trouble const& each) { return each.tone != Tone::note; });
    bool const is_bad =
        std::ranges::any_of(list, [](Trouble const& each) { return each.tone == Tone::bad; });
    Pen pen(width, look);
    if (needing == 0)
        pen.write("All is well: nothing needs you", Style::good);
    else
        pen.write(fmt::format("{} thing{} need{} you", needing, needing == 1 ? "" : "s",
                              needing == 1 ? "s" : ""),
                  is_bad ? Style::bad : Style::warn);
    if (!head.empty()) pen.write("   " + head);
    return pen.take();
}

void number(Pen& pen, std::string_view name, std::string const& value, Style style) {
    pen.write(std::string(name) + " ");
    pen.write(value, style);
    pen.write("   ");
}

ports::ScreenLine numbers(Snapshot const& snapshot, std::size_t width, Look const& look) {
    auto const& processes = snapshot.status.processes;
    auto const up = std::ranges::count(processes, "RUNNING", &api::Process::state_name);
    auto zero = [](std::string const& value) {
        return value == "0" ? Style::good : value == "?" ? Style::quiet : Style::bad;
    };
    Pen pen(width, look);
    bool const all = std::size_t(up) == processes.size();
    number(pen, "programs", fmt::format("{}/{}", up, processes.size()),
           all ? Style::good : Style::strong);
    std::string const dead = count_of(snapshot, "work", "dead");
    std::string const unexplained = count_of(snapshot, "audit", "unexplained");
    number(pen, "unexplained", unexplained, zero(unexplained));
    number(pen, "dead", dead, zero(dead));
    number(pen, "run", count_of(snapshot, "work", "running"), Style::strong);
    number(pen, "wait", count_of(snapshot, "work", "ready"), Style::strong);
    number(pen, "next hour", std::to_string(coming(snapshot).size()), Style::strong);
    return pen.take();
}

/// What all processes use together, and who uses most.
ports::ScreenLine load(Snapshot const& snapshot, std::size_t width, Look const& look) {
    double percent = 0, memory = 0;
    std::vector<std::pair<std::string, Usage>> busy(snapshot.usage.begin(), snapshot.usage.end());
    for (auto const& [name, usage] : busy) {
        percent += usage.percent;
        memory += usage.memory;
    }
    std::ranges::stable_sort(busy, std::greater(),
                             [](auto const& each) { return each.second.percent; });
    Pen pen(width, look);
    number(pen, "cpu", short_percent(percent) + "%", Style::strong);
    number(pen, "memory", short_bytes(memory), Style::strong);
    std::string most;
    for (std::size_t i = 0; i < std::min<std::size_t>(busy.size(), 3); ++i)
        if (busy[i].second.percent >= 0.05)
            most += (most.empty() ? "" : ", ") + busy[i].first + " " +
                    short_percent(busy[i].second.percent) + "%";
    if (!most.empty()) pen.write("most: " + most, Style::quiet);
    return pen.take();
}

Section next_hour(Snapshot const& snapshot, std::size_t width, Look const& look) {
    Section section{"NEXT HOUR", {}, "nothing is due within the hour"};
    for (Value const& task : coming(snapshot)) {
        Pen pen(width, look);
        double const next = number_of(task, "next");
        pen.field(look.clock(next), 9);
        pen.field("in " + short_span(next - snapshot.now), 10, Style::quiet);
        pen.write(text_of(task, "task"), Style::strong);
        pen.write("  " + text_of(task, "next_by"), Style::quiet);
        section.lines.push_back(pen.take());
    }
    return section;
}

Section running_now(Snapshot const& snapshot, std::size_t width, Look const& look) {
    Section section{"RUNNING NOW", {}, "no job runs"};
    auto const* list = snapshot.answer("running").array();
    if (list == nullptr) return section;
    for (Value const& job : *list) {
        Pen pen(width, look);
        double const share = number_of(job, "progress");
        pen.field(id_of(job, "job"), 9);
        pen.field(short_span(snapshot.now - number_of(job, "started")), 10, Style::quiet);
        pen.write(text_of(job, "task"), Style::strong);
        if (share >= 0) pen.write(fmt::format("  {:.0f} %", share));
        pen.write("  " + text_of(job, "progress_words"), Style::quiet);
        section.lines.push_back(pen.take());
    }
    return section;
}

Section just_happened(Snapshot const& snapshot, std::size_t width, Look const& look) {
    Section section{"JUST HAPPENED", {}, "the journal is empty"};
    for (Value const& event : list_of(snapshot.answer("recent"), "events")) {
        Pen pen(width, look);
        std::string const words = text_of(event, "words");
        pen.field(look.clock(number_of(event, "at")), 9, Style::quiet);
        pen.write(text_of(event, "subject"), Style::strong);
        pen.write("  " + (words.empty() ? text_of(event, "kind") : words));
        section.lines.push_back(pen.take());
    }
    return section;
}

void add_section(Lines& lines, Section const& section, std::size_t room, std::size_t width,
                 Look const& look) {
    if (room < 2) return;
    Pen pen(width, look);
    bool const cuts = section.lines.size() > room - 1;
    pen.write(section.title, Style::quiet);
    if (cuts) pen.write(fmt::format(" ({} of {})", room - 1, section.lines.size()), Style::quiet);
    lines.push_back(pen.take());
    if (section.lines.empty()) {
        pen.write("  " + section.empty, Style::quiet);
        lines.push_back(pen.take());
    }
    for (std::size_t i = 0; i < std::min(room - 1, section.lines.size()); ++i)
        lines.push_back(section.lines[i]);
}

}  // namespace

std::size_t overview_rows(Snapshot const& snapshot, std::size_t rows) {
    std::size_t const wanted = troubles(snapshot).size();
    if (rows <= head_lines + 1) return 0;
    std::size_t const room = rows - head_lines - 1;  // its header
    return std::min(wanted, std::max<std::size_t>(room / 2, std::min<std::size_t>(room, 3)));
}

Lines draw_overview(State const& state, Snapshot const& snapshot, Look const& look,
                    std::size_t rows, std::size_t width) {
    Table const table = table_of(View::overview, snapshot, look);
    std::vector<Row> const needing = arranged(table, state.list());
    std::string const head = head_of(state, table, needing);
    Lines lines{verdict(troubles(snapshot), head, width, look), numbers(snapshot, width, look),
                load(snapshot, width, look)};
    std::size_t const shown = overview_rows(snapshot, rows);
    if (shown > 0)
        for (auto& line : draw_table(table, needing, state.list(), shown, width, look))
            lines.push_back(std::move(line));
    Section const sections[] = {next_hour(snapshot, width, look),
                                running_now(snapshot, width, look),
                                just_happened(snapshot, width, look)};
    std::size_t left = 3;
    for (Section const& section : sections) {
        std::size_t const room = rows > lines.size() ? rows - lines.size() : 0;
        std::size_t const wanted = std::max<std::size_t>(section.lines.size(), 1) + 1;
        // The last one, of which there is always more, takes what the others leave.
        add_section(lines, section, left == 1 ? room : std::min(wanted, room / left), width, look);
        --left;
    }
    return lines;
}

}  // namespace lares::cli::top_view
