// text/iso_time.h: instants as ISO 8601 writes them, "2026-03-29T03:00:00+02:00".
//
// Pure: the offset is given or found in the text; zones are core/zone.h's. Whole seconds.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::text {

/// A date and a time of day, as far as it was said where on Earth.
struct IsoTime {
    std::int64_t local = 0;              // seconds since 1970 as the wall clock there counts them
    std::optional<std::int32_t> offset;  // from UTC, in seconds; none: not said
};

/// "2026-03-29T03:00:00+02:00", with ' ' for 'T', without seconds, with a fraction (cut off), "Z",
/// "+0200", "+02" or no offset; "2026-03-29" is its midnight. Years 1 to 9999.
Result<IsoTime> parse_iso_time(std::string_view text);

/// "2026-03-29T03:00:00+02:00".
std::string print_iso_time(std::int64_t at, std::int32_t offset);

/// "2026-03-29 03:00", with seconds where there are any.
std::string print_local_time(std::int64_t at, std::int32_t offset);

/// "+02:00"; with seconds where there are any.
std::string print_offset(std::int32_t offset);

}  // namespace lares::text
