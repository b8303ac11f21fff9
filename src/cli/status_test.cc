// cli/status_test.cc: `lares status`, once and staying, and `lares pid`.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

std::vector<FakeProcess> const three = {
    {.group = "db", .name = "db", .state = "FATAL", .restarts = 3, .why = "exited with 1"},
    {.group = "site", .name = "web", .pid = 42, .uptime = 3725},
    {.group = "sync", .name = "sync", .state = "STOPPED", .waits_for = "db (FATAL)"}};

char const* const table =
    "NAME      STATE    PID  UPTIME   RESTARTS  WHY\n"
    "db        FATAL      -  -               3  exited with 1\n"
    "site:web  RUNNING   42  1:02:05         0\n"
    "sync      STOPPED    -  -               0  waiting for db (FATAL)\n";

Machine machine_with(std::vector<FakeProcess> const& processes) {
    Machine machine;
    machine.daemon.answer("lares.status", status_value(processes));
    return machine;
}

/// Each question gets the next answer; the last one stays.
void answer_in_turn(Machine& machine, std::vector<std::vector<FakeProcess>> answers) {
    machine.daemon.methods["lares.status"] = [answers, turn = std::size_t(0)](auto const&) mutable {
        std::size_t const now = std::min(turn++, answers.size() - 1);
        return text::XmlRpcAnswer(status_value(answers[now]));
    };
}

TEST_CASE("status shows every process in the daemon's order, in one write") {
    Machine machine = machine_with(three);
    CHECK(machine.run({"status"}) == 0);
    CHECK(machine.out == table);
    CHECK(machine.writes.size() == 1);
    CHECK(machine.err.empty());
    CHECK(machine.daemon.params_of("lares.status").starts_with("[[],[\"name\","));
    CHECK(machine.daemon.requests.at(0).server == "unix:///run/lares.sock");
}

TEST_CASE("status passes names and globs on as they are") {
    Machine machine = machine_with({});
    machine.run({"status", "web", "g:*", "[ab]?"});
    CHECK(machine.daemon.params_of("lares.status")
              .starts_with("[[\"web\",\"g:*\",\"[ab]?\"],[\"name\","));
}

TEST_CASE("status of a name that means nothing complains, with the nearest, and exits with 1") {
    Machine machine;
    machine.daemon.methods["lares.status"] = [](auto const& params) {
        bool const all = params[0].array()->empty();
        return text::XmlRpcAnswer(all ? status_value(three)
                                      : status_value({three[0]}, {"snc", "q*"}));
    };
    CHECK(machine.run({"status", "db", "snc", "q*"}) == 1);
    CHECK(machine.out.starts_with("NAME"));
    CHECK(machine.err ==
          "lares: no process matches 'snc'; did you mean 'sync'?\n"
          "lares: no process matches 'q*'\n");
}

TEST_CASE("status --fail exits with 1 when something is FATAL, in BACKOFF or not ready") {
    CHECK(machine_with(three).run({"status", "--fail"}) == 1);
    for (char const* state : {"FATAL", "BACKOFF", "STARTING"})
        CHECK(
            machine_with({{.group = "a", .name = "a", .state = state}}).run({"status", "--fail"}) ==
            1);
    for (char const* state : {"RUNNING", "STOPPED", "EXITED"})
        CHECK(
            machine_with({{.group = "a", .name = "a", .state = state}}).run({"status", "--fail"}) ==
            0);
}

TEST_CASE("status without --fail exits with 0 whatever the states are") {
    CHECK(machine_with(three).run({"status"}) == 0);
}

TEST_CASE("status of an empty configuration says so") {
    Machine machine = machine_with({});
    CHECK(machine.run({"status"}) == 0);
    CHECK(machine.out == "no program is configured\n");
}

TEST_CASE("status --json gives what the daemon sent, in one line, indented on a terminal") {
    Machine machine = machine_with(three);
    CHECK(machine.run({"status", "--json"}) == 0);
    CHECK(machine.out == text::to_json(status_value(three)) + "\n");
    machine.terminal.is_tty = true;
    CHECK(machine.run({"status", "--json"}) == 0);
    CHECK(machine.out == text::to_json(status_value(three), 2) + "\n");
}

TEST_CASE("status is coloured on a terminal only, and not against NO_COLOR or --no-color") {
    Machine machine = machine_with(three);
    machine.terminal.is_tty = true;
    machine.run({"status"});
    CHECK(machine.out.find("\x1b[31mdb ") != std::string::npos);
    CHECK(machine.out.find("\x1b[33msync ") != std::string::npos);
    machine.run({"status", "--no-color"});
    CHECK(machine.out == table);
    machine.environment = {{"NO_COLOR", "1"}};
    machine.run({"status"});
    CHECK(machine.out == table);
    machine.environment = {{"NO_COLOR", ""}};
    machine.run({"status"});
    CHECK(machine.out != table);
}

TEST_CASE("status -w draws over its picture each second and ends cleanly with Ctrl-C") {
    Machine machine;
    machine.terminal = {.is_tty = true, .columns = 80, .rows = 24};
    answer_in_turn(
        machine, {{{.group = "a", .name = "a"}}, {{.group = "a", .name = "a", .state = "FATAL"}}});
    machine.pauses_left = 1;
    CHECK(machine.run({"status", "-w"}) == 0);
    CHECK(machine.interrupt_caught);
    REQUIRE(machine.writes.size() == 4);
    CHECK(machine.writes[0] == "\x1b[?25l");
    CHECK(machine.writes[1].starts_with(
        "\x1b[2Ksupervisor (pid 100) RUNNING: 1 process: 1 RUNNING\n"));
    CHECK(machine.writes[2].starts_with(
        "\r\x1b[3A\x1b[2Ksupervisor (pid 100) RUNNING: 1 process: 1 FATAL"));
    CHECK(machine.writes[2].find("\x1b[31ma     FATAL") != std::string::npos);
    CHECK(machine.writes[3] == "\x1b[?25h");
}

TEST_CASE("status -w begins a clean screen when the window has changed its size") {
    Machine machine = machine_with(three);
    machine.terminal = {.is_tty = true, .columns = 80, .rows = 24};
    machine.pauses_left = 1;
    machine.on_pause = [&](int) { machine.terminal.columns = 40; };
    machine.run({"status", "-w"});
    CHECK(machine.writes[2].starts_with("\x1b[2J\x1b[H\x1b[2Ksupervisor"));
}

TEST_CASE("status -w goes on through a restart of the daemon") {
    Machine machine = machine_with(three);
    machine.terminal = {.is_tty = true, .columns = 80, .rows = 24};
    machine.pauses_left = 2;
    bool gone = false;
    machine.on_pause = [&](int turn) { gone = turn == 1; };
    machine.daemon.trouble = [&]() -> std::optional<Error> {
        if (gone) return Error{Error::Kind::unavailable, "connection refused"};
        return std::nullopt;
    };
    CHECK(machine.run({"status", "-w"}) == 0);
    CHECK(machine.writes[2].find("lares: connection refused; trying again") != std::string::npos);
    CHECK(machine.writes[2].find("site:web") != std::string::npos);
    CHECK(machine.writes[3].find("supervisor (pid 100)") != std::string::npos);
}

TEST_CASE("status -w with nobody listening ends at once with 3") {
    Machine machine;
    machine.terminal.is_tty = true;
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::unavailable, "x"}); };
    CHECK(machine.run({"status", "-w"}) == 3);
    CHECK(machine.out.empty());
}

TEST_CASE("status -w of an unknown name ends at once with 1") {
    Machine machine;
    machine.daemon.answer("lares.status", status_value({}, {"nope"}));
    CHECK(machine.run({"status", "-w", "nope"}) == 1);
    CHECK(machine.pauses == 0);
}

TEST_CASE("status -w into a file writes the table once and then changes as lines") {
    Machine machine;
    std::vector<FakeProcess> later = three;
    later[0].state = "RUNNING";
    later[0].pid = 43;
    later[0].why = "";
    answer_in_turn(machine, {three, three, later});
    machine.pauses_left = 4;
    CHECK(machine.run({"status", "-w"}) == 0);
    CHECK(machine.out == std::string(table) + "db: FATAL -> RUNNING, pid 43\n");
}

TEST_CASE("status -w into a file says once that the daemon has gone") {
    Machine machine = machine_with(three);
    machine.pauses_left = 3;
    machine.daemon.trouble = [&]() -> std::optional<Error> {
        if (machine.pauses > 0) return Error{Error::Kind::unavailable, "connection refused"};
        return std::nullopt;
    };
    CHECK(machine.run({"status", "-w"}) == 0);
    CHECK(machine.err == "lares: connection refused; trying again\n");
}

TEST_CASE("status -w --json writes the whole status, a line each time something changed") {
    Machine machine;
    std::vector<FakeProcess> later = three;
    later[1].pid = 43;
    answer_in_turn(machine, {three, three, later, later});
    machine.terminal.is_tty = true;
    machine.pauses_left = 3;
    CHECK(machine.run({"status", "-w", "--json"}) == 0);
    CHECK(machine.out ==
          text::to_json(status_value(three)) + "\n" + text::to_json(status_value(later)) + "\n");
}

TEST_CASE("pid without a name is the daemon's") {
    Machine machine;
    machine.daemon.answer("supervisor.getPID", 4711);
    CHECK(machine.run({"pid"}) == 0);
    CHECK(machine.out == "4711\n");
    CHECK(machine.run({"pid", "--json"}) == 0);
    CHECK(machine.out == "{\"pid\":4711}\n");
}

TEST_CASE("pid of processes is a line each, and none for those that do not run") {
    Machine machine = machine_with(three);
    CHECK(machine.run({"pid", "all"}) == 1);
    CHECK(machine.out == "42\n");
    CHECK(machine.err == "lares: db does not run: FATAL\nlares: sync does not run: STOPPED\n");
    machine.daemon.answer("lares.status", status_value({three[1]}));
    CHECK(machine.run({"pid", "web"}) == 0);
    CHECK(machine.run({"pid", "web", "--json"}) == 0);
    CHECK(machine.out == "[{\"name\":\"web\",\"group\":\"site\",\"pid\":42}]\n");
    machine.daemon.answer("lares.status", status_value({}, {"nope"}));
    CHECK(machine.run({"pid", "nope"}) == 1);
    CHECK(machine.out.empty());
}

}  // namespace
}  // namespace lares::cli
