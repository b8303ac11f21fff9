// os/zones.h: the time zones of this machine, from its zone files.
//
// A file is read when its zone is first asked for (microseconds); nothing is held before that.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ports/zones.h"

namespace lares::os {

/// Where a machine says what its zones are.
struct ZoneSources {
    std::string directory = "/usr/share/zoneinfo";
    std::string localtime = "/etc/localtime";
    std::string timezone = "/etc/timezone";
    std::optional<std::string> tz;  // the variable TZ; it wins, as in the C library
};

/// Of this machine, with the variables TZ and TZDIR as they are now.
ZoneSources machine_zones();

std::unique_ptr<ports::Zones> make_zones(ZoneSources sources);

}  // namespace lares::os
