// cli/top_table.cc: columns that fit: as wide as what they hold, fewer of them where there is no
// room, the last one with what is left.

#include <algorithm>

#include "cli/top_draw.h"
#include "cli/top_words.h"

namespace lares::cli::top_view {
namespace {

constexpr std::size_t gap = 1;
/// Left of the rows, while some are marked.
constexpr std::size_t mark_columns = 2;
/// Beyond this a name is cut, so that it leaves something to the others.
constexpr std::size_t widest_cell = 36;
/// Less of the last column says nothing.
constexpr std::size_t least_words = 8;

struct Layout {
    std::vector<std::size_t> columns;  // those shown
    std::vector<std::size_t> widths;   // of each of them
};

std::vector<std::size_t> natural_widths(Table const& table, std::vector<Row> const& rows,
                                        Look const& look) {
    std::vector<std::size_t> widths;
    for (Column const& column : table.columns) widths.push_back(column.title.size() + 1);
    for (Row const& row : rows)
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            std::size_t const used =
                text::columns_of(text::harmless(row.cells[i].text, look.charset));
            widths[i] = std::max(widths[i], std::min(used, widest_cell));
        }
    return widths;
}

std::size_t total(Layout const& layout) {
    std::size_t sum = 0;
    for (std::size_t const width : layout.widths) sum += width + gap;
    return sum == 0 ? 0 : sum - gap;
}

/// False when nothing more can go.
bool drop_one(Layout& layout, Table const& table) {
    std::size_t worst = layout.columns.size();
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        int const rank = table.columns[layout.columns[i]].rank;
        if (rank > 0 &&
            (worst == layout.columns.size() || rank > table.columns[layout.columns[worst]].rank))
            worst = i;
    }
    if (worst == layout.columns.size()) return false;
    layout.columns.erase(layout.columns.begin() + std::ptrdiff_t(worst));
    layout.widths.erase(layout.widths.begin() + std::ptrdiff_t(worst));
    return true;
}

Layout lay_out(Table const& table, std::vector<Row> const& rows, std::size_t width,
               Look const& look) {
    Layout layout;
    layout.widths = natural_widths(table, rows, look);
    for (std::size_t i = 0; i < table.columns.size(); ++i) layout.columns.push_back(i);
    if (layout.columns.empty()) return layout;
    layout.widths.back() = std::min(layout.widths.back(), least_words);
    while (total(layout) > width && drop_one(layout, table)) {
    }
    // What is still too much is taken from the widest.
    while (total(layout) > width) {
        auto const widest = std::ranges::max_element(layout.widths);
        if (*widest <= 2) break;
        --*widest;
    }
    if (total(layout) < width) layout.widths.back() += width - total(layout);
    return layout;
}

ports::ScreenLine header(Table const& table, Layout const& layout, List const& list,
                         std::size_t gutter, std::size_t width, Look const& look) {
    Pen pen(width, look);
    pen.field("", gutter, Style::bar);
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        std::size_t const column = layout.columns[i];
        std::string title(table.columns[column].title);
        if (list.sort == int(column)) title += list.is_descending ? "v" : "^";
        pen.field(title, layout.widths[i], Style::bar, table.columns[column].is_right);
        if (i + 1 < layout.columns.size()) pen.field("", gap, Style::bar);
    }
    pen.fill_to(width, Style::bar);
    return pen.take();
}

}  // namespace

Lines draw_table(Table const& table, std::vector<Row> const& rows, List const& list,
                 std::size_t room, std::size_t width, Look const& look) {
    std::size_t const first = std::min(list.top, rows.size());
    std::size_t const count = std::min(room, rows.size() - first);
    auto const from = rows.begin() + std::ptrdiff_t(first);
    // Of what is shown alone: a long name far below moves no column here.
    std::size_t const gutter = list.marks.empty() ? 0 : std::min(mark_columns, width);
    Layout const layout =
        lay_out(table, {from, from + std::ptrdiff_t(count)}, width - gutter, look);
    Lines lines{header(table, layout, list, gutter, width, look)};
    for (std::size_t at = first; at < first + count; ++at) {
        bool const is_chosen = at == list.index;
        auto style = [&](Style own) { return is_chosen ? Style::chosen : own; };
        Pen pen(width, look);
        // A letter, not a colour alone: not every terminal has colours.
        bool const is_marked = list.marks.contains(rows[at].id());
        pen.field(is_marked ? "*" : "", gutter, style(Style::warn));
        for (std::size_t i = 0; i < layout.columns.size(); ++i) {
            Cell const& cell = rows[at].cells[layout.columns[i]];
            bool const is_right = table.columns[layout.columns[i]].is_right;
            pen.field(cell.text, layout.widths[i], style(cell.style), is_right);
            if (i + 1 < layout.columns.size()) pen.field("", gap, style(Style::plain));
        }
        if (is_chosen) pen.fill_to(width, Style::chosen);
        lines.push_back(pen.take());
    }
    return lines;
}

}  // namespace lares::cli::top_view
