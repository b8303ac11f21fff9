// os/signals_test.cc: signals arrive as events.

#include "os/signals.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

using namespace lares;
using namespace lares::os;

namespace {

struct Numbers : ports::Inbox {
    explicit Numbers(Loop& the_loop) : loop(the_loop) {}
    Loop& loop;
    std::vector<int> all;
    void push(ports::Event event) override {
        all.push_back(std::get<ports::SignalReceived>(event).number);
        loop.stop();
    }
};

}  // namespace

TEST_CASE("every handled signal becomes an event, and PIPE is ignored") {
    block_signals();
    ::kill(::getpid(), SIGPIPE);
    Loop loop;
    Numbers numbers(loop);
    int children = 0;
    SignalSource source(loop, numbers, [&] { children++; });
    std::vector<int> sent = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};
    for (int number : sent) {
        ::kill(::getpid(), number);
        loop.run();
    }
    CHECK(numbers.all == sent);
    CHECK(children == 1);
}
