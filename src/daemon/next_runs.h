// daemon/next_runs.h: the next runs that a task's schedules will bring, as the clocks of work will
// find them: with its calendar and its jitter. Pure, but for asking the zones.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "ports/zones.h"

namespace lares::daemon {

struct NextRuns {
    config::Task const& task;
    ports::Zones& zones;
    std::string_view host;  // goes into the jitter
    std::int64_t after = 0;
    std::size_t most = 5;
};

/// Instants with the offset of the schedule's zone, in order: "2026-11-29T02:00:00+01:00". None for
/// a task that is not enabled, whose schedules never fire, or whose zones are not known.
std::vector<std::string> next_runs(NextRuns const&);

}  // namespace lares::daemon
