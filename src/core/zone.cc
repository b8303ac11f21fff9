// core/zone.cc: finds the stretch of a zone that an instant lies in.

#include "core/zone.h"

#include <algorithm>

namespace lares::schedule {

std::size_t stretch_at(Zone const& zone, std::int64_t at) {
    auto const next = std::ranges::upper_bound(zone.transitions, at, {}, &Transition::at);
    return std::size_t(next - zone.transitions.begin());
}

std::int32_t offset_at(Zone const& zone, std::int64_t at) {
    std::size_t const stretch = stretch_at(zone, at);
    return stretch == 0 ? zone.first_offset : zone.transitions[stretch - 1].offset;
}

}  // namespace lares::schedule
