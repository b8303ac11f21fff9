// cli/top_tables.h: the rows of each view, and those of them that are shown, in which order.

#pragma once

#include <vector>

#include "cli/top_model.h"

namespace lares::cli::top_view {

/// Of every view but the log. Of the overview: what needs a person.
Table table_of(View, Snapshot const&, Look const&);

/// Filtered and sorted as the list says. A filter is text that any cell holds, in any case.
std::vector<Row> arranged(Table const&, List const&);

/// The styles of states, wherever they are shown.
Style style_of_state(std::string_view state);

}  // namespace lares::cli::top_view
