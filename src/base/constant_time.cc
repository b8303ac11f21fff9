// base/constant_time.cc: every byte is looked at, whatever was found before.

#include "base/constant_time.h"

#include <cstddef>

namespace lares {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned char difference = a.size() != b.size();
    for (std::size_t i = 0; i < b.size(); ++i)
        difference |= static_cast<unsigned char>((i < a.size() ? a[i] : 0) ^ b[i]);
    return difference == 0;
}

}  // namespace lares
