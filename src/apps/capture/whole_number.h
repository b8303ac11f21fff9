// apps/capture/whole_number.h: digits as people, options and services write them.

#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lares::capture {

/// Digits and a sign '-' at most, and nothing else; none: it is something else, or more than 63
/// bits.
inline std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace lares::capture
