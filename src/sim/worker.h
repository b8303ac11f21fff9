// sim/worker.h: the other thread, as deeds of the kernel, one after the other.

#pragma once

#include "ports/worker.h"
#include "sim/kernel.h"

namespace lares::sim {

class Worker final : public ports::Worker {
public:
    explicit Worker(Kernel& kernel) : kernel_(kernel) {}

    /// How long each piece of work takes from now on.
    void set_takes(Duration takes) { takes_ = takes; }

    void crash() { busy_until_ = {}; }
    void run(std::function<void()> work, std::function<void()> done) override;

private:
    Kernel& kernel_;
    Duration takes_{1};
    Instant busy_until_{};
};

}  // namespace lares::sim
