// os/clock.h: the real clocks behind ports::Clock.

#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "os/fd.h"
#include "os/loop.h"
#include "ports/clock.h"
#include "ports/event.h"

namespace lares::os {

/// The machine's clocks at one instant.
struct ClockReadings {
    std::chrono::nanoseconds wall{0};        // CLOCK_REALTIME
    std::chrono::nanoseconds monotonic{0};   // CLOCK_MONOTONIC: stands still while it sleeps
    std::chrono::nanoseconds since_boot{0};  // CLOCK_BOOTTIME: goes on
};
ClockReadings read_clocks();

/// Compares readings with earlier ones. Wall and monotonic time are steered together, so that what
/// lies between them changes by a step or a sleep alone, never by NTP's slow corrections.
class ClockOffsets {
public:
    explicit ClockOffsets(ClockReadings const& now) : told_(now) {}
    /// What happened since the last time that something was told; none when that is less than a
    /// millisecond, which then counts with the next.
    std::optional<ports::WallClockJumped> look(ClockReadings const& now);

private:
    ClockReadings told_;
};

/// Also tells the inbox when the wall clock was set or the machine woke from sleep
/// (WallClockJumped): the kernel says so through a timer that never expires.
class SystemClock : public ports::Clock {
public:
    /// @param reader  read_clocks, or a test's.
    SystemClock(Loop&, ports::Inbox&, std::function<ClockReadings()> reader = read_clocks);
    ~SystemClock() override;

    Instant now() const override;
    WallTime wall() const override;
    /// Reads the zone from TZ or /etc/localtime, and again after the clock was set.
    int local_offset_seconds(WallTime at) const override;
    /// The turn is the loop's before_sleep(); the wake-up itself does nothing.
    void wake_at(std::optional<Instant> at) override;

    /// The clock may have been set: tells the inbox if it was.
    void look_for_jump();

private:
    void watch_for_jumps();

    Loop& loop_;
    ports::Inbox& inbox_;
    std::function<ClockReadings()> reader_;
    ClockOffsets offsets_;
    Fd jumps_;
    TimerId wake_ = TimerId::none;
    std::optional<Instant> wanted_;
};

}  // namespace lares::os
