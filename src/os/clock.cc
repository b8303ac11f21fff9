// os/clock.cc: reading the clocks, and noticing when one was set.

#include "os/clock.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>

namespace lares::os {

SystemClock::SystemClock(Loop& loop, ports::Inbox& inbox)
    : loop_(loop),
      inbox_(inbox),
      jumps_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
    ::tzset();
    if (!jumps_) return;  // no descriptors left: time goes on, only jumps are not told
    watch_for_jumps();
    loop_.on_readable(jumps_.get(), [this] {
        std::uint64_t expirations;
        bool jumped =
            ::read(jumps_.get(), &expirations, sizeof expirations) < 0 && errno == ECANCELED;
        watch_for_jumps();
        if (!jumped) return;
        ::tzset();
        inbox_.push(ports::WallClockJumped{});
    });
}

SystemClock::~SystemClock() {
    loop_.cancel(wake_);
    if (jumps_) loop_.forget(jumps_.get());
}

/// Arms the timer for a time that never comes; setting the clock cancels it, once.
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
