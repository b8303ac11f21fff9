// text/nearest.h: the word a person probably meant.

#pragma once

#include <string_view>
#include <vector>

namespace lares::text {

/// The candidate nearest to `word` by edit distance (insert, delete, replace, swap of neighbours),
/// ignoring case; empty when none is within 2 edits or within a third of the word's length.
std::string_view nearest(std::string_view word, std::vector<std::string_view> const& candidates);

}  // namespace lares::text
