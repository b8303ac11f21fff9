// sim/clock.h: virtual time as the daemon sees it, and a wall clock that can be set.

#pragma once

#include "ports/clock.h"
#include "sim/kernel.h"

namespace lares::sim {

class Clock final : public ports::Clock {
public:
    explicit Clock(Kernel& kernel) : kernel_(kernel) {}

    Instant now() const override { return kernel_.time(); }
    WallTime wall() const override { return WallTime(kernel_.time().time_since_epoch() + ahead_); }
    int local_offset_seconds(WallTime) const override { return 3600; }
    void wake_at(std::optional<Instant> at) override { wake_ = at; }

    /// Sets the wall clock forward or, with a negative span, back.
    void jump(Duration span);
    /// The machine was suspended: wall time went on, monotonic time did not.
    void sleep(Duration span);

    std::optional<Instant> wake() const { return wake_; }
    /// The wish has been granted.
    void woken() { wake_.reset(); }

private:
    Kernel& kernel_;
    Duration ahead_{1'790'000'000'000};  // of the monotonic clock: a day in September 2026
    std::optional<Instant> wake_;
};

}  // namespace lares::sim
