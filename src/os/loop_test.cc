// os/loop_test.cc: what every other part may rely on when it gives the loop something to do.

#include "os/loop.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "os/fd.h"

using namespace lares;
using namespace lares::os;
using namespace std::chrono_literals;

namespace {

Pipe a_pipe() { return std::move(make_pipe()).take(); }

}  // namespace

TEST_CASE("posted actions run in the order they were posted") {
    Loop loop;
    std::string order;
    loop.post([&] { order += 'a'; });
    loop.post([&] { order += 'b'; });
    loop.post([&] { loop.stop(); });
    loop.run();
    CHECK(order == "ab");
}

TEST_CASE("another thread's post wakes the loop") {
    Loop loop;
    std::thread other([&] { loop.post([&] { loop.stop(); }); });
    loop.run();
    other.join();
}

TEST_CASE("timers run in the order of their time, never early, and not when cancelled") {
    Loop loop;
    std::vector<int> order;
    Instant start = Loop::now();
    loop.at(start + 20ms, [&] {
        order.push_back(20);
        CHECK(Loop::now() >= start + 20ms);
        loop.stop();
    });
    TimerId cancelled = loop.at(start + 5ms, [&] { order.push_back(5); });
    loop.at(start + 10ms, [&] { order.push_back(10); });
    loop.at(start - 10ms, [&] { order.push_back(-10); });
    loop.cancel(cancelled);
    loop.cancel(cancelled);
    loop.cancel(TimerId::none);
    loop.run();
    CHECK(order == std::vector{-10, 10, 20});
}

TEST_CASE("an earlier timer set later is not held up by a far one") {
    Loop loop;
    loop.at(Instant::max(), [] { FAIL("never"); });
    bool slept = false;
    std::atomic<bool> done = false;
    loop.before_sleep([&] {
        // What is posted here runs when the far timer is armed already.
        if (!slept) loop.post([&] { loop.at(Loop::now() + 5ms, [&] { loop.stop(); }); });
        slept = true;
    });
    std::thread rescue([&] {
        for (int i = 0; i < 200 && !done; i++) std::this_thread::sleep_for(10ms);
        loop.post([&] { loop.stop(); });
    });
    Instant start = Loop::now();
    loop.run();
    done = true;
    CHECK(Loop::now() - start < 1s);
    rescue.join();
}

TEST_CASE("a timer may cancel another one that is due in the same turn") {
    Loop loop;
    bool ran = false;
    TimerId second = TimerId::none;
    Instant due = Loop::now() + 2ms;
    loop.at(due, [&] { loop.cancel(second); });
    second = loop.at(due, [&] { ran = true; });
    loop.at(due + 3ms, [&] { loop.stop(); });
    loop.run();
    CHECK(!ran);
}

TEST_CASE("a readable descriptor is told again until it was read") {
    Loop loop;
    Pipe pipe = a_pipe();
    REQUIRE(::write(pipe.write.get(), "abc", 3) == 3);
    std::string got;
    loop.on_readable(pipe.read.get(), [&] {
        char c;
        REQUIRE(::read(pipe.read.get(), &c, 1) == 1);
        got += c;
        if (got == "abc") loop.stop();
    });
    loop.run();
    CHECK(got == "abc");
    loop.forget(pipe.read.get());
}

TEST_CASE("a hang-up counts as readable") {
    Loop loop;
    Pipe pipe = a_pipe();
    loop.on_readable(pipe.read.get(), [&] { loop.stop(); });
    loop.post([&] { pipe.write.reset(); });
    loop.run();
    loop.forget(pipe.read.get());
}

TEST_CASE(
    "a descriptor forgotten in its own action is not told again, and its number may be reused") {
    Loop loop;
    int told = 0;
    Pipe first = a_pipe();
    REQUIRE(::write(first.write.get(), "x", 1) == 1);
    int number = first.read.get();
    Pipe second;
    loop.on_readable(number, [&, keep = std::string(100, 'k')] {
        told++;
        loop.forget(number);
        first.read.reset();
        second = a_pipe();  // takes the number just freed
        CHECK(second.read.get() == number);
        loop.on_readable(second.read.get(), [&] { loop.stop(); });
        loop.post([&] { CHECK(::write(second.write.get(), "y", 1) == 1); });
        CHECK(keep.size() == 100);  // the action outlives its registration
    });
    loop.run();
    CHECK(told == 1);
    loop.forget(number);
}

TEST_CASE("what was forgotten while it waited does not wake who has its number now") {
    Loop loop;
    Pipe first = a_pipe();
    Pipe second;
    int number = first.read.get();
    loop.on_readable(number, [] { FAIL("nothing was written"); });
    loop.post([&] {
        loop.forget(number);
        first.read.reset();
        second = a_pipe();
        REQUIRE(second.read.get() == number);
        loop.on_readable(number, [] { FAIL("nothing was written"); });
        loop.at(Loop::now() + 10ms, [&] { loop.stop(); });
    });
    loop.run();
    loop.forget(number);
}

TEST_CASE("a timer for a time before this boot runs at once") {
    Loop loop;
    loop.at(Instant{} - 1h, [&] { loop.stop(); });
    loop.run();
}

TEST_CASE("reading and writing sides of one descriptor are told apart") {
    Loop loop;
    Pipe pipe = a_pipe();
    std::string order;
    loop.on_writable(pipe.write.get(), [&] {
        order += 'w';
        CHECK(::write(pipe.write.get(), "x", 1) == 1);
        loop.forget(pipe.write.get());
    });
    loop.on_readable(pipe.read.get(), [&] {
        order += 'r';
        loop.stop();
    });
    loop.run();
    CHECK(order == "wr");
    loop.forget(pipe.read.get());
}

TEST_CASE(
    "the turn before sleeping comes once for a batch, and what it posts runs before the sleep") {
    Loop loop;
    int turns = 0;
    int actions = 0;
    for (int i = 0; i < 3; i++) loop.post([&] { actions++; });
    loop.before_sleep([&] {
        turns++;
        CHECK(actions >= 3);
        if (turns == 1) loop.post([&] { actions++; });
        if (turns == 2) loop.stop();
    });
    loop.run();
    CHECK(actions == 4);
    CHECK(turns == 2);
}

TEST_CASE("an idle loop does not wake") {
    Loop loop;
    int turns = 0;
    loop.before_sleep([&] { turns++; });
    loop.at(Loop::now() + 50ms, [&] { loop.stop(); });
    loop.run();
    CHECK(turns == 1);
    CHECK(loop.wake_ups() <= 1);
}

TEST_CASE("a stopped loop runs again, with what was left for it") {
    Loop loop;
    int ran = 0;
    loop.post([&] { loop.stop(); });
    loop.post([&] {
        ran++;
        loop.stop();
    });
    loop.run();
    CHECK(ran == 0);
    loop.run();
    CHECK(ran == 1);
}
