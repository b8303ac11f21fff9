// cli/manual.h: manual pages for man(1), printed from the rows.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::cli {

/// The names that have a page.
std::vector<std::string_view> manual_names();
/// The page in roff, section 1. The Error (invalid) names those there are.
Result<std::string> manual_page(std::string_view name, std::string_view version);

}  // namespace lares::cli
