// os/worker_test.cc: work elsewhere, answers here.

#include "os/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>

using namespace lares;
using namespace lares::os;

TEST_CASE("work runs on another thread in order, and done on the loop's") {
    Loop loop;
    Worker worker(loop);
    auto here = std::this_thread::get_id();
    std::string order;  // written by work only until its done, which the loop orders after it
    std::thread::id first, second;
    worker.run(
        [&] {
            first = std::this_thread::get_id();
            order += 'a';
        },
        [&] { CHECK(std::this_thread::get_id() == here); });
    worker.run(
        [&] {
            second = std::this_thread::get_id();
            order += 'b';
        },
        [&] { loop.stop(); });
    loop.run();
    CHECK(order == "ab");
    CHECK(first == second);
    CHECK(first != here);
}

TEST_CASE("done may ask for more work") {
    Loop loop;
    Worker worker(loop);
    int steps = 0;
    worker.run([&] { steps++; }, [&] { worker.run([&] { steps++; }, [&] { loop.stop(); }); });
    loop.run();
    CHECK(steps == 2);
}

TEST_CASE("the worker ends only after the work under way") {
    Loop loop;
    std::atomic<bool> begun = false;
    bool finished = false;
    {
        Worker worker(loop);
        worker.run(
            [&] {
                begun = true;
                finished = true;
            },
            [] {});
        while (!begun) std::this_thread::yield();
    }
    CHECK(finished);
}
