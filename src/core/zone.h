// core/zone.h: a time zone as plain values: when its offset from UTC changes, and to what.
//
// os/zones.h fills them from the system's tzdata. No DST flag is kept: everything is computed from
// offsets (spec/triggers.md §5), so that negative DST, Ramadan and zone changes need no rule of
// their own.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lares::schedule {

/// From `at` (seconds since 1970, UTC) on, local time is UTC + `offset` seconds.
struct Transition {
    std::int64_t at;
    std::int32_t offset;
    bool operator==(Transition const&) const = default;
};

/// Sorted by `at`; at least until the year 2500. Before the first one `first_offset` holds.
struct Zone {
    std::string name = "UTC";  // "Europe/Berlin"
    std::int32_t first_offset = 0;
    std::vector<Transition> transitions;
    bool operator==(Zone const&) const = default;
};

/// Offset at an instant, in seconds; O(log n).
std::int32_t offset_at(Zone const&, std::int64_t at);

/// The instant at which clocks show this local time; the first when it comes twice, the end of the
/// gap when it never comes.
std::int64_t instant_of(Zone const&, std::int64_t local);

/// How many transitions there are up to and at an instant: 0 before the first; O(log n).
std::size_t stretch_at(Zone const&, std::int64_t at);

}  // namespace lares::schedule
