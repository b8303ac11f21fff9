// core/in_words.h: spans of time as people say them in a status line: "0.4 s", "3 min", "2 days".
//
// Rounded down, for reading only; text/quantity.h prints exact ones that can be read back.

#pragma once

#include <string>

#include "base/time.h"

namespace lares {

/// "0 s", "12 ms", "0.4 s", "9.5 s", "60 s", "2 min", "3 h", "2 days"; a negative span as "0 s".
std::string in_words(Duration);

}  // namespace lares
