// apps/capture/places.h: where a post stands among all: by its time, then as it came.
//
// A number that is its row's key in `items` and in the full text, so that SQLite has both in the
// order in which people want them. Posts without a time stand before all others.

#pragma once

#include <cstdint>

namespace lares::capture {

/// Of one millisecond: two million, which lasts until the year 2109.
inline constexpr std::int64_t places_a_ms = 2'097'152;
inline constexpr std::int64_t first_without_time = -(std::int64_t(1) << 62);

/// From `first` on, before `end`.
struct Places {
    std::int64_t first = 0, end = 0;
};
/// Of posts of that millisecond since 1970; 0 and before: of those without a time.
constexpr Places places_of(std::int64_t at_ms) {
    constexpr std::int64_t last_ms = INT64_MAX / places_a_ms - 1;
    if (at_ms <= 0) return {first_without_time, 0};
    auto const first = (at_ms < last_ms ? at_ms : last_ms) * places_a_ms;
    return {first, first + places_a_ms};
}
constexpr std::int64_t time_of_place(std::int64_t place) {
    return place < 0 ? 0 : place / places_a_ms;
}

}  // namespace lares::capture
