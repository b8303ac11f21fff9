// base/signals_test.cc: names of signals, both ways.

#include "base/signals.h"

#include <doctest/doctest.h>

#include <csignal>

using namespace lares;

TEST_CASE("a signal is named with or without SIG, in any case, or by its number") {
    for (auto text : {"TERM", "SIGTERM", "term", "sigTerm", "15", " TERM "})
        CHECK(signal_number(text) == SIGTERM);
    CHECK(signal_number("USR1") == SIGUSR1);
    CHECK(signal_number("CLD") == SIGCHLD);
    CHECK(signal_number("IO") == SIGPOLL);
}

TEST_CASE("real-time signals are counted from either end") {
    CHECK(signal_number("RTMIN") == SIGRTMIN);
    CHECK(signal_number("SIGRTMIN+3") == SIGRTMIN + 3);
    CHECK(signal_number("rtmax-1") == SIGRTMAX - 1);
    CHECK(signal_number(std::to_string(SIGRTMAX)) == SIGRTMAX);
    for (auto text : {"RTMIN+99", "RTMAX-99", "RTMIN-1", "RTMIN+", "RTMIN+-1", "RTMAX+1"})
        CHECK_FALSE(signal_number(text));
}

TEST_CASE("what this platform does not know is no signal") {
    for (auto text : {"", "FOO", "SIG", "SIGSIGTERM", "0", "99", "-15", "INT TERM", "15x", "32",
                      "99999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(signal_number(text));
    }
}

TEST_CASE("a number is shown by the name that supervisord shows") {
    CHECK(signal_name(SIGTERM) == "SIGTERM");
    CHECK(signal_name(SIGABRT) == "SIGABRT");
    CHECK(signal_name(SIGCHLD) == "SIGCHLD");
    CHECK(signal_name(SIGPOLL) == "SIGPOLL");
    CHECK(signal_name(SIGRTMIN) == "SIGRTMIN");
    CHECK(signal_name(SIGRTMIN + 3) == "SIGRTMIN+3");
    CHECK(signal_name(SIGRTMAX) == "SIGRTMAX");
    CHECK(signal_name(99) == "signal 99");
    CHECK(signal_name(0) == "signal 0");
}

TEST_CASE("every name leads back to its number") {
    for (int number = 1; number <= 64; ++number)
        if (auto known = signal_number(std::to_string(number)))
            CHECK(signal_number(signal_name(*known)) == number);
}
