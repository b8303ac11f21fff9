// text/fold.cc: utf8proc knows Unicode's tables.

#include "text/fold.h"

#include <utf8proc.h>

namespace lares::text {

char32_t small_letter(char32_t point) {
    return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(point)));
}

}  // namespace lares::text
