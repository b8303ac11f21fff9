// daemon/event_payloads_test.cc: payloads, byte by byte as the reference has them.

#include "daemon/event_payloads.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::daemon;
using supervise::Announce;
using supervise::State;

TEST_CASE("state changes carry their fields in supervisord's order") {
    payloads::Whose quick{"quick", "group"};
    auto say = [&](Announce const& change, int pid = 7) {
        return std::string(events::name(payloads::state_event(change.to))) + " " +
               payloads::state_change(quick, change, pid);
    };
    std::string who = " processname:quick groupname:group from_state:";
    CHECK(say({.from = State::backoff, .to = State::starting, .tries = 1}) ==
          "PROCESS_STATE_STARTING" + who + "BACKOFF tries:1");
    CHECK(say({.from = State::starting, .to = State::backoff, .tries = 2}) ==
          "PROCESS_STATE_BACKOFF" + who + "STARTING tries:2");
    CHECK(say({.from = State::starting, .to = State::running}) ==
          "PROCESS_STATE_RUNNING" + who + "STARTING pid:7");
    CHECK(say({.from = State::running, .to = State::stopping}) ==
          "PROCESS_STATE_STOPPING" + who + "RUNNING pid:7");
    CHECK(say({.from = State::backoff, .to = State::stopped}, 0) ==
          "PROCESS_STATE_STOPPED" + who + "BACKOFF pid:0");
    CHECK(say({.from = State::running, .to = State::exited, .expected = false}) ==
          "PROCESS_STATE_EXITED" + who + "RUNNING expected:0 pid:7");
    CHECK(say({.from = State::running, .to = State::exited, .expected = true}) ==
          "PROCESS_STATE_EXITED" + who + "RUNNING expected:1 pid:7");
    CHECK(say({.from = State::backoff, .to = State::fatal}) ==
          "PROCESS_STATE_FATAL" + who + "BACKOFF");
}

TEST_CASE("the other payloads") {
    payloads::Whose cap{"cap", "caps"};
    CHECK(payloads::log(cap, 12, true, "a\n") ==
          "processname:cap groupname:caps pid:12 channel:stdout\na\n");
    CHECK(payloads::log(cap, 12, false, "") ==
          "processname:cap groupname:caps pid:12 channel:stderr\n");
    CHECK(payloads::communication(cap, 12, "in") == "processname:cap groupname:caps pid:12\nin");
    CHECK(payloads::remote("mytype", "x y") == "type:mytype\nx y");
    CHECK(payloads::tick(1795326735) == "when:1795326735");
    CHECK(payloads::group("ok0") == "groupname:ok0\n");
}

TEST_CASE("bytes that are no UTF-8 are replaced, one mark for each faulty sequence") {
    CHECK(payloads::clean("plain é€") == "plain é€");
    CHECK(payloads::clean("a\xFFz") == "a\xEF\xBF\xBDz");
    CHECK(payloads::clean("\xE2\x82") == "\xEF\xBF\xBD");
    CHECK(payloads::clean("") == "");
}

TEST_CASE("the last bytes begin with a whole character") {
    CHECK(payloads::last_bytes("abc", 3) == "abc");
    CHECK(payloads::last_bytes("abcd", 3) == "bcd");
    CHECK(payloads::last_bytes("a€b", 3) == "b");
    CHECK(payloads::last_bytes("a€b", 4) == "€b");
}
