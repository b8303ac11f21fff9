// control/supervisor_operations_test.cc: supervisord's methods as its clients meet them: over
// XML-RPC, with every fault's code and text.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Array;

namespace {

constexpr char web_ok[] = R"({"name":"web","group":"web","status":80,"description":"OK"})";

/// db (running), g:a (stopped), g:b (running), web (stopped).
void furnish(Office& office) {
    office.house.add_running("db", "db");
    office.house.add("g", "a");
    office.house.add_running("g", "b");
    office.house.add("web", "web");
    for (auto const* up : {"db", "g:b"})
        for (auto const* wait : {"", " wait"})
            office.house.outcomes["start " + std::string(up) + wait] = {Fault::already_started, ""};
    for (auto const* down : {"g:a", "web"})
        for (auto const* wait : {"", " wait"})
            office.house.outcomes["stop " + std::string(down) + wait] = {Fault::not_running, ""};
}

}  // namespace

TEST_CASE("the daemon tells what it is") {
    Office office;
    CHECK(office.call("supervisor.getAPIVersion") == "\"3.0\"");
    CHECK(office.call("supervisor.getVersion") == "\"3.0\"");
    CHECK(office.call("supervisor.getSupervisorVersion") == "\"4.2.5\"");
    CHECK(office.call("supervisor.getIdentification") == "\"supervisor\"");
    CHECK(office.call("supervisor.getPID") == "4711");
    CHECK(office.call("supervisor.getState") == R"({"statecode":1,"statename":"RUNNING"})");
}

TEST_CASE("case 50, fault-table: BAD_NAME names what was sent") {
    Office office;
    furnish(office);
    struct Row {
        char const* method;
        Array more;
    };
    Row const rows[] = {{"getProcessInfo", {}},           {"startProcess", {}},
                        {"startProcessGroup", {}},        {"stopProcess", {}},
                        {"stopProcessGroup", {}},         {"signalProcess", {"TERM"}},
                        {"signalProcessGroup", {"TERM"}}, {"sendProcessStdin", {"x"}},
                        {"readProcessLog", {0, 0}},       {"readProcessStdoutLog", {0, 0}},
                        {"readProcessStderrLog", {0, 0}}, {"tailProcessLog", {0, 0}},
                        {"tailProcessStdoutLog", {0, 0}}, {"tailProcessStderrLog", {0, 0}},
                        {"clearProcessLog", {}},          {"clearProcessLogs", {}}};
    for (auto const& [method, more] : rows) {
        Array parameters{"nope"};
        parameters.insert(parameters.end(), more.begin(), more.end());
        CHECK(office.call("supervisor." + std::string(method), parameters) ==
              "fault 10 BAD_NAME: nope");
    }
    CHECK(office.house.notes.empty());
}

TEST_CASE("case 50, fault-table: a name that is not exact is a BAD_NAME") {
    Office office;
    furnish(office);
    for (auto const* name : {"a", "g", "g:c", "x:a", ":a", "", "w*", "all", "g:a:b"})
        CHECK(office.call("supervisor.startProcess", {name}) ==
              "fault 10 BAD_NAME" + (*name ? ": " + std::string(name) : ""));
    CHECK(office.call("supervisor.startProcess", {"g:a"}) == "true");
    CHECK(office.call("supervisor.startProcess", {"web:web"}) == "true");
}

TEST_CASE("case 50, fault-table: a whole group is a BAD_NAME where one process is meant") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.getProcessInfo", {"g:*"}) == "fault 10 BAD_NAME: g:*");
    CHECK(office.call("supervisor.clearProcessLogs", {"g:*"}) == "fault 10 BAD_NAME: g:*");
    CHECK(office.call("supervisor.sendProcessStdin", {"g:", "x"}) == "fault 10 BAD_NAME: g:");
    CHECK(office.call("supervisor.tailProcessStdoutLog", {"g:*", 0, 1}) ==
          "fault 10 BAD_NAME: g:*");
    CHECK(office.call("supervisor.startProcess", {"x:*"}) == "fault 10 BAD_NAME: x:*");
}

TEST_CASE("case 50, fault-table: a start's faults") {
    Office office;
    furnish(office);
    auto start = [&](Outcome outcome) {
        office.house.outcomes["start web wait"] = std::move(outcome);
        return office.call("supervisor.startProcess", {"web"});
    };
    CHECK(start({}) == "true");
    CHECK(start({Fault::no_file, "can't find command 'x'"}) ==
          "fault 20 NO_FILE: can't find command 'x'");
    CHECK(start({Fault::not_executable, "command at '/' is a directory"}) ==
          "fault 21 NOT_EXECUTABLE: command at '/' is a directory");
    CHECK(start({Fault::already_started, ""}) == "fault 60 ALREADY_STARTED: web");
    CHECK(start({Fault::failed, ""}) == "fault 30 FAILED: web");
    CHECK(start({Fault::spawn_error, "exited with 1"}) == "fault 50 SPAWN_ERROR: web");
    CHECK(start({Fault::abnormal_termination, "was stopped"}) ==
          "fault 40 ABNORMAL_TERMINATION: web");
}

TEST_CASE("case 50, fault-table: a stop's faults") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.stopProcess", {"db"}) == "true");
    CHECK(office.call("supervisor.stopProcess", {"g:a"}) == "fault 70 NOT_RUNNING: g:a");
    office.house.outcomes["stop db wait"] = {Fault::failed, "cannot be signalled"};
    CHECK(office.call("supervisor.stopProcess", {"db"}) == "fault 30 FAILED: cannot be signalled");
}

TEST_CASE("case 50, fault-table: a signal's faults, the name before the state") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.signalProcess", {"db", "XX"}) == "fault 11 BAD_SIGNAL: XX");
    CHECK(office.call("supervisor.signalProcess", {"db", 999}) == "fault 11 BAD_SIGNAL: 999");
    CHECK(office.call("supervisor.signalProcess", {"web", "XX"}) == "fault 11 BAD_SIGNAL: XX");
    CHECK(office.call("supervisor.signalProcess", {"web", "TERM"}) == "fault 70 NOT_RUNNING: web");
    office.house.outcomes["signal db 15"] = {Fault::failed, "operation not permitted"};
    CHECK(office.call("supervisor.signalProcess", {"db", "TERM"}) ==
          "fault 30 FAILED: operation not permitted");
}

TEST_CASE("a signal comes by name or by number") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.signalProcess", {"db", "hup"}) == "true");
    CHECK(office.call("supervisor.signalProcess", {"db", "SIGHUP"}) == "true");
    CHECK(office.call("supervisor.signalProcess", {"db", "1"}) == "true");
    CHECK(office.call("supervisor.signalProcess", {"db", 1}) == "true");
    CHECK(office.house.notes == std::vector<std::string>(4, "signal db 1"));
}

TEST_CASE("case 50, fault-table: BACKOFF cannot be signalled, STARTING and STOPPING can") {
    Office office;
    auto& web = office.house.add("web", "web");
    web.state = supervise::State::backoff;
    CHECK(office.call("supervisor.signalProcess", {"web", 1}) == "fault 70 NOT_RUNNING: web");
    web.state = supervise::State::stopping;
    CHECK(office.call("supervisor.signalProcess", {"web", 1}) == "true");
    web.state = supervise::State::starting;
    CHECK(office.call("supervisor.signalProcess", {"web", 1}) == "true");
}

TEST_CASE("case 50, fault-table: stdin's faults") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.sendProcessStdin", {"db", "grüße\n"}) == "true");
    CHECK(office.house.notes.back() == "stdin db grüße\n");
    CHECK(office.call("supervisor.sendRemoteCommEvent", {"type", "dätä"}) == "true");
    CHECK(office.house.notes.back() == "event type dätä");
    CHECK(office.call("supervisor.sendProcessStdin", {"db", 5}) ==
          "fault 2 INCORRECT_PARAMETERS: parameter 2 of supervisor.sendProcessStdin must be a "
          "string");
    CHECK(office.call("supervisor.sendProcessStdin", {"web", "x"}) == "fault 70 NOT_RUNNING: web");
    office.house.outcomes["stdin db x"] = {Fault::no_file, ""};
    CHECK(office.call("supervisor.sendProcessStdin", {"db", "x"}) == "fault 20 NO_FILE: db");
    office.house.processes[0].state = supervise::State::stopping;
    CHECK(office.call("supervisor.sendProcessStdin", {"db", "y"}) == "fault 70 NOT_RUNNING: db");
}

TEST_CASE("case 52, group results: only processes that were not running are started") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.startAllProcesses") ==
          R"([{"name":"a","group":"g","status":80,"description":"OK"},)" + std::string(web_ok) +
              "]");
    CHECK(office.call("supervisor.startProcessGroup", {"g"}) ==
          R"([{"name":"a","group":"g","status":80,"description":"OK"}])");
    CHECK(office.call("supervisor.startProcess", {"g:*"}) ==
          R"([{"name":"a","group":"g","status":80,"description":"OK"}])");
}

TEST_CASE("case 52, group results: only running processes are stopped") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.stopAllProcesses") ==
          R"([{"name":"db","group":"db","status":80,"description":"OK"},)"
          R"({"name":"b","group":"g","status":80,"description":"OK"}])");
    CHECK(office.call("supervisor.stopProcessGroup", {"g"}) ==
          R"([{"name":"b","group":"g","status":80,"description":"OK"}])");
}

TEST_CASE("case 52, group results: nothing to do gives an empty array") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.startProcessGroup", {"db"}) == "[]");
    CHECK(office.call("supervisor.stopProcessGroup", {"web"}) == "[]");
    CHECK(office.call("supervisor.signalProcessGroup", {"web", "TERM"}) == "[]");
    Office empty;
    CHECK(empty.call("supervisor.startAllProcesses") == "[]");
    CHECK(empty.call("supervisor.getAllProcessInfo") == "[]");
}

TEST_CASE("case 52, group results: what fails has its fault, the others go on") {
    Office office;
    furnish(office);
    office.house.outcomes["start g:a wait"] = {Fault::spawn_error, "exited with 1"};
    CHECK(office.call("supervisor.startAllProcesses") ==
          R"([{"name":"a","group":"g","status":50,"description":"SPAWN_ERROR: g:a"},)" +
              std::string(web_ok) + "]");
}

TEST_CASE("case 52, group results: a bad signal is told of each process it was for") {
    Office office;
    furnish(office);
    CHECK(office.call("supervisor.signalProcessGroup", {"g", "XX"}) ==
          R"([{"name":"b","group":"g","status":11,"description":"BAD_SIGNAL: XX"}])");
    CHECK(office.call("supervisor.signalAllProcesses", {"HUP"}) ==
          R"([{"name":"db","group":"db","status":80,"description":"OK"},)"
          R"({"name":"b","group":"g","status":80,"description":"OK"}])");
    CHECK(office.call("supervisor.signalProcess", {"g:*", "XX"}) ==
          R"([{"name":"b","group":"g","status":11,"description":"BAD_SIGNAL: XX"}])");
}

TEST_CASE("case 52, group results: entries come in the order of completion") {
    Office office;
    office.house.add("g", "a");
    office.house.add("g", "b");
    office.house.slow = {"start g:a wait", "start g:b wait"};
    auto request = office.ask("supervisor.startProcessGroup", {"g"});
    office.house.finish("start g:b wait");
    CHECK_FALSE(office.is_answered(request));
    office.house.finish("start g:a wait", {Fault::spawn_error, ""});
    CHECK(office.answer(request) ==
          R"([{"name":"b","group":"g","status":80,"description":"OK"},)"
          R"({"name":"a","group":"g","status":50,"description":"SPAWN_ERROR: g:a"}])");
}

TEST_CASE("case 53, wait=False: the daemon is asked not to wait") {
    Office office;
    furnish(office);
    office.house.slow = {"start web wait"};
    CHECK(office.call("supervisor.startProcess", {"web", false}) == "true");
    CHECK(office.call("supervisor.startProcess", {"web", true}) == "nothing yet");
    CHECK(office.call("supervisor.startProcess", {"web"}) == "nothing yet");
    CHECK(office.call("supervisor.stopAllProcesses", {false}) != "nothing yet");
    CHECK(office.house.notes[0] == "start web");
    CHECK(office.house.notes.back() == "stop web");
}

TEST_CASE("a waited start holds only its own request") {
    Office office;
    furnish(office);
    office.house.slow = {"start web wait"};
    auto request = office.ask("supervisor.startProcess", {"web"});
    CHECK(office.call("supervisor.getPID") == "4711");
    CHECK_FALSE(office.is_answered(request));
    office.house.finish("start web wait");
    CHECK(office.answer(request) == "true");
}

TEST_CASE("a client that goes ends its waits, and only those still open") {
    Office office;
    office.house.add("g", "a");
    office.house.add("g", "b");
    office.house.slow = {"start g:a wait", "start g:b wait"};
    auto request = office.ask("supervisor.startProcessGroup", {"g"});
    office.house.finish("start g:a wait");
    office.hang_up(request);
    CHECK(office.house.forgotten == std::vector<WaitId>{2});
    office.hang_up(request);
    CHECK(office.house.forgotten.size() == 1);
    CHECK_FALSE(office.is_answered(request));
}

TEST_CASE("case 55, security: no name reaches anything but the table") {
    Office office;
    for (auto const* name : {"supervisor.supervisord.options", "supervisor._update", "x.y.z",
                             "supervisor", "", "getState", "supervisor.", ".getState",
                             "supervisor.getState.x", "SUPERVISOR.getState", "system._methods"}) {
        if (*name) CHECK(office.call(name) == "fault 1 UNKNOWN_METHOD");
    }
}

TEST_CASE("case 56: untyped values, an int for a boolean and missing params are accepted") {
    Office office;
    furnish(office);
    office.house.slow = {"start web wait"};
    auto raw = [&](std::string const& inside) {
        return office.answer(office.send(
            "POST", "/RPC2", "<methodCall><methodName>supervisor." + inside + "</methodCall>"));
    };
    CHECK(raw("startProcess</methodName><params><param><value>web</value></param>"
              "<param><value><int>0</int></value></param></params>") == "true");
    CHECK(raw("startProcess</methodName><params><param><value>web</value></param>"
              "<param><value><i4>1</i4></value></param></params>") == "nothing yet");
    CHECK(raw("getPID</methodName>") == "4711");
}

TEST_CASE("case 50, fault-table: a wrong count of parameters is told with the right one") {
    Office office;
    CHECK(office.call("supervisor.getState", {1}) ==
          "fault 2 INCORRECT_PARAMETERS: supervisor.getState takes 0 parameters, 1 given");
    CHECK(office.call("supervisor.startProcess") ==
          "fault 2 INCORRECT_PARAMETERS: supervisor.startProcess takes 1 to 2 parameters, 0 given");
}

TEST_CASE("case 50, fault-table: while the daemon ends, supervisor methods are refused") {
    for (auto state : {DaemonState::shutdown, DaemonState::restarting}) {
        Office office;
        furnish(office);
        office.house.daemon = state;
        for (auto const& row : operations())
            CHECK(row.while_ending ==
                  (row.name.starts_with("system.") || row.name == "lares.status" ||
                   row.name == "lares.listMethods" ||
                   row.name == "supervisor.sendRemoteCommEvent"));
        CHECK(office.call("supervisor.getState") == "fault 6 SHUTDOWN_STATE");
        CHECK(office.call("supervisor.startProcess", {"web"}) == "fault 6 SHUTDOWN_STATE");
        CHECK(office.call("supervisor.shutdown") == "fault 6 SHUTDOWN_STATE");
        CHECK(office.call("lares.start") == "fault 6 SHUTDOWN_STATE");
        CHECK(office.call("lares.version") == "fault 6 SHUTDOWN_STATE");
        CHECK(office.call("supervisor.nope") == "fault 1 UNKNOWN_METHOD");
        CHECK(office.call("system.methodHelp", {"supervisor.getPID"}) != "fault 6 SHUTDOWN_STATE");
        CHECK(office.house.notes.empty());
    }
}

TEST_CASE("shutdown and restart are answered before they happen") {
    Office office;
    CHECK(office.call("supervisor.shutdown") == "true");
    CHECK(office.call("supervisor.restart") == "true");
    CHECK(office.house.notes == std::vector<std::string>{"shutdown", "restart daemon"});
}

TEST_CASE("case 50, fault-table: a restart with a faulty configuration is refused") {
    Office office;
    office.house.restart_result = Error{Error::Kind::invalid, "/etc/x:3: unknown option"};
    CHECK(office.call("supervisor.restart") == "fault 92 CANT_REREAD: /etc/x:3: unknown option");
    office.house.restart_result = Error{Error::Kind::conflict, "the daemon is stopping already"};
    CHECK(office.call("supervisor.restart") ==
          "fault 6 SHUTDOWN_STATE: the daemon is stopping already");
}

TEST_CASE("process infos come by group and name") {
    Office office;
    furnish(office);
    auto one = office.call("supervisor.getProcessInfo", {"g:b"});
    CHECK(one.rfind(R"({"name":"b","group":"g","start":)", 0) == 0);
    CHECK(one.ends_with(R"("pid":77,"description":"pid 77, uptime 0:00:00"})"));
    auto all = office.call("supervisor.getAllProcessInfo");
    CHECK(all.find(one) != all.npos);
    CHECK(all.find("\"db\"") < all.find(one));
    CHECK(all.find(one) < all.find("\"web\""));
}

TEST_CASE("a path or an error that is no text is shown with replacements") {
    Office office;
    office.house.add("web", "web").out_log = "/log/\xFF\x01";
    CHECK(office.call("supervisor.getProcessInfo", {"web"})
              .find(R"("logfile":"/log/)"
                    "\xEF\xBF\xBD\xEF\xBF\xBD\"") != std::string::npos);
    office.house.outcomes["start web wait"] = {Fault::no_file, "can't find command '\xFF'"};
    CHECK(office.call("supervisor.startProcess", {"web"}) ==
          "fault 20 NO_FILE: can't find command '\xEF\xBF\xBD'");
}

TEST_CASE("a fault's name and code are told apart by every client") {
    for (auto const& row : fault_names()) {
        CHECK(name(row.fault) == row.name);
        if (row.fault != Fault::success)
            CHECK(fault_text({row.fault, "x"}) == std::string(row.name) + ": x");
    }
    CHECK(fault_text({}) == "OK");
    CHECK(fault_names().size() == 18);
}
