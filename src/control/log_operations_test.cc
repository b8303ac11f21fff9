// control/log_operations_test.cc: logs over XML-RPC; the windows themselves are log_window_test's.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

void furnish(Office& office) {
    office.house.add("g", "web");
    office.house.scripted_logs.files["/log/web.out"] = {"0123456789", 5, ""};
    office.house.scripted_logs.files["/log/web.err"] = {"oops\n", 6, ""};
    office.house.scripted_logs.files["/log/main"] = {"started\n", 7, ""};
}

}  // namespace

TEST_CASE("a process's two logs and the daemon's own are read by window") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.readProcessStdoutLog", {"g:web", 3, 4}) == "\"3456\"");
    CHECK(office.call("supervisor.readProcessLog", {"g:web", -2, 0}) == "\"89\"");
    CHECK(office.call("supervisor.readProcessStderrLog", {"g:web", 0, 0}) == "\"oops\\n\"");
    CHECK(office.call("supervisor.readLog", {0, 5}) == "\"start\"");
    CHECK(office.call("supervisor.readMainLog", {0, 5}) == "\"start\"");
}

TEST_CASE("case 50, fault-table: a log that is not there is a NO_FILE") {
    Office office;
    furnish(office);
    office.house.processes[0].err_log = "";
    CHECK(office.call("supervisor.readProcessStderrLog", {"g:web", 0, 0}) == "fault 20 NO_FILE");
    office.house.scripted_logs.files.clear();
    CHECK(office.call("supervisor.readProcessStdoutLog", {"g:web", 0, 0}) ==
          "fault 20 NO_FILE: /log/web.out");
    CHECK(office.call("supervisor.readLog", {0, 0}) == "fault 20 NO_FILE: /log/main");
    office.house.main_log_path = "";
    CHECK(office.call("supervisor.readLog", {0, 0}) == "fault 20 NO_FILE");
    CHECK(office.call("supervisor.clearLog") == "fault 20 NO_FILE");
}

TEST_CASE("case 50, fault-table: windows that contradict themselves are BAD_ARGUMENTS") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.readLog", {-1, 1}) == "fault 3 BAD_ARGUMENTS");
    CHECK(office.call("supervisor.readProcessStdoutLog", {"g:web", 0, -1}) ==
          "fault 3 BAD_ARGUMENTS");
    CHECK(office.house.scripted_logs.reads == 0);
}

TEST_CASE("case 50, fault-table: a log that cannot be read is a FAILED") {
    Office office;
    furnish(office);
    office.house.scripted_logs.files["/log/main"].error = "permission denied";
    CHECK(office.call("supervisor.readLog", {0, 0}) == "fault 30 FAILED: permission denied");
}

TEST_CASE("a tail gives text, size and overflow") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.tailProcessStdoutLog", {"g:web", 0, 5}) ==
          R"(["56789",10,true])");
    CHECK(office.call("supervisor.tailProcessLog", {"g:web", 7, 5}) == R"(["56789",10,false])");
    CHECK(office.call("supervisor.tailProcessStderrLog", {"g:web", 0, 500}) ==
          R"(["oops\n",5,false])");
}

TEST_CASE("a tail of a log that is not there or cannot be read is empty, not a fault") {
    Office office;
    furnish(office);
    office.house.scripted_logs.files["/log/web.out"].error = "input/output error";
    CHECK(office.call("supervisor.tailProcessStdoutLog", {"g:web", 0, 5}) == R"(["",0,false])");
    office.house.scripted_logs.files.clear();
    CHECK(office.call("supervisor.tailProcessStdoutLog", {"g:web", 0, 5}) == R"(["",0,false])");
    office.house.processes[0].err_log = "";
    CHECK(office.call("supervisor.tailProcessStderrLog", {"g:web", 0, 5}) == R"(["",0,false])");
}

TEST_CASE("bytes that are no text are no error") {
    Office office;
    furnish(office);
    office.house.scripted_logs.files["/log/web.out"].bytes = "a\xFF\x01<&>";
    CHECK(office.call("supervisor.readProcessStdoutLog", {"g:web", 0, 0}) ==
          "\"a\xEF\xBF\xBD\xEF\xBF\xBD<&>\"");
}

TEST_CASE("a reading that ends after its asker has gone is dropped") {
    Office office;
    furnish(office);
    auto request = office.ask("supervisor.readLog", {0, 0});
    office.hang_up(request);
    office.house.scripted_logs.deliver();
    CHECK_FALSE(office.is_answered(request));
}

TEST_CASE("logs are cleared one, both or all; a failure says which") {
    Office office;
    furnish(office);
    office.house.add("db", "db");
    CHECK(office.call("supervisor.clearLog") == "true");
    CHECK(office.call("supervisor.clearProcessLogs", {"g:web"}) == "true");
    CHECK(office.call("supervisor.clearProcessLog", {"db"}) == "true");
    CHECK(office.house.notes == std::vector<std::string>{"clear main", "clear g:web", "clear db"});
    office.house.outcomes["clear g:web"] = {Fault::failed, ""};
    CHECK(office.call("supervisor.clearProcessLogs", {"g:web"}) == "fault 30 FAILED: g:web");
    CHECK(office.call("supervisor.clearAllProcessLogs") ==
          R"([{"name":"web","group":"g","status":30,"description":"FAILED: g:web"},)"
          R"({"name":"db","group":"db","status":80,"description":"OK"}])");
    office.house.outcomes["clear main"] = {Fault::failed, "read-only file system"};
    CHECK(office.call("supervisor.clearLog") == "fault 30 FAILED: read-only file system");
}
