// cli/down_test.cc: `lares down` waits until the daemon is really gone.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

/// A daemon of pid 100 that after `turns` pauses closes its socket and one later ends.
void let_end_after(Machine& machine, int turns) {
    machine.alive = {100};
    machine.daemon.answer("supervisor.shutdown", true);
    machine.daemon.trouble = [&machine, turns]() -> std::optional<Error> {
        if (machine.pauses >= turns) return Error{Error::Kind::not_found, "gone"};
        return std::nullopt;
    };
    machine.on_pause = [&machine, turns](int turn) {
        if (turn > turns) machine.alive.clear();
    };
}

TEST_CASE("down waits for the socket and then for the process") {
    Machine machine;
    machine.daemon.answer("lares.status",
                          status_value({{.group = "web", .name = "web", .pid = 1}}));
    let_end_after(machine, 3);
    CHECK(machine.run({"down"}) == 0);
    CHECK(machine.out == "the daemon (pid 100) has ended\n");
    CHECK(machine.pauses == 4);
    CHECK(machine.daemon.count_of("supervisor.shutdown") == 1);
}

TEST_CASE("on a terminal down says what it waits for, and clears that line") {
    Machine machine;
    machine.terminal = {.is_tty = true, .columns = 30, .rows = 24};
    machine.daemon.methods["lares.status"] = [&](auto const&) {
        std::int64_t const pid = machine.pauses < 1 ? 7 : 0;
        return text::XmlRpcAnswer(
            status_value({{.group = "db", .name = "db", .pid = pid},
                          {.group = "old", .name = "old", .state = "STOPPED"},
                          {.group = "web", .name = "web", .state = "STOPPING", .pid = pid}}));
    };
    let_end_after(machine, 3);
    CHECK(machine.run({"down"}) == 0);
    CHECK(machine.out ==
          "\rwaiting for db, web to stop\x1b[K"
          "\rwaiting for web to stop\x1b[K"
          "\r\x1b[K"
          "the daemon (pid 100) has ended\n");
}

TEST_CASE("many names are cut to the window") {
    Machine machine;
    machine.terminal = {.is_tty = true, .columns = 20, .rows = 24};
    machine.daemon.answer(
        "lares.status", status_value({{.group = "a-long-name", .name = "a-long-name", .pid = 1}}));
    let_end_after(machine, 1);
    machine.run({"down"});
    CHECK(machine.out.starts_with("\rwaiting for a-lo...\x1b[K\r"));
}

TEST_CASE("a daemon that is going down already is waited for all the same") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}));
    let_end_after(machine, 1);
    machine.daemon.fault("supervisor.shutdown", 6, "SHUTDOWN_STATE");
    CHECK(machine.run({"down"}) == 0);
}

TEST_CASE("down --no-wait only asks") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}));
    machine.daemon.answer("supervisor.shutdown", true);
    CHECK(machine.run({"down", "--no-wait"}) == 0);
    CHECK(machine.out == "the daemon (pid 100) is ending\n");
    CHECK(machine.pauses == 0);
    CHECK(machine.run({"down", "--no-wait", "--json"}) == 0);
    CHECK(machine.out == "{\"pid\":100,\"gone\":false}\n");
}

TEST_CASE("down without a daemon exits with 3") {
    Machine machine;
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::not_found, "x"}); };
    CHECK(machine.run({"down"}) == 3);
}

TEST_CASE("a refused shutdown is a failure and nothing is waited for") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}));
    machine.daemon.fault("supervisor.shutdown", 2, "INCORRECT_PARAMETERS");
    CHECK(machine.run({"down"}) == 1);
    CHECK(machine.pauses == 0);
}

TEST_CASE("a process that does not end after its socket is given up on after ten seconds") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}));
    let_end_after(machine, 1);
    machine.on_pause = [](int) {};
    CHECK(machine.run({"down"}) == 1);
    CHECK(machine.err == "lares: the daemon no longer answers, but pid 100 has not ended\n");
    CHECK(machine.pauses == 101);
}

TEST_CASE("of a daemon on another machine only the silence is waited for") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}));
    let_end_after(machine, 1);
    CHECK(machine.run({"-s", "http://h:1", "down"}) == 0);
    CHECK(machine.pauses == 1);
}

}  // namespace
}  // namespace lares::cli
