// os/clock.cc: reading the clocks, and noticing when one was set.

#include "os/clock.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <utility>

namespace lares::os {

namespace {

std::chrono::nanoseconds read_clock(clockid_t which) {
    timespec t{};
    ::clock_gettime(which, &t);
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

}  // namespace

ClockReadings read_clocks() {
    ClockReadings best;
    std::chrono::nanoseconds shortest{std::chrono::hours(1)};
    // A thread may lose its processor between two readings; the closest of some is right.
    for (int i = 0; i < 5; i++) {
        ClockReadings now;
        now.monotonic = read_clock(CLOCK_MONOTONIC);
        now.wall = read_clock(CLOCK_REALTIME);
        now.since_boot = read_clock(CLOCK_BOOTTIME);
        auto took = read_clock(CLOCK_MONOTONIC) - now.monotonic;
        if (took >= shortest) continue;
        shortest = took;
        best = now;
    }
    return best;
}

std::optional<ports::WallClockJumped> ClockOffsets::look(ClockReadings const& now) {
    auto in_milliseconds = [](auto span) { return std::chrono::round<Duration>(span); };
    ports::WallClockJumped jump{
        .by = in_milliseconds((now.wall - now.monotonic) - (told_.wall - told_.monotonic)),
        .suspended = in_milliseconds((now.since_boot - now.monotonic) -
                                     (told_.since_boot - told_.monotonic))};
    if (jump.by == Duration(0) && jump.suspended == Duration(0)) return {};
    told_ = now;
    return jump;
}

SystemClock::SystemClock(Loop& loop, ports::Inbox& inbox, std::function<ClockReadings()> reader)
    : loop_(loop),
      inbox_(inbox),
      reader_(std::move(reader)),
      offsets_(reader_()),
      jumps_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
    ::tzset();
    if (!jumps_) return;  // no descriptors left: time goes on, only jumps are not told
    watch_for_jumps();
    loop_.on_readable(jumps_.get(), [this] {
        std::uint64_t expirations;
        bool jumped =
            ::read(jumps_.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED;
        watch_for_jumps();  // before the clocks are read, so that no later step is missed
        if (jumped) look_for_jump();
    });
}

void SystemClock::look_for_jump() {
    ::tzset();
    if (auto jump = offsets_.look(reader_())) inbox_.push(*jump);
}

SystemClock::~SystemClock() {
    loop_.cancel(wake_);
    if (jumps_) loop_.forget(jumps_.get());
}

/// Arms the timer for a time that never comes; setting the clock cancels it, once. The kernel does
/// so (timerfd_clock_was_set) for steps, leap seconds and after a sleep, not for adjtimex's
/// slewing.
void SystemClock::watch_for_jumps() {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::int32_t>::max() * std::int64_t{100};
    ::timerfd_settime(jumps_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

Instant SystemClock::now() const { return Loop::now(); }

WallTime SystemClock::wall() const {
    timespec t;
    ::clock_gettime(CLOCK_REALTIME, &t);
    return WallTime(Duration(std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000));
}

int SystemClock::local_offset_seconds(WallTime at) const {
    time_t seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    tm fields{};
    if (!::localtime_r(&seconds, &fields)) return 0;
    return static_cast<int>(fields.tm_gmtoff);
}

void SystemClock::wake_at(std::optional<Instant> at) {
    if (at == wanted_) return;
    loop_.cancel(wake_);
    wake_ = TimerId::none;
    wanted_ = at;
    if (!at) return;
    wake_ = loop_.at(*at, [this] {
        wake_ = TimerId::none;
        wanted_.reset();
    });
}

}  // namespace lares::os
