// text/fold.h: letters without regard to case, for comparing what people wrote.

#pragma once

#include <string>
#include <string_view>

namespace lares::text {

/// The small letter of a code point, by Unicode's simple mapping; itself when it has none.
char32_t small_letter(char32_t point);

}  // namespace lares::text
