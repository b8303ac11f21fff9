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

std::int64_t instant_of(Zone const& zone, std::int64_t local) {
    constexpr std::int64_t greatest_offset = 26 * 3600;
    auto const& changes = zone.transitions;
    for (std::size_t i = stretch_at(zone, local - greatest_offset);; ++i) {
        std::int32_t const offset = i == 0 ? zone.first_offset : changes[i - 1].offset;
        std::int64_t const at = local - offset;
        if (i > 0 && at < changes[i - 1].at) return changes[i - 1].at;
        if (i == changes.size() || at < changes[i].at) return at;
    }
}

}  // namespace lares::schedule
