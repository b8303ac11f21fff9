// os/posix_zone.h: the rule in a TZ variable or at the end of a zone file.
//
// Grammar: POSIX, "TZ"; RFC 8536 §3.3 allows hours from -167 to 167.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "ports/zones.h"

namespace lares::os {

/// A day of every year and the local second on it.
struct PosixDay {
    enum class Kind {
        month,   // M3.5.0: the `week`-th `day` (0: Sunday) of `month`; week 5: the last
        julian,  // J60: `day` 1 to 365; 29 February is never counted
        zero,    // 59: `day` 0 to 365; it is counted
    };
    Kind kind = Kind::month;
    int month = 0, week = 0, day = 0;
    std::int32_t second = 7200;
};

struct PosixRule {
    std::int32_t standard = 0;  // offset from UTC, east positive
    std::int32_t summer = 0;
    bool has_summer = false;
    PosixDay begin, end;  // of summer
};

Result<PosixRule> parse_posix_rule(std::string_view text);

/// Appends the rule's changes behind the zone's last one (else from 1970), until 2500.
void add_rule(schedule::Zone& zone, PosixRule const& rule);

}  // namespace lares::os
