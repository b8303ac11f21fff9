// core/simulate_house_test.h: tasks and houses for the tests of simulations.

#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/simulate.h"

namespace lares::simulate::testing {

inline Task task(std::string const& expression, std::vector<std::int64_t> const& durations,
                 queue::Overlap overlap = queue::Overlap::queue) {
    auto read = text::parse_cron(expression);
    REQUIRE(read.ok());
    Task made;
    made.name = "t";
    made.schedules.push_back({read->cron, std::make_shared<schedule::Zone const>(), 0});
    for (auto seconds : durations) made.attempts.push_back({seconds});
    made.rules.overlap = overlap;
    return made;
}

/// Tasks have different names; Report::tasks stand in this order.
inline std::vector<Task> house(std::vector<Task> tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i)
        if (tasks[i].name == "t" && i > 0) tasks[i].name = "t" + std::to_string(i);
    return tasks;
}

/// The report on one task over one day.
inline TaskReport day(Task const& one) { return simulate::simulate({one}, -1, 1).tasks.at(0); }

}  // namespace lares::simulate::testing
