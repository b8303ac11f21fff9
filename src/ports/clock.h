// ports/clock.h: what time it is, and when to be woken.

#pragma once

#include <optional>

#include "base/time.h"

namespace lares::ports {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
    virtual WallTime wall() const = 0;
    /// Offset of local time from UTC at `at`, in seconds, for log lines and descriptions.
    virtual int local_offset_seconds(WallTime at) const = 0;
    /// Asks for one turn of the daemon at `at` (or soon after); replaces the wish before. none:
    /// only when something happens.
    virtual void wake_at(std::optional<Instant> at) = 0;
};

}  // namespace lares::ports
