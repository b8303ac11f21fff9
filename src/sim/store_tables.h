// sim/store_tables.h: what a database holds, as maps: the meaning of each write and each question.
//
// Said a second time, plainly, beside store/'s SQL: the simulation runs on it, and store's own
// tests compare the two.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/result.h"
#include "ports/store.h"

namespace lares::sim {

struct StoreTables {
    std::map<job::Id, job::Job> jobs;
    std::map<std::uint64_t, ports::RunRow> runs;
    std::map<job::Id, ports::EventRow> events;
    std::map<std::uint64_t, ports::FileRow> files;
    std::map<delivery::Id, delivery::Delivery> deliveries;
    std::map<job::Id, ports::AlertRecord> alerts;
    std::map<std::tuple<job::Id, std::string, std::string>, ports::MemberRecord> members;
    std::map<std::string, std::string> marks;
    std::uint64_t next_id = 1;

    /// All of it or, with an Error of kind conflict, nothing.
    Result<ports::Committed> apply(ports::Commit const&);
    void answer(ports::Question const&, ports::Found&) const;
    void answer_alerts(ports::AlertsAsked const&, ports::Found&) const;
    ports::Pruned prune(ports::Retention const&, WallTime now);
};

}  // namespace lares::sim
