// control/lares_operations_test.cc: what our own command line asks.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Array;

namespace {

/// db, worker:w_0, worker:w_1, all running; web (stopped).
void furnish(Office& office) {
    office.house.add_running("db", "db");
    office.house.add("web", "web");
    office.house.add_running("worker", "w_0");
    office.house.add_running("worker", "w_1");
}

std::string entry(char const* group, char const* name, int status, char const* description) {
    return text::to_json(text::Struct{
        {"name", name}, {"group", group}, {"status", status}, {"description", description}});
}

}  // namespace

TEST_CASE("a status tells about the daemon and all its processes") {
    Office office;
    furnish(office);
    office.open();
    office.house.time += std::chrono::seconds(60);
    auto status = office.call("lares.status");
    CHECK(
        status.find(
            R"("pid":4711,"identifier":"supervisor","state":"RUNNING",)"
            R"("config":"/etc/lares.conf","started":1700000000,"tasks":0,"processes":[{"name":"db")") !=
        status.npos);
    CHECK(status.find(R"("uptime":60)") != status.npos);
    CHECK(status.find(
              R"("needs":[]}],"unknown":[],"config_drift":false,)"
              R"("config_drift_files":[],"config_trouble":"","unexplained":0,"audited":0})") !=
          status.npos);
    CHECK(status.find(R"("version":")") == 1);
    CHECK(status.find(R"("commit":")") != status.npos);
}

TEST_CASE("a status of some is sorted by name, and tells what is unknown") {
    Office office;
    furnish(office);
    auto status = office.call("lares.status", {list(Array{"worker", "nope", "db"})});
    auto db = status.find(R"({"name":"db")");
    auto worker = status.find(R"({"name":"w_0")");
    CHECK(db != status.npos);
    CHECK(worker != status.npos);
    CHECK(db < worker);
    CHECK(status.find(R"({"name":"web")") == status.npos);
    CHECK(status.find(R"("unknown":["nope"],)") != status.npos);
}

TEST_CASE("a status is told while the daemon ends, with its state") {
    Office office;
    furnish(office);
    office.house.daemon = DaemonState::shutdown;
    CHECK(office.call("lares.status").find(R"("state":"SHUTDOWN")") != std::string::npos);
    office.house.daemon = DaemonState::restarting;
    CHECK(office.call("lares.status").find(R"("state":"RESTARTING")") != std::string::npos);
}

TEST_CASE("each process a pattern means gets an entry, in the order asked, whoever is done first") {
    Office office;
    furnish(office);
    office.house.slow = {"stop worker:w_0 wait", "stop worker:w_1 wait"};
    office.house.outcomes["stop web wait"] = {Fault::not_running, ""};
    auto request = office.ask("lares.stop", {list(Array{"w_*", "nope", "web"})});
    office.house.finish("stop worker:w_1 wait");
    CHECK_FALSE(office.is_answered(request));
    office.house.finish("stop worker:w_0 wait");
    CHECK(office.answer(request) == "[" + entry("", "nope", 10, "BAD_NAME: nope") + "," +
                                        entry("worker", "w_0", 80, "OK") + "," +
                                        entry("worker", "w_1", 80, "OK") + "," +
                                        entry("web", "web", 70, "NOT_RUNNING: web") + "]");
}

TEST_CASE("the daemon's own words reach our command line") {
    Office office;
    furnish(office);
    office.house.outcomes["start web wait"] = {Fault::spawn_error, "exited with 1, gave up"};
    CHECK(office.call("lares.start", {list(Array{"web"})}) ==
          "[" + entry("web", "web", 50, "SPAWN_ERROR: exited with 1, gave up") + "]");
}

TEST_CASE("no patterns mean everything, and nothing found is only the unknown names") {
    Office office;
    furnish(office);
    office.call("lares.start", {list(Array{}), false});
    CHECK(office.house.notes == std::vector<std::string>{"start db", "start web",
                                                         "start worker:w_0", "start worker:w_1"});
    CHECK(office.call("lares.start", {list(Array{"nope"})}) ==
          "[" + entry("", "nope", 10, "BAD_NAME: nope") + "]");
    CHECK(Office().call("lares.stop") == "[]");
}

TEST_CASE("waiting is asked of the daemon as it was asked of us") {
    Office office;
    furnish(office);
    office.call("lares.start", {list(Array{"web"})});
    office.call("lares.start", {list(Array{"web"}), false});
    office.call("lares.stop", {list(Array{"web"}), true});
    office.call("lares.restart", {list(Array{"web"}), false});
    office.call("lares.restart", {list(Array{"web"}), true, false});
    CHECK(office.house.notes == std::vector<std::string>{"start web wait", "start web",
                                                         "stop web wait", "restart web",
                                                         "restart web wait"});
}

TEST_CASE("a rolling restart that succeeds is told of every process") {
    Office office;
    furnish(office);
    CHECK(office.call("lares.restart", {list(Array{"worker", "nope"}), true, true}) ==
          "[" + entry("", "nope", 10, "BAD_NAME: nope") + "," + entry("worker", "w_0", 80, "OK") +
              "," + entry("worker", "w_1", 80, "OK") + "]");
    CHECK(office.house.notes == std::vector<std::string>{"roll worker:w_0 worker:w_1"});
    CHECK(office.call("lares.restart", {list(Array{"nope"}), true, true}) ==
          "[" + entry("", "nope", 10, "BAD_NAME: nope") + "]");
}

TEST_CASE("a rolling restart that stops half-way tells who came back, who did not, who is left") {
    Office office;
    furnish(office);
    office.house.outcomes["roll db worker:w_0 worker:w_1"] = {
        Fault::spawn_error, "'worker:w_0' did not come back: exited with 1; 1 not restarted"};
    CHECK(office.call("lares.restart", {list(Array{"db", "worker"}), true, true}) ==
          "[" + entry("db", "db", 80, "OK") + "," +
              entry("worker", "w_0", 50,
                    "SPAWN_ERROR: 'worker:w_0' did not come back: exited with 1; 1 not restarted") +
              "," +
              entry("worker", "w_1", 30,
                    "FAILED: not restarted, because one before it did not come back") +
              "]");
}

TEST_CASE("a rolling restart names a process of its own group by its long name too") {
    Office office;
    furnish(office);
    office.house.outcomes["roll db web"] = {Fault::spawn_error, "'db:db' did not come back"};
    CHECK(office.call("lares.restart", {list(Array{"db", "web"}), true, true}) ==
          "[" + entry("db", "db", 50, "SPAWN_ERROR: 'db:db' did not come back") + "," +
              entry("web", "web", 30,
                    "FAILED: not restarted, because one before it did not come back") +
              "]");
}

TEST_CASE("a rolling restart refused as a whole is told of every process") {
    Office office;
    furnish(office);
    office.house.outcomes["roll db web"] = {Fault::failed, "the disk is on fire"};
    CHECK(office.call("lares.restart", {list(Array{"db", "web"}), true, true}) ==
          "[" + entry("db", "db", 30, "FAILED: the disk is on fire") + "," +
              entry("web", "web", 30, "FAILED: the disk is on fire") + "]");
}

TEST_CASE("a signal is checked once, then sent to each") {
    Office office;
    furnish(office);
    CHECK(office.call("lares.signal", {list(Array{"worker", "web"}), "HUP"}) ==
          "[" + entry("worker", "w_0", 80, "OK") + "," + entry("worker", "w_1", 80, "OK") + "," +
              entry("web", "web", 70, "NOT_RUNNING: web") + "]");
    CHECK(office.house.notes ==
          std::vector<std::string>{"signal worker:w_0 1", "signal worker:w_1 1"});
    CHECK(office.call("lares.signal", {list(Array{}), "WINCHX"}) == "fault 11 BAD_SIGNAL: WINCHX");
    CHECK(office.call("lares.signal", {list(Array{"db"}), 10}) ==
          "[" + entry("db", "db", 80, "OK") + "]");
}

TEST_CASE("a program is scaled to a count that is possible") {
    Office office;
    CHECK(office.call("lares.scale", {"worker", 5}) == "true");
    CHECK(office.house.notes == std::vector<std::string>{"scale worker 5"});
    CHECK(office.call("lares.scale", {"worker", -1}) ==
          "fault 3 BAD_ARGUMENTS: a count must be 0 to 20000");
    CHECK(office.call("lares.scale", {"worker", 4'000'000}) ==
          "fault 3 BAD_ARGUMENTS: a count must be 0 to 20000");
    office.house.outcomes["scale nope 2"] = {Fault::bad_name, ""};
    CHECK(office.call("lares.scale", {"nope", 2}) == "fault 10 BAD_NAME: nope");
}

TEST_CASE("a waiting scale, restart or roll ends with its asker") {
    Office office;
    furnish(office);
    office.house.slow = {"scale worker 5", "restart web wait", "roll db"};
    auto scale = office.ask("lares.scale", {"worker", 5});
    auto restart = office.ask("lares.restart", {list(Array{"web"})});
    auto roll = office.ask("lares.restart", {list(Array{"db"}), true, true});
    for (auto request : {scale, restart, roll}) office.hang_up(request);
    CHECK(office.house.forgotten == std::vector<WaitId>{1, 2, 3});
}

TEST_CASE("patterns are strings, and not more than can be tried") {
    Office office;
    furnish(office);
    CHECK(office.call("lares.start", {list(Array{"web", 5})}) ==
          "fault 2 INCORRECT_PARAMETERS: names and patterns must be strings");
    CHECK(office.call("lares.status", {list(Array(limits::patterns + 1, "web"))}) ==
          "fault 3 BAD_ARGUMENTS: more than 1000 names; use a pattern as in 'group:*'");
    CHECK(office.call("lares.start", {list(Array(limits::patterns, "web"))}) ==
          "[" + entry("web", "web", 80, "OK") + "]");
    CHECK(office.house.notes == std::vector<std::string>{"start web wait"});
}

TEST_CASE("our version is told") {
    Office office;
    CHECK(office.call("lares.version").size() > 4);
}
