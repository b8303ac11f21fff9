// sim/probes.cc: one answer to each probe that was not cancelled.

#include "sim/probes.h"

namespace lares::sim {

void Probes::probe(ports::ProbeId id, ports::ProbeRequest request) {
    if (!under_way_.insert(id).second) kernel_.complain("a probe under a number in use");
    asked_ += 1;
    ProbeAnswer answer = answers_ ? answers_(request) : ProbeAnswer{};
    bool in_time = answer.takes && *answer.takes < request.timeout;
    if (!in_time) answer = {.ok = false, .why = "no answer in time", .takes = request.timeout};
    kernel_.after(*answer.takes, kernel_.in_this_life([this, id, answer] {
        if (under_way_.erase(id) == 0) return;  // cancelled
        kernel_.tell({Lane::Of::probe, static_cast<std::uint64_t>(id)},
                     ports::ProbeDone{id, answer.ok, answer.why});
    }));
}

}  // namespace lares::sim
