// control/metrics.h: the house in numbers, for Prometheus.
//
// What is told stands in docs/manual/metrics.md; names are kept, for dashboards and alerts of
// others stand on them. Each part of the house is a row of a table of parts: what comes later adds
// one.

#pragma once

#include <string>

#include "control/config_house.h"
#include "control/house.h"
#include "control/message_house.h"
#include "control/usage_meter.h"
#include "control/work_house.h"
#include "ports/store.h"

namespace lares::control {

struct MetricsInput {
    House const& house;
    UsageMeter::Measured const& usage;
    ports::Found const* counts = nullptr;  // jobs by task and state; null: the store cannot say
    Instant now{};
    WallTime started{};
    std::size_t calls = 0, viewers = 0, sessions = 0;
    std::uint64_t gaps = 0, dropped = 0;
    // Asked once, for all parts:
    std::vector<ProcessInfo> processes = {};
    std::vector<TaskInfo> tasks = {};
    WorkHouse* work = nullptr;
    ConfigHouse* configuration = nullptr;
    MessageHouse* messages = nullptr;
};

std::string metrics_text(MetricsInput const&);

}  // namespace lares::control
