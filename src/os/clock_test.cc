// os/clock_test.cc: the real clocks, as far as they can be tested without setting them.

#include "os/clock.h"

#include <doctest/doctest.h>
#include <time.h>

#include <cstdlib>
#include <vector>

using namespace lares;
using namespace lares::os;
using namespace std::chrono_literals;

namespace {

struct Events : ports::Inbox {
    std::vector<ports::Event> all;
    void push(ports::Event event) override { all.push_back(std::move(event)); }
};

/// TZ for the length of a test.
class Zone {
public:
    explicit Zone(char const* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~Zone() {
        ::unsetenv("TZ");
        ::tzset();
    }
};

}  // namespace

TEST_CASE("wall time and local offset are those of the system") {
    Loop loop;
    Events events;
    Zone zone("EST5EDT,M3.2.0,M11.1.0");
    SystemClock clock(loop, events);
    auto since = std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch());
    CHECK(std::abs(since.count() - ::time(nullptr)) <= 1);
    using namespace std::chrono;
    CHECK(clock.local_offset_seconds(sys_days(2026y / January / 15)) == -5 * 3600);
    CHECK(clock.local_offset_seconds(sys_days(2026y / July / 15)) == -4 * 3600);
}

namespace {

ClockReadings readings(std::chrono::nanoseconds wall, std::chrono::nanoseconds monotonic,
                       std::chrono::nanoseconds since_boot) {
    return {.wall = wall, .monotonic = monotonic, .since_boot = since_boot};
}

}  // namespace

TEST_CASE("time that passes and is steered slowly is no jump; a step and a sleep are, once") {
    ClockOffsets offsets(readings(1'000h, 10h, 12h));
    CHECK(!offsets.look(readings(1'001h, 11h, 13h)));
    auto back = offsets.look(readings(1'001h, 12h, 14h));
    REQUIRE(back);
    CHECK(back->by == -1h);
    CHECK(back->suspended == 0ms);
    CHECK(!offsets.look(readings(1'002h, 13h, 15h)));
    auto slept = offsets.look(readings(1'010h, 13h + 1s, 23h + 1s));
    REQUIRE(slept);
    CHECK(slept->by == 8h - 1s);
    CHECK(slept->suspended == 8h);
}

TEST_CASE("steps below a millisecond are told together once they make one") {
    ClockOffsets offsets(readings(1'000h, 10h, 10h));
    CHECK(!offsets.look(readings(1'000h + 400us, 10h, 10h)));
    auto both = offsets.look(readings(1'000h + 800us, 10h, 10h));
    REQUIRE(both);
    CHECK(both->by == 1ms);
    CHECK(offsets.look(readings(1'000h, 10h, 10h)).value().by == -1ms);
}

TEST_CASE("the real clocks do not jump by being read") {
    ClockOffsets offsets(read_clocks());
    for (int i = 0; i < 1'000; i++) CHECK(!offsets.look(read_clocks()));
}

TEST_CASE("a jump is told to the inbox with its length, and nothing when there was none") {
    Loop loop;
    Events events;
    auto now = readings(1'000h, 10h, 12h);
    SystemClock clock(loop, events, [&] { return now; });
    clock.look_for_jump();
    CHECK(events.all.empty());
    now.wall += 25h;
    clock.look_for_jump();
    REQUIRE(events.all.size() == 1);
    CHECK(std::get<ports::WallClockJumped>(events.all[0]).by == 25h);
}

TEST_CASE("a wish to be woken gives one turn at its time, and replaces the wish before") {
    Loop loop;
    Events events;
    SystemClock clock(loop, events);
    Instant start = clock.now();
    std::vector<Duration> turns;
    loop.before_sleep([&] {
        turns.push_back(clock.now() - start);
        if (turns.size() == 1) {
            clock.wake_at(start + 10s);
            clock.wake_at(start + 30ms);
        }
        if (turns.size() == 2) loop.stop();
    });
    loop.run();
    CHECK(turns.at(1) >= 30ms);
    CHECK(turns.at(1) < 5s);
}

TEST_CASE("a wish taken back wakes nobody") {
    Loop loop;
    Events events;
    SystemClock clock(loop, events);
    int turns = 0;
    clock.wake_at(clock.now() + 5ms);
    clock.wake_at({});
    loop.before_sleep([&] { turns++; });
    loop.at(clock.now() + 40ms, [&] { loop.stop(); });
    loop.run();
    CHECK(turns == 1);
}

// Sets the machine's clock (by 5 ms), so only on request and as root.
TEST_CASE("setting the wall clock is told" * doctest::skip(!std::getenv("LARES_TEST_SET_CLOCK"))) {
    Loop loop;
    Events events;
    SystemClock clock(loop, events);
    for (std::size_t time = 1; time <= 2; time++) {
        loop.post([] {
            timespec now;
            ::clock_gettime(CLOCK_REALTIME, &now);
            now.tv_nsec += now.tv_nsec < 990'000'000 ? 5'000'000 : -5'000'000;
            ::clock_settime(CLOCK_REALTIME, &now);
        });
        loop.at(Loop::now() + 2s, [&] { loop.stop(); });
        loop.before_sleep([&] {
            if (events.all.size() >= time) loop.stop();
        });
        loop.run();
        CHECK(events.all.size() == time);
    }
}
