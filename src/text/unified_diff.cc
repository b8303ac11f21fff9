// text/unified_diff.cc: the longest common subsequence of lines between what both begin and end
// with, then groups of changes with three lines around.

#include "text/unified_diff.h"

#include <algorithm>
#include <span>
#include <vector>

namespace lares::text {

namespace {

constexpr std::size_t around = 3;
/// Cells of the table; 16 MB for a moment.
constexpr std::size_t most_cells = 4'000'000;

using Lines = std::vector<std::string_view>;

struct Edit {
    char kind;  // ' ', '-', '+'
    std::string_view line;
};

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        auto end = text.find('\n');
        auto length = end == text.npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return lines;
}

/// The middle, where the two differ.
void compare_middle(std::span<std::string_view const> one, std::span<std::string_view const> other,
                    std::vector<Edit>& edits) {
    std::size_t rows = one.size(), columns = other.size();
    if ((rows + 1) * (columns + 1) > most_cells) {
        for (auto line : one) edits.push_back({'-', line});
        for (auto line : other) edits.push_back({'+', line});
        return;
    }
    std::vector<int> longest((rows + 1) * (columns + 1));
    auto at = [&](std::size_t row, std::size_t column) -> int& {
        return longest[row * (columns + 1) + column];
    };
    for (std::size_t row = rows; row-- > 0;)
        for (std::size_t column = columns; column-- > 0;)
            at(row, column) = one[row] == other[column]
                                  ? at(row + 1, column + 1) + 1
                                  : std::max(at(row + 1, column), at(row, column + 1));
    std::size_t row = 0, column = 0;
    while (row < rows || column < columns) {
        if (row < rows && column < columns && one[row] == other[column]) {
            edits.push_back({' ', one[row++]});
            ++column;
        } else if (row < rows &&
                   (column == columns || at(row + 1, column) >= at(row, column + 1))) {
            edits.push_back({'-', one[row++]});
        } else {
            edits.push_back({'+', other[column++]});
        }
    }
}

std::vector<Edit> edits_between(Lines const& one, Lines const& other) {
    std::size_t head = 0, tail = 0, least = std::min(one.size(), other.size());
    while (head < least && one[head] == other[head]) ++head;
    while (tail < least - head && one[one.size() - 1 - tail] == other[other.size() - 1 - tail])
        ++tail;
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < head; ++i) edits.push_back({' ', one[i]});
    compare_middle(std::span(one).subspan(head, one.size() - head - tail),
                   std::span(other).subspan(head, other.size() - head - tail), edits);
    for (std::size_t i = one.size() - tail; i < one.size(); ++i) edits.push_back({' ', one[i]});
    return edits;
}

std::string range(std::size_t first, std::size_t count) {
    auto shown = count == 0 ? first : first + 1;
    return std::to_string(shown) + (count == 1 ? "" : "," + std::to_string(count));
}

/// One group of changes, edits [begin, end), and the numbers of the lines before it.
void put_group(std::string& out, std::vector<Edit> const& edits, std::size_t begin, std::size_t end,
               std::size_t old_line, std::size_t new_line) {
    std::size_t old_count = 0, new_count = 0;
    for (std::size_t i = begin; i < end; ++i) {
        old_count += edits[i].kind != '+' ? 1 : 0;
        new_count += edits[i].kind != '-' ? 1 : 0;
    }
    out += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n";
    for (std::size_t i = begin; i < end; ++i) {
        out += edits[i].kind;
        out += edits[i].line;
        if (!edits[i].line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
    }
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view from,
                         std::string_view to) {
    if (before == after) return "";
    auto old_lines = lines_of(before), new_lines = lines_of(after);
    auto edits = edits_between(old_lines, new_lines);
    std::string out = "--- " + std::string(from) + "\n+++ " + std::string(to) + "\n";
    std::size_t begin = 0, old_line = 0, new_line = 0;
    auto pass = [&](std::size_t until) {
        for (; begin < until; ++begin) {
            old_line += edits[begin].kind != '+' ? 1 : 0;
            new_line += edits[begin].kind != '-' ? 1 : 0;
        }
    };
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (edits[i].kind == ' ') continue;
        pass(std::max(begin, i >= around ? i - around : 0));
        std::size_t last = i;  // of the changes that stand close enough to be one group
        for (std::size_t next = i; next < edits.size() && next <= last + 2 * around + 1; ++next)
            if (edits[next].kind != ' ') last = next;
        std::size_t end = std::min(edits.size(), last + 1 + around);
        put_group(out, edits, begin, end, old_line, new_line);
        pass(end);
        i = end - 1;
    }
    return out;
}

}  // namespace lares::text
