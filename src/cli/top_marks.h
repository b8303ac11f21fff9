// cli/top_marks.h: rows marked to be acted upon together, what is asked before, what is told after.
//
// Marks are ids: they stay with their rows while those move, are sorted or filtered away. Only what
// can be acted upon can be marked.

#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/top_actions.h"
#include "cli/top_model.h"

namespace lares::cli::top_view {

/// Whether rows of this view can be marked.
bool is_markable(View);

/// Marks that row, or takes its mark away; a range begins there.
void mark(List&, std::vector<Row> const& shown, std::size_t index);
/// Marks all from where a range began to that row.
void mark_to(List&, std::vector<Row> const& shown, std::size_t index);
/// Marks all that are shown; when they all are, none of them.
void mark_all(List&, std::vector<Row> const& shown);
/// Marks of rows that have gone go with them.
void prune_marks(List&, std::vector<Row> const& all);

/// "3 marked, 1 of them not shown"; empty: none is.
std::string mark_words(List const&, std::vector<Row> const& shown);

/// What an act would be done to: what is marked, in the order of the rows, else what is chosen.
std::vector<Thing> targets(List const&, std::vector<Row> const& all, Thing const& chosen);

/// The acts that fit one of those, as far as their keys mean one thing.
std::vector<ActionRow const*> actions_for(std::vector<Thing> const&);

/// What that key does to them. Style::bad: why it cannot be; nothing: no act has this key.
using Wish = std::variant<std::monostate, Order, Note>;
Wish wish_for(std::vector<Thing> const&, char32_t key, std::size_t hidden);

/// So many of the marked rows are not shown.
std::size_t hidden_marks(List const&, std::vector<Row> const& shown);

/// Tells what became of an order: one thing's in the foot, of many a text with a line each, those
/// that failed first. Takes the marks of what went well.
void tell(State&, Order const&, std::vector<Told>);

}  // namespace lares::cli::top_view
