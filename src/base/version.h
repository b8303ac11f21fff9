// base/version.h: which Lares this is. The number comes from the file VERSION, the commit from git
// when the build began (cmake/Version.cmake).

#pragma once

#include <string_view>

namespace lares {

std::string_view version();  // "0.1.0"
std::string_view commit();   // "1a2b3c4d5e6f", with "+" when the tree had changes; "unknown"

}  // namespace lares
