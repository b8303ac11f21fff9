// cli/top_draw.cc: the bar, the tabs, the body of a view, and the foot.

#include "cli/top_draw.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/top_actions.h"
#include "cli/top_tables.h"
#include "cli/top_words.h"

namespace lares::cli::top_view {
namespace {

constexpr std::size_t bar_rows = 2;  // who and when; the views
constexpr std::size_t foot_rows = 1;
constexpr std::size_t least_rows = bar_rows + foot_rows + 2;

std::size_t body_rows(ports::ScreenSize size) {
    return size.rows > bar_rows + foot_rows ? size.rows - bar_rows - foot_rows : 0;
}

/// The line above a table: counts, filter, order. Empty: there is none.
std::string head_of(State const& state, Table const& table, std::size_t shown) {
    List const& list = state.list();
    std::string head = table.head;
    if (!list.filter.empty() || state.mode == Mode::filtering)
        head += fmt::format("{}filter '{}': {} of {}", head.empty() ? "" : "   ", list.filter,
                            shown, table.rows.size());
    return head;
}

std::string reach_words(Snapshot const& snapshot) {
    return fmt::format("not reachable since {}, trying: {}",
                       short_span(snapshot.lost < 1 ? 0 : double(std::int64_t(snapshot.lost))),
                       snapshot.trouble);
}

ports::ScreenLine bar(Snapshot const& snapshot, Look const& look, std::size_t width) {
    Pen pen(width, look);
    Style const style = snapshot.trouble.empty() ? Style::bar : Style::bad;
    std::string const clock = look.clock(snapshot.now);
    std::size_t const room = width > clock.size() + 2 ? width - clock.size() - 2 : width;
    std::string words = " lares " + snapshot.status.identifier;
    if (!snapshot.trouble.empty())
        words += "  " + reach_words(snapshot);
    else {
        if (snapshot.status.state != "RUNNING") words += "  " + snapshot.status.state;
        if (snapshot.status.started > 0)
            words += "  up " + short_span(snapshot.now - double(snapshot.status.started));
        if (!snapshot.role.empty()) words += "  " + snapshot.who + " (" + snapshot.role + ")";
    }
    pen.field(words, room, style);
    pen.write(" " + clock, style);
    pen.fill_to(width, style);
    return pen.take();
}

ports::ScreenLine tabs(State const& state, Look const& look, std::size_t width) {
    Pen pen(width, look);
    std::size_t whole = 0;
    for (std::size_t i = 0; i < view_count; ++i) whole += name_of(View(i)).size() + 4;
    bool const is_narrow = whole > width;
    for (std::size_t i = 0; i < view_count; ++i) {
        bool const is_shown = View(i) == state.view;
        std::string text = fmt::format(" {}", i + 1);
        if (!is_narrow || is_shown) text += " " + std::string(name_of(View(i)));
        pen.write(text + " ", is_shown ? Style::chosen : Style::quiet);
    }
    return pen.take();
}

std::string log_title(State const& state) {
    Thing const& of = state.log.of;
    if (of.kind.empty()) return "the daemon's own log";
    if (of.kind == "run") return "run " + of.id;
    return of.id + (state.log.is_error_stream ? " stderr" : " stdout");
}

Lines draw_log(State const& state, Snapshot const& snapshot, Look const& look, std::size_t rows,
               std::size_t width) {
    std::vector<std::string> const lines = shown_log(state, snapshot);
    std::size_t const room = rows - 1;
    std::size_t const end = lines.size() - std::min(state.log_back, lines.size());
    std::size_t const first = end > room ? end - room : 0;
    std::string title =
        log_title(state) +
        (state.log_back == 0 ? "  (follows)" : fmt::format("  ({} below)", state.log_back));
    if (state.log_column > 0) title += fmt::format("  from column {}", state.log_column + 1);
    if (snapshot.log.skipped > 0) title += "  skipped " + short_bytes(double(snapshot.log.skipped));
    if (std::string const& filter = state.list().filter; !filter.empty())
        title += "  with '" + filter + "'";
    if (!snapshot.log.trouble.empty()) title += "  " + snapshot.log.trouble;
    Pen pen(width, look);
    pen.field(title, width, Style::bar);
    Lines drawn{pen.take()};
    if (lines.empty()) {
        pen.write(snapshot.log.offset < 0 ? "not read yet" : "nothing was written", Style::quiet);
        drawn.push_back(pen.take());
    }
    for (std::size_t i = first; i < std::min(end, first + room); ++i) {
        pen.write(text::from_column(text::harmless(lines[i], look.charset), state.log_column));
        drawn.push_back(pen.take());
    }
    return drawn;
}

Lines draw_list(State const& state, Snapshot const& snapshot, Look const& look, std::size_t rows,
                std::size_t width) {
    Table const table = table_of(state.view, snapshot, look);
    std::vector<Row> const shown = arranged(table, state.list());
    Lines lines;
    Pen pen(width, look);
    if (std::string const head = head_of(state, table, shown.size()); !head.empty()) {
        pen.write(head);
        lines.push_back(pen.take());
    }
    std::size_t const room = list_rows(state, snapshot, look, {width, rows + bar_rows + foot_rows});
    for (auto& line : draw_table(table, shown, state.list(), room, width, look))
        lines.push_back(std::move(line));
    if (shown.empty()) {
        pen.write(table.rows.empty() ? table.empty : "nothing here has this; Esc shows all again",
                  Style::quiet);
        lines.push_back(pen.take());
    }
    // What the daemon does not tell those who ask, or cannot just now.
    for (auto const& [name, why] : snapshot.refusals) {
        if (lines.size() >= rows) break;
        pen.write(name + ": " + why, Style::warn);
        lines.push_back(pen.take());
    }
    return lines;
}

Lines draw_reading(State const& state, Look const& look, std::size_t rows, std::size_t width) {
    Pen pen(width, look);
    pen.field(state.reading.title, width, Style::bar);
    Lines lines{pen.take()};
    for (std::size_t i = state.reading.top; i < state.reading.lines.size() && lines.size() < rows;
         ++i) {
        pen.write(state.reading.lines[i]);
        lines.push_back(pen.take());
    }
    return lines;
}

Lines draw_body(State const& state, Snapshot const& snapshot, Look const& look, std::size_t rows,
                std::size_t width) {
    if (state.mode == Mode::reading) return draw_reading(state, look, rows, width);
    switch (state.view) {
    case View::overview:
        return draw_overview(state, snapshot, look, rows, width);
    case View::log:
        return draw_log(state, snapshot, look, rows, width);
    case View::programs:
    case View::tasks:
    case View::queue:
    case View::runs:
    case View::events:
    case View::messages:
        break;
    }
    return draw_list(state, snapshot, look, rows, width);
}

/// What can be pressed here, as far as there is room.
void write_keys(Pen& pen, State const& state, Snapshot const& snapshot, Look const& look) {
    auto key = [&](std::string_view name, std::string_view does) {
        if (pen.left() < name.size() + does.size() + 3) return;
        pen.write(name, Style::strong);
        pen.write(" " + std::string(does) + "  ", Style::quiet);
    };
    if (state.mode == Mode::reading) {
        key("Esc", "back");
        key("up/down", "scroll");
        return;
    }
    key("?", "help");
    key("q", "quit");
    key("/", "filter");
    if (state.view == View::log) {
        key("e", "stdout/stderr");
        key("G", "follow");
        key("left/right", "scroll");
        return;
    }
    List const& list = state.list();
    std::vector<Row> const rows = arranged(table_of(state.view, snapshot, look), list);
    if (list.index >= rows.size()) return;
    Thing const& thing = rows[list.index].thing;
    for (ActionRow const& row : action_rows())
        if (row.kind == thing.kind && may_act(snapshot))
            key(std::string_view(&row.key, 1), row.verb);
    if (thing.kind == "program" || !thing.run.empty()) key("l", "log");
    if (question_about(thing)) key("w", "why");
    if (!may_act(snapshot)) pen.write(snapshot.role + ": may look, not act", Style::warn);
}

ports::ScreenLine foot(State const& state, Snapshot const& snapshot, Look const& look,
                       std::size_t width) {
    Pen pen(width, look);
    if (state.mode == Mode::filtering)
        pen.write("/" + state.list().filter + "_   Enter keeps it, Esc shows all", Style::strong);
    else if (state.mode == Mode::confirming && state.asked)
        pen.write(state.asked->words + "?  y: yes, any other key: no", Style::warn);
    else if (!state.note.text.empty())
        pen.write(state.note.text, state.note.style);
    else
        write_keys(pen, state, snapshot, look);
    return pen.take();
}

}  // namespace

std::size_t text_rows(ports::ScreenSize size) {
    std::size_t const body = body_rows(size);
    return body > 1 ? body - 1 : 1;
}

std::size_t list_rows(State const& state, Snapshot const& snapshot, Look const& look,
                      ports::ScreenSize size) {
    std::size_t const body = body_rows(size);
    if (state.view == View::overview) return overview_rows(snapshot, body);
    bool const has_head = !head_of(state, table_of(state.view, snapshot, look), 0).empty();
    std::size_t const used =
        (has_head ? 2 : 1) + std::min<std::size_t>(snapshot.refusals.size(), 2);
    return body > used ? body - used : 1;
}

std::vector<std::string> shown_log(State const& state, Snapshot const& snapshot) {
    std::string const wanted = folded(state.lists[std::size_t(View::log)].filter);
    std::vector<std::string> lines;
    for (std::string const& line : snapshot.log.lines)
        if (wanted.empty() || folded(line).find(wanted) != line.npos) lines.push_back(line);
    return lines;
}

std::vector<std::string> help_lines() {
    std::vector<std::string> lines = {
        "1 to 8, Tab, Shift-Tab   another view; o is the overview",
        "up down PgUp PgDn Home End, or k j g G   choose, scroll",
        "Enter          what needs you: go there; a program, a run: its log; else why",
        "l              log of what is chosen; w   why it is so, or its story",
        "/              show only what has some text; Enter keeps it, Esc shows all again",
        "< >            sort by another column; I   the other way round",
        "Ctrl-L         draw the screen anew (after something else wrote on it)",
        "q, Ctrl-C      quit",
        "",
        "What changes something asks first:"};
    for (ActionRow const& row : action_rows())
        lines.push_back(
            fmt::format("  {:<9} {}   {:<12} {}", row.kind, row.key, row.verb, row.help));
    return lines;
}

Lines draw(State const& state, Snapshot const& snapshot, Look const& look, ports::ScreenSize size) {
    if (size.rows < least_rows || size.columns < 20) {
        Pen pen(size.columns, look);
        pen.write("too small");
        return {pen.take()};
    }
    Lines lines{bar(snapshot, look, size.columns), tabs(state, look, size.columns)};
    std::size_t const rows = body_rows(size);
    for (auto& line : draw_body(state, snapshot, look, rows, size.columns))
        if (lines.size() < bar_rows + rows) lines.push_back(std::move(line));
    lines.resize(bar_rows + rows);
    lines.push_back(foot(state, snapshot, look, size.columns));
    return lines;
}

}  // namespace lares::cli::top_view
