// os/clock.h: the real clocks behind ports::Clock.

#pragma once

#include <optional>

#include "os/fd.h"
#include "os/loop.h"
#include "ports/clock.h"
#include "ports/event.h"

namespace lares::os {

/// Also tells the inbox when the wall clock was set or the machine woke from sleep
/// (WallClockJumped): the kernel says so through a timer that never expires.
class SystemClock : public ports::Clock {
public:
    SystemClock(Loop&, ports::Inbox&);
    ~SystemClock() override;

    Instant now() const override;
    WallTime wall() const override;
    /// Reads the zone from TZ or /etc/localtime, and again after the clock was set.
    int local_offset_seconds(WallTime at) const override;
    /// The turn is the loop's before_sleep(); the wake-up itself does nothing.
    void wake_at(std::optional<Instant> at) override;

private:
    void watch_for_jumps();

    Loop& loop_;
    ports::Inbox& inbox_;
    Fd jumps_;
    TimerId wake_ = TimerId::none;
    std::optional<Instant> wanted_;
};

}  // namespace lares::os
