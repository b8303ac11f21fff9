// cli/top_draw.h: a snapshot and where its reader stands, as lines of exactly the screen's size.

#pragma once

#include <string>
#include <vector>

#include "cli/top_model.h"

namespace lares::cli::top_view {

using Lines = std::vector<ports::ScreenLine>;

Lines draw(State const&, Snapshot const&, Look const&, ports::ScreenSize);

/// How many rows of its list a view shows.
std::size_t list_rows(State const&, Snapshot const&, Look const&, ports::ScreenSize);
/// How many lines of a log or of a text to read.
std::size_t text_rows(ports::ScreenSize);

/// The lines of the log that are shown through the filter.
std::vector<std::string> shown_log(State const&, Snapshot const&);

/// What the keys do.
std::vector<std::string> help_lines();

// Parts of it, for each other:

/// What is above a table: counts, marks, filter. Empty: nothing.
std::string head_of(State const&, Table const&, std::vector<Row> const& shown);

/// A header and so many rows, from `list.top` on.
Lines draw_table(Table const&, std::vector<Row> const&, List const&, std::size_t rows,
                 std::size_t width, Look const&);
/// The overview without bar and foot, `rows` lines.
Lines draw_overview(State const&, Snapshot const&, Look const&, std::size_t rows,
                    std::size_t width);
/// How many troubles the overview shows in so many lines.
std::size_t overview_rows(Snapshot const&, std::size_t rows);

}  // namespace lares::cli::top_view
