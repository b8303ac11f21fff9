// os/tzif.h: time zone files (RFC 8536) and POSIX TZ rules as plain transition tables.
//
// Pure: bytes in, a zone or an Error out. Only offsets are kept; names and DST flags are not, since
// nothing may be decided by them (core/zone.h). Why not a library: docs/decisions/0014.

#pragma once

#include <string_view>

#include "base/result.h"
#include "ports/zones.h"

namespace lares::os {

/// A zone without its name, changes of the offset only, with the rule behind the last of them
/// carried on until 2500. Versions 1 to 4; files with leap seconds ("right/") are refused.
Result<schedule::Zone> parse_tzif(std::string_view bytes);

/// "CET-1CEST,M3.5.0,M10.5.0/3": from 1970 until 2500.
Result<schedule::Zone> parse_posix_zone(std::string_view rule);

}  // namespace lares::os
