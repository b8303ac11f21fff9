// sim/probes.h: questions to programs, answered as a script says: in time, late, or never.

#pragma once

#include <functional>
#include <optional>
#include <set>

#include "ports/probes.h"
#include "sim/kernel.h"

namespace lares::sim {

struct ProbeAnswer {
    bool ok = true;
    std::string why;  // when not ok
    /// none, or longer than the time-out: no answer comes, and the probe fails at its time-out.
    std::optional<Duration> takes = Duration(1);
};

class Probes final : public ports::Probes {
public:
    explicit Probes(Kernel& kernel) : kernel_(kernel) {}

    /// Asked at each probe. Without one all is well.
    void set_answers(std::function<ProbeAnswer(ports::ProbeRequest const&)> answers) {
        answers_ = std::move(answers);
    }
    int asked() const { return asked_; }
    std::size_t under_way() const { return under_way_.size(); }

    void probe(ports::ProbeId, ports::ProbeRequest) override;
    void crash() { under_way_.clear(); }
    void cancel(ports::ProbeId id) override { under_way_.erase(id); }

private:
    Kernel& kernel_;
    std::function<ProbeAnswer(ports::ProbeRequest const&)> answers_;
    std::set<ports::ProbeId> under_way_;
    int asked_ = 0;
};

}  // namespace lares::sim
