// text/unified_diff.h: two texts as the lines that differ, in the form of diff -u. Pure.

#pragma once

#include <string>
#include <string_view>

namespace lares::text {

/// Empty when the texts are equal. `from` and `to` name them in the two head lines. Of parts too
/// long to compare (some thousand lines that differ) all old lines come before all new ones.
std::string unified_diff(std::string_view before, std::string_view after, std::string_view from,
                         std::string_view to);

}  // namespace lares::text
