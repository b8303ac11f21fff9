// cli/top_marks.cc: marks, the question before many acts, the answers after them.

#include "cli/top_marks.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "text/columns.h"

namespace lares::cli::top_view {
namespace {

/// Names beyond this are counted only: nobody reads them in one line.
constexpr std::size_t most_names = 20;
constexpr std::size_t widest_name = 36;

bool can_mark(Row const& row) { return has_actions(row.thing.kind); }

std::string plural(std::string_view kind) {
    return kind == "delivery" ? "deliveries" : std::string(kind) + "s";
}

/// "restart 3 programs (1 not shown): db, talker, web"
std::string words_of(ActionRow const& row, std::vector<Thing> const& things, std::size_t hidden,
                     std::size_t others) {
    if (things.size() == 1 && hidden == 0 && others == 0)
        return std::string(row.verb) + " " + called(things.front());
    std::string words = fmt::format("{} {} {}", row.verb, things.size(),
                                    things.size() == 1 ? std::string(row.kind) : plural(row.kind));
    if (hidden > 0) words += fmt::format(" ({} not shown)", hidden);
    if (others > 0) words += fmt::format(" (not {} other)", others);
    char const* between = ": ";
    for (std::size_t i = 0; i < std::min(things.size(), most_names); ++i) {
        words += between + (things[i].name.empty() ? things[i].id : things[i].name);
        between = ", ";
    }
    return words;
}

std::string_view counted(Order const& order, std::size_t good) {
    return good == order.things ? "all asked" : good == 0 ? "none could be" : "";
}

std::string line_of(Told const& told, std::size_t width) {
    std::string const name = called(told.thing);
    std::size_t const used = text::columns_of(text::harmless(name, text::Charset::utf8));
    return (told.is_good ? "   " : "!! ") + name + std::string(width - std::min(used, width), ' ') +
           "  " + told.words;
}

Reading report(Order const& order, std::vector<Told> told) {
    std::ranges::stable_sort(told, {}, &Told::is_good);
    std::size_t width = 0, good = 0;
    for (Told const& each : told) {
        width = std::max(width,
                         text::columns_of(text::harmless(called(each.thing), text::Charset::utf8)));
        good += each.is_good ? 1 : 0;
    }
    width = std::min(width, widest_name);
    std::string words(counted(order, good));
    if (words.empty()) words = fmt::format("{} asked, {} not", good, told.size() - good);
    Reading reading{order.words.substr(0, order.words.find(": ")) + ": " + words, {}, 0};
    for (Told const& each : told) reading.lines.push_back(line_of(each, width));
    return reading;
}

}  // namespace

bool is_markable(View view) { return view != View::events && view != View::log; }

void mark(List& list, std::vector<Row> const& shown, std::size_t index) {
    if (index >= shown.size() || !can_mark(shown[index])) return;
    std::string const id = shown[index].id();
    list.mark_from = id;
    if (list.marks.erase(id) == 0) list.marks.insert(id);
}

void mark_to(List& list, std::vector<Row> const& shown, std::size_t index) {
    if (index >= shown.size()) return;
    auto const begin = std::ranges::find(shown, list.mark_from, &Row::id);
    std::size_t const from = begin == shown.end() ? index : std::size_t(begin - shown.begin());
    for (std::size_t i = std::min(from, index); i <= std::max(from, index); ++i)
        if (can_mark(shown[i])) list.marks.insert(shown[i].id());
    list.mark_from = shown[index].id();
}

void mark_all(List& list, std::vector<Row> const& shown) {
    bool const is_all = std::ranges::all_of(
        shown, [&](Row const& row) { return !can_mark(row) || list.marks.contains(row.id()); });
    for (Row const& row : shown) {
        if (is_all)
            list.marks.erase(row.id());
        else if (can_mark(row))
            list.marks.insert(row.id());
    }
}

void prune_marks(List& list, std::vector<Row> const& all) {
    if (list.marks.empty()) return;
    std::set<std::string> there;
    for (Row const& row : all) there.insert(row.id());
    std::erase_if(list.marks, [&](std::string const& id) { return !there.contains(id); });
}

std::size_t hidden_marks(List const& list, std::vector<Row> const& shown) {
    std::set<std::string> seen;
    for (Row const& row : shown)
        if (list.marks.contains(row.id())) seen.insert(row.id());
    return list.marks.size() - seen.size();
}

std::string mark_words(List const& list, std::vector<Row> const& shown) {
    if (list.marks.empty()) return {};
    std::size_t const hidden = hidden_marks(list, shown);
    std::string words = fmt::format("{} marked", list.marks.size());
    if (hidden > 0) words += fmt::format(", {} of them not shown", hidden);
    return words;
}

std::vector<Thing> targets(List const& list, std::vector<Row> const& all, Thing const& chosen) {
    if (list.marks.empty()) return {chosen};
    std::vector<Thing> things;
    std::set<std::string> taken;
    for (Row const& row : all)
        if (list.marks.contains(row.id()) && taken.insert(row.id()).second)
            things.push_back(row.thing);
    return things;
}

std::vector<ActionRow const*> actions_for(std::vector<Thing> const& things) {
    std::vector<ActionRow const*> found;
    for (ActionRow const& row : action_rows()) {
        bool const fits = std::ranges::find(things, row.kind, &Thing::kind) != things.end();
        if (fits && !std::holds_alternative<Note>(wish_for(things, char32_t(row.key), 0)))
            found.push_back(&row);
    }
    return found;
}

Wish wish_for(std::vector<Thing> const& things, char32_t key, std::size_t hidden) {
    ActionRow const* wanted = nullptr;
    std::vector<Thing> fitting;
    for (Thing const& thing : things) {
        ActionRow const* row = find_action(thing.kind, key);
        if (row == nullptr) continue;
        if (wanted != nullptr && row != wanted)
            return Note{fmt::format("{} would {} a {} and {} a {}: mark one kind of thing",
                                    char(key), wanted->verb, wanted->kind, row->verb, row->kind),
                        Style::bad};
        wanted = row;
        fitting.push_back(thing);
    }
    if (wanted == nullptr) return {};
    return Order{words_of(*wanted, fitting, hidden, things.size() - fitting.size()),
                 acts_of(*wanted, fitting), fitting.size()};
}

void tell(State& state, Order const& order, std::vector<Told> told) {
    for (List& list : state.lists)
        for (Told const& each : told)
            if (each.is_good) list.marks.erase(each.thing.kind + "/" + each.thing.id);
    if (told.size() == 1) {
        state.note = {order.words + ": " + told.front().words,
                      told.front().is_good ? Style::good : Style::bad};
        return;
    }
    state.reading = report(order, std::move(told));
    state.mode = Mode::reading;
}

}  // namespace lares::cli::top_view
