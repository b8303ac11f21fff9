// cli/top_draw.cc: the bar, the tabs, the body of a view, and the foot.

#include "cli/top_draw.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/top_actions.h"
#include "cli/top_marks.h"
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

/// A way to write the views. Narrower ones shorten the names of the others, never of the one shown.
struct TabForm {
    std::size_t letters;  // of a name; 0: its number only
    std::string_view before, between, after;
};
constexpr TabForm tab_forms[] = {
    {20, " ", " ", " "}, {20, "", ":", " "}, {4, "", ":", " "},
    {3, "", ":", " "},   {0, "", ":", " "},
};

std::string tab(TabForm const& form, View view, bool is_shown) {
    std::string_view const name = name_of(view);
    std::string text = fmt::format("{}{}", form.before, std::size_t(view) + 1);
    if (is_shown || form.letters > 0)
        text += fmt::format("{}{}", form.between, is_shown ? name : name.substr(0, form.letters));
    return text;
}

std::size_t width_of(TabForm const& form, View shown) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < view_count; ++i)
        width += tab(form, View(i), View(i) == shown).size() + form.after.size();
    // Nothing follows the last one but the edge.
    return form.before.empty() ? width - form.after.size() : width;
}

ports::ScreenLine tabs(State const& state, Look const& look, std::size_t width) {
    Pen pen(width, look);
    auto const fits = [&](TabForm const& form) { return width_of(form, state.view) <= width; };
    auto const* form = std::ranges::find_if(tab_forms, fits);
    if (form == std::end(tab_forms)) {
        pen.write(fmt::format("{}:{}", std::size_t(state.view) + 1, name_of(state.view)),
                  Style::chosen);
        pen.write(fmt::format("  of {}", view_count), Style::quiet);
        return pen.take();
    }
    for (std::size_t i = 0; i < view_count; ++i) {
        bool const is_shown = View(i) == state.view;
        std::string text = tab(*form, View(i), is_shown);
        // Padding belongs to the tab where there is some on both sides.
        if (!form->before.empty()) text += form->after;
        pen.write(text, is_shown ? Style::chosen : Style::quiet);
        if (form->before.empty()) pen.write(form->after);
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
    if (std::string const head = head_of(state, table, shown); !head.empty()) {
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
    case View::folders:
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
    Table const table = table_of(state.view, snapshot, look);
    std::vector<Row> const rows = arranged(table, list);
    if (list.index >= rows.size()) return;
    Thing const& thing = rows[list.index].thing;
    bool const acts = may_act(snapshot);
    if (acts)
        for (ActionRow const* row : actions_for(targets(list, table.rows, thing)))
            key(std::string_view(&row->key, 1), row->verb);
    if (acts && has_actions(thing.kind)) key("space", "mark");
    if (!list.marks.empty()) key("Esc", "unmark");
    if (thing.kind == "program" || !thing.run.empty()) key("l", "log");
    if (question_about(thing)) key("w", "why");
    if (!acts) pen.write(snapshot.role + ": may look, not act", Style::warn);
}

/// However long the names are, what to press is there.
void write_question(Pen& pen, std::string const& words, std::size_t width, Look const& look) {
    constexpr std::string_view whole = "?  y: yes, any other key: no", little = "?  y/n";
    std::string_view const keys = width >= 2 * whole.size() ? whole : little;
    std::size_t const room = width > keys.size() ? width - keys.size() : 0;
    pen.write(text::cut_to(text::harmless(words, look.charset), room), Style::warn);
    pen.write(keys, Style::warn);
}

ports::ScreenLine foot(State const& state, Snapshot const& snapshot, Look const& look,
                       std::size_t width) {
    Pen pen(width, look);
    if (state.mode == Mode::filtering)
        pen.write("/" + state.list().filter + "_   Enter keeps it, Esc shows all", Style::strong);
    else if (state.mode == Mode::confirming && state.asked)
        write_question(pen, state.asked->words, width, look);
    else if (!state.note.text.empty())
        pen.write(state.note.text, state.note.style);
    else
        write_keys(pen, state, snapshot, look);
    return pen.take();
}

}  // namespace

std::string head_of(State const& state, Table const& table, std::vector<Row> const& shown) {
    List const& list = state.list();
    std::string head = table.head;
    auto add = [&](std::string const& words) {
        if (!words.empty()) head += (head.empty() ? "" : "   ") + words;
    };
    add(mark_words(list, shown));
    if (!list.filter.empty() || state.mode == Mode::filtering)
        add(fmt::format("filter '{}': {} of {}", list.filter, shown.size(), table.rows.size()));
    return head;
}

std::size_t text_rows(ports::ScreenSize size) {
    std::size_t const body = body_rows(size);
    return body > 1 ? body - 1 : 1;
}

std::size_t list_rows(State const& state, Snapshot const& snapshot, Look const& look,
                      ports::ScreenSize size) {
    std::size_t const body = body_rows(size);
    if (state.view == View::overview) return overview_rows(snapshot, body);
    bool const has_head = !head_of(state, table_of(state.view, snapshot, look), {}).empty();
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
        "1 to 9, Tab, Shift-Tab   another view; o is the overview",
        "up down PgUp PgDn Home End, or k j g G   choose, scroll",
        "Enter          what needs you: go there; a program, a run: its log; else why",
        "l              log of what is chosen; w   why it is so, or its story",
        "/              show only what has some text; Enter keeps it, Esc shows all again",
        "space          mark, for an act on many; v   all from the last mark to here",
        "*              mark all that is shown, or none; Esc   take the marks away",
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
