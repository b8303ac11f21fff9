// ports/usage.h: what processes use just now, and how the loop itself is doing: for metrics and
// the page.
//
// Values. Measuring reads a file or three a process and may wait for a busy kernel, so it happens
// on the worker; the loop's own figures are counted as it goes.

#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"

namespace lares::ports {

/// Of one process alone, without its children. `memory_bytes` is what is resident.
struct ProcessUsage {
    int pid = 0;
    bool is_there = false;  // else it has gone, and the rest means nothing
    Duration cpu{0};        // user and system time since it began
    std::int64_t memory_bytes = 0;
    int descriptors = -1;  // -1: may not be looked at
    int threads = 0;
};

/// Upper bounds of the loop's turns that are counted apart, in milliseconds.
inline constexpr std::array<int, 8> turn_bounds_ms{1, 2, 5, 10, 25, 50, 100, 500};

/// Since the daemon started. A turn is what is done between two sleeps; as long as one takes,
/// whoever comes next waits.
struct LoopFigures {
    std::uint64_t wake_ups = 0;
    std::uint64_t turns = 0;
    std::array<std::uint64_t, turn_bounds_ms.size() + 1> turns_by_length{};  // the last: longer
    std::int64_t busy_us = 0;
    std::int64_t longest_us = 0;
};

}  // namespace lares::ports
