// apps/capture/reading_lines.cc: lines out of pieces; the pure half of reading.h.

#include <cstring>

#include "apps/capture/reading.h"

namespace lares::capture {

bool LineSplitter::add(std::string_view bytes, std::function<bool(std::string_view)> const& take) {
    while (!bytes.empty()) {
        auto const* end = static_cast<char const*>(std::memchr(bytes.data(), '\n', bytes.size()));
        if (end == nullptr) {
            rest_.append(bytes);
            return true;
        }
        auto const size = static_cast<std::size_t>(end - bytes.data());
        std::string_view line = bytes.substr(0, size);
        if (!rest_.empty()) line = rest_.append(line);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        bool const goes_on = take(line);
        rest_.clear();
        if (!goes_on) return false;
        bytes.remove_prefix(size + 1);
    }
    return true;
}

}  // namespace lares::capture
