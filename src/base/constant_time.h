// base/constant_time.h: comparing secrets without telling how much of one was right.

#pragma once

#include <string_view>

namespace lares {

/// True when both hold the same bytes; its time depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace lares
