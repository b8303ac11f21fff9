// tests/schedule/draw.h: random expressions, as text and as sets, and random zones.

#pragma once

#include <cstdint>
#include <random>

#include "core/zone.h"
#include "oracle.h"

namespace oracle {

using Random = std::mt19937_64;

/// From 0 to count - 1.
inline int below(Random& random, int count) { return int(random() % std::uint64_t(count)); }

/// `local`: a broken-down time that hours and days are drawn around, so that something happens.
Wanted draw_expression(Random&, std::tm const& local, bool with_seconds);

/// Bursts of one to four clock changes, days or months apart; offsets are whole minutes.
lares::schedule::Zone draw_zone(Random&);

}  // namespace oracle
