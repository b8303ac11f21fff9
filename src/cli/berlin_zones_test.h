// cli/berlin_zones_test.h: the zones that tests of schedules use.

#pragma once

#include "sim/zones.h"

namespace lares::cli {

/// UTC, and a Berlin of one spring and one autumn.
inline sim::Zones berlin_zones() {
    sim::Zones zones;
    zones.set("Europe/Berlin",
              {"Europe/Berlin", 3600, {{1'774'746'000, 7200}, {1'792'890'000, 3600}}});
    return zones;
}

}  // namespace lares::cli
