// cli/act_test.cc: the commands that change something, and what they say about it.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

TEST_CASE("start says what was started and passes the names on") {
    Machine machine;
    machine.daemon.answer(
        "lares.start", text::Array{outcome("web", "web", 80, "OK"), outcome("a", "g", 80, "OK")});
    CHECK(machine.run({"start", "web", "g:*"}) == 0);
    CHECK(machine.out == "web: started\ng:a: started\n");
    CHECK(machine.daemon.params_of("lares.start") == "[[\"web\",\"g:*\"],true]");
}

TEST_CASE("with --no-wait nothing is waited for, and the words say so") {
    Machine machine;
    for (char const* method : {"lares.start", "lares.stop", "lares.restart"})
        machine.daemon.answer(method, text::Array{outcome("web", "web", 80, "OK")});
    CHECK(machine.run({"start", "--no-wait", "web"}) == 0);
    CHECK(machine.out == "web: starting\n");
    CHECK(machine.run({"stop", "--no-wait", "web"}) == 0);
    CHECK(machine.out == "web: stopping\n");
    CHECK(machine.run({"restart", "--no-wait", "web"}) == 0);
    CHECK(machine.out == "web: restarting\n");
    CHECK(machine.daemon.params_of("lares.stop") == "[[\"web\"],false]");
    CHECK(machine.daemon.params_of("lares.restart") == "[[\"web\"],false,false]");
}

TEST_CASE("restart --rolling asks for one by one") {
    Machine machine;
    machine.daemon.answer("lares.restart", text::Array{outcome("web", "web", 80, "OK")});
    CHECK(machine.run({"restart", "--rolling", "all"}) == 0);
    CHECK(machine.out == "web: restarted\n");
    CHECK(machine.daemon.params_of("lares.restart") == "[[\"all\"],true,true]");
}

TEST_CASE("what is already as it was wanted is no failure") {
    Machine machine;
    machine.daemon.answer("lares.start",
                          text::Array{outcome("web", "web", 60, "ALREADY_STARTED: web")});
    CHECK(machine.run({"start", "web"}) == 0);
    CHECK(machine.out == "web: already running\n");
    machine.daemon.answer("lares.stop", text::Array{outcome("web", "web", 70, "NOT_RUNNING: web")});
    CHECK(machine.run({"stop", "web"}) == 0);
    CHECK(machine.out == "web: was not running\n");
}

TEST_CASE("a failed start exits with 1, says why, and does not hide what went well") {
    Machine machine;
    machine.daemon.answer(
        "lares.start",
        text::Array{outcome("a", "a", 80, "OK"), outcome("web", "web", 50, "SPAWN_ERROR: web")});
    machine.daemon.answer("lares.status",
                          status_value({{.group = "web",
                                         .name = "web",
                                         .state = "BACKOFF",
                                         .why = "exited with 1 before startsecs"}}));
    CHECK(machine.run({"start", "all"}) == 1);
    CHECK(machine.out == "a: started\n");
    CHECK(machine.err ==
          "lares: web: not started: could not be started: exited with 1 before startsecs\n");
    CHECK(machine.daemon.params_of("lares.status").starts_with("[[\"web\"],[\"name\","));
}

TEST_CASE("a fault that repeats the name only is told with the reason instead") {
    Machine machine;
    machine.daemon.answer(
        "lares.status",
        status_value({{.group = "web", .name = "web_0", .state = "FATAL", .why = "gave up"}}));
    for (char const* words : {"FAILED: web:web_0", "FAILED: web_0", "FAILED"}) {
        machine.daemon.answer("lares.start", text::Array{outcome("web_0", "web", 30, words)});
        CHECK(machine.run({"start", "web:*"}) == 1);
        CHECK(machine.err == "lares: web:web_0: not started: failed: gave up\n");
    }
}

TEST_CASE("of a start that failed the reason is told rather than supervisord's words for it") {
    Machine machine;
    machine.daemon.answer(
        "lares.status",
        status_value(
            {{.group = "web", .name = "web", .state = "BACKOFF", .why = "exited with 1"}}));
    machine.daemon.answer(
        "lares.start", text::Array{outcome("web", "web", 50, "SPAWN_ERROR: Exited too quickly")});
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: web: not started: could not be started: exited with 1\n");
    machine.daemon.answer("lares.status", status_value({}));
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: web: not started: could not be started: Exited too quickly\n");
}

TEST_CASE("a fault's own words are shown when it has some") {
    Machine machine;
    machine.daemon.answer(
        "lares.start", text::Array{outcome("web", "web", 20, "NO_FILE: can't find command 'x'")});
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: web: not started: no such file: can't find command 'x'\n");
    machine.daemon.answer("lares.start", text::Array{outcome("web", "web", 999, "NEW THING")});
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: web: not started: NEW THING\n");
}

TEST_CASE("a pattern that matches nothing exits with 1 and names the nearest") {
    Machine machine;
    machine.daemon.answer("lares.stop", text::Array{outcome("wbe", "", 10, "BAD_NAME: wbe")});
    machine.daemon.answer("lares.status", status_value({{.group = "web", .name = "web"}}));
    CHECK(machine.run({"stop", "wbe"}) == 1);
    CHECK(machine.err == "lares: no process matches 'wbe'; did you mean 'web'?\n");
    CHECK(machine.out.empty());
}

TEST_CASE("signal sends its first word, and what does not run is a failure") {
    Machine machine;
    machine.daemon.answer("lares.signal", text::Array{outcome("web", "web", 80, "OK"),
                                                      outcome("db", "db", 70, "NOT_RUNNING: db")});
    machine.daemon.answer("lares.status", status_value({}));
    CHECK(machine.run({"signal", "HUP", "web", "db"}) == 1);
    CHECK(machine.out == "web: signalled\n");
    CHECK(machine.err == "lares: db: not signalled: not running\n");
    CHECK(machine.daemon.params_of("lares.signal") == "[[\"web\",\"db\"],\"HUP\"]");
}

TEST_CASE("--json gives the outcomes as they were sent, and the same exit status") {
    Machine machine;
    text::Value const sent = text::Array{outcome("web", "web", 50, "SPAWN_ERROR: web")};
    machine.daemon.answer("lares.start", sent);
    CHECK(machine.run({"start", "--json", "web"}) == 1);
    CHECK(machine.out == text::to_json(sent) + "\n");
}

TEST_CASE("a daemon that shuts down refuses with its reason") {
    Machine machine;
    machine.daemon.fault("lares.start", 6, "SHUTDOWN_STATE");
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: the daemon is shutting down\n");
}

TEST_CASE("an answer of another shape is an error, not a crash") {
    Machine machine;
    machine.daemon.answer("lares.start", "nonsense");
    CHECK(machine.run({"start", "web"}) == 1);
    CHECK(machine.err == "lares: the server's answer is not a list of outcomes\n");
}

TEST_CASE("scale takes a number from 0") {
    Machine machine;
    machine.daemon.answer("lares.scale", true);
    CHECK(machine.run({"scale", "worker", "4"}) == 0);
    CHECK(machine.out == "worker: 4 processes\n");
    CHECK(machine.daemon.params_of("lares.scale") == "[\"worker\",4]");
    CHECK(machine.run({"scale", "--json", "worker", "1"}) == 0);
    CHECK(machine.out == "{\"program\":\"worker\",\"processes\":1}\n");
    for (char const* count : {"many", "99999999", "1.5"}) {
        CHECK(machine.run({"scale", "worker", count}) == 2);
        CHECK(machine.err.ends_with("is no number of processes; it must be 0 to 20000\n"));
    }
    CHECK(machine.run({"scale", "worker", "--", "-1"}) == 2);
    CHECK(machine.daemon.count_of("lares.scale") == 2);
    CHECK(machine.run({"scale", "worker", "0"}) == 0);
}

TEST_CASE("scale of an unknown program and one that cannot be scaled are told apart") {
    Machine machine;
    machine.daemon.fault("lares.scale", 10, "BAD_NAME: nope");
    CHECK(machine.run({"scale", "nope", "4"}) == 1);
    CHECK(machine.err == "lares: no program is called 'nope'\n");
    machine.daemon.fault("lares.scale", 30, "FAILED: process_name has no %(process_num)s");
    CHECK(machine.run({"scale", "web", "4"}) == 1);
    CHECK(machine.err == "lares: failed: process_name has no %(process_num)s\n");
}

TEST_CASE("version tells this command's and the daemon's") {
    Machine machine;
    machine.daemon.answer("lares.version", "0.2.0");
    CHECK(machine.run({"version"}) == 0);
    CHECK(machine.out == "lares 0.1.0 (a1b2c3d)\ndaemon 0.2.0\n");
    CHECK(machine.run({"version", "--json"}) == 0);
    CHECK(machine.out == "{\"version\":\"0.1.0\",\"commit\":\"a1b2c3d\",\"daemon\":\"0.2.0\"}\n");
}

TEST_CASE("version without a daemon still tells its own, and exits with 3") {
    Machine machine;
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::not_found, "x"}); };
    CHECK(machine.run({"version"}) == 3);
    CHECK(machine.out == "lares 0.1.0 (a1b2c3d)\n");
    CHECK(machine.err.starts_with("lares: no Lares is listening"));
}

TEST_CASE("--version asks nobody") {
    Machine machine;
    CHECK(machine.run({"--version"}) == 0);
    CHECK(machine.out == "lares 0.1.0 (a1b2c3d)\n");
    CHECK(machine.daemon.requests.empty());
}

}  // namespace
}  // namespace lares::cli
