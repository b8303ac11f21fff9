// text/nearest.cc: optimal string alignment distance, three rows of its table at a time.

#include "text/nearest.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "text/python.h"

namespace lares::text {

namespace {

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before, above);
        std::swap(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] =
                std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::vector<std::string_view> const& candidates) {
    std::string wanted = python::lower(word);
    // Something of the word must remain, or "up" would be taken for "ls".
    std::size_t limit = std::max<std::size_t>(2, word.size() / 3) + 1;
    limit = std::min(limit, word.size());
    std::string_view best;
    for (auto candidate : candidates) {
        std::size_t longer = std::max(candidate.size(), word.size());
        // A difference in length is that many edits: this bounds the work for a stranger's word.
        if (longer - std::min(candidate.size(), word.size()) >= limit) continue;
        std::size_t edits = distance(wanted, python::lower(candidate));
        if (edits >= limit) continue;
        limit = edits;
        best = candidate;
    }
    return best;
}

}  // namespace lares::text
