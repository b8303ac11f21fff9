// cli/top_keys.cc: keys by mode, and choice kept where it is while the rows move.

#include "cli/top_keys.h"

#include <algorithm>

#include "cli/fields.h"
#include "cli/top_actions.h"
#include "cli/top_draw.h"
#include "cli/top_marks.h"
#include "cli/top_tables.h"
#include "text/utf8.h"

namespace lares::cli::top_view {
namespace {

using Kind = ports::Key::Kind;

constexpr std::size_t longest_filter = 100;
constexpr std::size_t side_step = 20;  // columns of a log

/// What keys are pressed upon: the rows as they are shown now.
struct Desk {
    State& state;
    Snapshot const& snapshot;
    Look const& look;
    ports::ScreenSize size;

    std::vector<Row> all_rows() const { return table_of(state.view, snapshot, look).rows; }
    std::vector<Row> rows() const {
        return arranged(table_of(state.view, snapshot, look), state.list());
    }
    std::size_t page() const {
        return std::max<std::size_t>(list_rows(state, snapshot, look, size), 1);
    }
    Thing chosen() const {
        auto const all = rows();
        return state.list().index < all.size() ? all[state.list().index].thing : Thing{};
    }
};

Effect show(State& state, View view) {
    state.view = view;
    state.note = {};
    return {Effect::Kind::poll, {}, {}};
}

Effect show_log(State& state, Thing const& of) {
    LogSource const wanted{of, false};
    if (!(state.log == wanted)) {
        state.log = wanted;
        state.log_back = 0;
        state.log_column = 0;
    }
    return show(state, View::log);
}

void choose(Desk const& desk, std::size_t index) {
    auto const all = desk.rows();
    List& list = desk.state.list();
    list.index = all.empty() ? 0 : std::min(index, all.size() - 1);
    list.chosen = all.empty() ? "" : all[list.index].id();
}

/// How far a key moves; none: it does not. The ends are very far.
std::optional<std::ptrdiff_t> step_of(ports::Key key, std::size_t page) {
    constexpr std::ptrdiff_t all = 1'000'000'000;
    bool const is_letter = key.kind == Kind::character;
    if (key.kind == Kind::down || (is_letter && key.code == 'j')) return 1;
    if (key.kind == Kind::up || (is_letter && key.code == 'k')) return -1;
    if (key.kind == Kind::page_down || (is_letter && key.code == ' ')) return std::ptrdiff_t(page);
    if (key.kind == Kind::page_up) return -std::ptrdiff_t(page);
    if (key.kind == Kind::end || (is_letter && key.code == 'G')) return all;
    if (key.kind == Kind::home || (is_letter && key.code == 'g')) return -all;
    return std::nullopt;
}

std::size_t moved(std::size_t from, std::ptrdiff_t by, std::size_t most) {
    return std::size_t(
        std::clamp<std::ptrdiff_t>(std::ptrdiff_t(from) + by, 0, std::ptrdiff_t(most)));
}

Effect ask_about(State& state, Thing const& thing) {
    auto const question = question_about(thing);
    if (question) return {Effect::Kind::read, *question, {}};
    state.note = {"there is nothing more to tell of it", Style::quiet};
    return {};
}

void read(State& state, std::string title, std::vector<std::string> lines) {
    state.reading = {std::move(title), std::move(lines), 0};
    state.mode = Mode::reading;
}

/// From what needs a person to where it is done.
Effect go_to(State& state, Thing const& thing) {
    constexpr std::pair<std::string_view, View> places[] = {
        {"program", View::programs}, {"task", View::tasks},     {"folder", View::folders},
        {"queue", View::queue},      {"alert", View::messages}, {"channel", View::messages}};
    for (auto const& [kind, view] : places) {
        if (kind != thing.kind) continue;
        List& list = state.lists[std::size_t(view)];
        list.filter.clear();
        list.chosen = thing.kind + "/" + thing.id;
        return show(state, view);
    }
    if (thing.kind == "audit") return {Effect::Kind::read, {"lares.audit", {}, "unexplained"}, {}};
    return {};
}

Effect enter(Desk const& desk) {
    Thing const thing = desk.chosen();
    if (desk.state.view == View::overview) return go_to(desk.state, thing);
    if (thing.kind == "program") return show_log(desk.state, thing);
    if (thing.kind == "run") return show_log(desk.state, thing);
    auto const rows = desk.rows();
    std::size_t const at = desk.state.list().index;
    if (thing.kind != "alert" && thing.kind != "delivery") return ask_about(desk.state, thing);
    std::vector<std::string> lines;
    for (Cell const& cell : rows[at].cells) lines.push_back(cell.text);
    read(desk.state, thing.kind + " " + thing.id, std::move(lines));
    return {};
}

/// Asks before it is done, or says why it cannot be.
void want(Desk const& desk, Thing const& thing, char32_t code) {
    State& state = desk.state;
    List const& list = state.list();
    auto wish =
        wish_for(targets(list, desk.all_rows(), thing), code, hidden_marks(list, desk.rows()));
    if (auto* note = std::get_if<Note>(&wish)) state.note = std::move(*note);
    auto* order = std::get_if<Order>(&wish);
    if (order == nullptr) return;
    if (!may_act(desk.snapshot)) {
        state.note = {refusal_to(desk.snapshot, order->words), Style::bad};
        return;
    }
    state.asked = std::move(*order);
    state.mode = Mode::confirming;
}

/// Marks; false: the key is none of theirs.
bool press_to_mark(Desk const& desk, char32_t code) {
    if (!is_markable(desk.state.view)) return false;
    List& list = desk.state.list();
    auto const rows = desk.rows();
    if (code == ' ') {
        mark(list, rows, list.index);
        choose(desk, list.index + 1);
    }
    if (code == 'v') mark_to(list, rows, list.index);
    if (code == '*') mark_all(list, rows);
    return code == ' ' || code == 'v' || code == '*';
}

void sort_by(Desk const& desk, int step) {
    int const columns = int(table_of(desk.state.view, desk.snapshot, desk.look).columns.size());
    List& list = desk.state.list();
    // -1, as it came, is one of the choices.
    list.sort = (list.sort + 1 + step + columns + 1) % (columns + 1) - 1;
}

/// Letters of every list.
Effect press_letter(Desk const& desk, char32_t code) {
    State& state = desk.state;
    Thing const thing = desk.chosen();
    if (code == 'w') return ask_about(state, thing);
    if (code == 'l' && thing.kind == "program") return show_log(state, thing);
    if (code == 'l' && !thing.run.empty()) return show_log(state, {"run", thing.run, {}});
    if (code == 'l') state.note = {"it has no log", Style::quiet};
    if (code == '>') sort_by(desk, 1);
    if (code == '<') sort_by(desk, -1);
    if (code == 'I') state.list().is_descending = !state.list().is_descending;
    want(desk, thing, code);
    return {};
}

/// Takes back what was narrowed last: the marks, else the filter.
void step_back(List& list) {
    if (list.marks.empty()) list.filter.clear();
    list.marks.clear();
    list.mark_from.clear();
}

Effect press_in_log(Desk const& desk, ports::Key key) {
    State& state = desk.state;
    std::size_t const page = text_rows(desk.size);
    std::size_t const lines = shown_log(state, desk.snapshot).size();
    if (auto const step = step_of(key, page))
        state.log_back = moved(state.log_back, -*step, lines > page ? lines - page : 0);
    if (key.kind == Kind::right) state.log_column += side_step;
    if (key.kind == Kind::left) state.log_column -= std::min(state.log_column, side_step);
    bool const is_other = key.kind == Kind::character && key.code == 'e';
    if (!is_other || state.log.of.kind != "program") return {};
    state.log.is_error_stream = !state.log.is_error_stream;
    state.log_back = 0;
    return {Effect::Kind::poll, {}, {}};
}

std::optional<View> view_of(ports::Key key, View now) {
    std::size_t const at = std::size_t(now);
    if (key.kind == Kind::tab) return View((at + 1) % view_count);
    if (key.kind == Kind::back_tab) return View((at + view_count - 1) % view_count);
    if (key.kind != Kind::character) return std::nullopt;
    if (key.code == 'o') return View::overview;
    if (key.code >= '1' && key.code < '1' + view_count) return View(key.code - '1');
    return std::nullopt;
}

Effect browse(Desk const& desk, ports::Key key) {
    State& state = desk.state;
    state.note = {};
    if (auto const view = view_of(key, state.view)) return show(state, *view);
    bool const is_letter = key.kind == Kind::character;
    if (is_letter && key.code == 'q') return {Effect::Kind::quit, {}, {}};
    if (is_letter && (key.code == '?' || key.code == 'h')) {
        read(state, "Keys", help_lines());
        return {};
    }
    if (is_letter && key.code == '/') {
        state.mode = Mode::filtering;
        return {};
    }
    if (key.kind == Kind::escape) step_back(state.list());
    if (state.view == View::log) return press_in_log(desk, key);
    if (is_letter && press_to_mark(desk, key.code)) return {};
    if (auto const step = step_of(key, desk.page()))
        choose(desk, moved(state.list().index, *step, desk.rows().size()));
    else if (key.kind == Kind::enter)
        return enter(desk);
    else if (is_letter)
        return press_letter(desk, key.code);
    return {};
}

Effect filter(State& state, ports::Key key) {
    std::string& text = state.list().filter;
    state.log_back = 0;
    if (key.kind == Kind::enter || key.kind == Kind::escape) state.mode = Mode::browsing;
    if (key.kind == Kind::escape) text.clear();
    if (key.kind == Kind::character && text.size() < longest_filter)
        text::append_character(text, key.code);
    if (key.kind != Kind::backspace || text.empty()) return {};
    // A whole character, whatever it has of bytes.
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
        text.pop_back();
    text.pop_back();
    return {};
}

Effect confirm(State& state, ports::Key key) {
    state.mode = Mode::browsing;
    auto const asked = std::exchange(state.asked, std::nullopt);
    bool const is_yes = key.kind == Kind::character && (key.code == 'y' || key.code == 'Y');
    if (is_yes && asked) return {Effect::Kind::act, {}, *asked};
    state.note = {"nothing was done", Style::quiet};
    return {};
}

Effect scroll(State& state, ports::Key key, ports::ScreenSize size) {
    std::size_t const page = text_rows(size), lines = state.reading.lines.size();
    if (auto const step = step_of(key, page)) {
        state.reading.top = moved(state.reading.top, *step, lines > page ? lines - page : 0);
        return {};
    }
    bool const is_back = key.kind == Kind::escape || key.kind == Kind::enter ||
                         (key.kind == Kind::character && (key.code == 'q' || key.code == '?'));
    if (is_back) state.mode = Mode::browsing;
    return {};
}

}  // namespace

Effect press(State& state, Snapshot const& snapshot, Look const& look, ports::Key key,
             ports::ScreenSize size) {
    if (key.kind == Kind::over) return {Effect::Kind::quit, {}, {}};
    if (key.kind == Kind::none || key.kind == Kind::resized) return {};
    switch (state.mode) {
    case Mode::browsing:
        return browse({state, snapshot, look, size}, key);
    case Mode::filtering:
        return filter(state, key);
    case Mode::confirming:
        return confirm(state, key);
    case Mode::reading:
        return scroll(state, key, size);
    }
    return {};
}

void settle(State& state, Snapshot const& snapshot, Look const& look, ports::ScreenSize size) {
    if (state.view == View::log) {
        std::size_t const lines = shown_log(state, snapshot).size(), page = text_rows(size);
        state.log_back = std::min(state.log_back, lines > page ? lines - page : 0);
        return;
    }
    Desk const desk{state, snapshot, look, size};
    auto const rows = desk.rows();
    List& list = state.list();
    prune_marks(list, desk.all_rows());
    // At the top of the events one sees them come: the choice stays with the place, not the row.
    bool const stays = state.view == View::events && list.index == 0;
    bool const is_there = list.index < rows.size() && rows[list.index].id() == list.chosen;
    if (!stays && !is_there && !list.chosen.empty()) {
        auto const found = std::ranges::find(rows, list.chosen, &Row::id);
        if (found != rows.end()) list.index = std::size_t(found - rows.begin());
    }
    if (list.index >= rows.size()) list.index = rows.empty() ? 0 : rows.size() - 1;
    if (!rows.empty()) list.chosen = rows[list.index].id();
    std::size_t const page = desk.page();
    list.top = std::min(list.top, list.index);
    if (list.index >= list.top + page) list.top = list.index - page + 1;
    list.top = std::min(list.top, rows.size() > page ? rows.size() - page : 0);
}

}  // namespace lares::cli::top_view
