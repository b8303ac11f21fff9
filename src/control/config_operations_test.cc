// control/config_operations_test.cc: what clients are told of configurations, in supervisord's
// shapes.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

TEST_CASE("case 58, reload: the groups come as three lists in a list in a list") {
    Office office;
    CHECK(office.call("supervisor.reloadConfig") == "[[[],[],[]]]");
    office.house.scripted_configuration.changes =
        config::GroupChanges{{"new", "newer"}, {"other"}, {"gone"}};
    CHECK(office.call("supervisor.reloadConfig") == R"([[["new","newer"],["other"],["gone"]]])");
}

TEST_CASE("case 58, reload: a faulty configuration is CANT_REREAD with supervisord's words") {
    Office office;
    office.house.scripted_configuration.changes =
        Error{Error::Kind::invalid, "program section program:x does not specify a command"};
    CHECK(office.call("supervisor.reloadConfig") ==
          "fault 92 CANT_REREAD: program section program:x does not specify a command");
    office.house.scripted_configuration.changes = Error{Error::Kind::unavailable, "it stops"};
    CHECK(office.call("supervisor.reloadConfig") == "fault 6 SHUTDOWN_STATE");
}

TEST_CASE("case 58, add and remove: what the daemon refuses has its fault and the group's name") {
    Office office;
    auto& configuration = office.house.scripted_configuration;
    CHECK(office.call("supervisor.addProcessGroup", {"web"}) == "true");
    CHECK(office.call("supervisor.removeProcessGroup", {"web"}) == "true");
    configuration.outcomes = {{"add web", {Fault::already_added, "web"}},
                              {"remove web", {Fault::still_running, "web"}},
                              {"remove nope", {Fault::bad_name, "nope"}}};
    CHECK(office.call("supervisor.addProcessGroup", {"web"}) == "fault 90 ALREADY_ADDED: web");
    CHECK(office.call("supervisor.removeProcessGroup", {"web"}) == "fault 91 STILL_RUNNING: web");
    CHECK(office.call("supervisor.removeProcessGroup", {"nope"}) == "fault 10 BAD_NAME: nope");
}

TEST_CASE("case 56, config-info: the members of each process, with none and auto in words") {
    Office office;
    config::Program program;
    program.name = "web";
    config::ProcessSettings process{.group = "web", .name = "web", .command = "/bin/cat -u"};
    office.house.scripted_configuration.list = {{"web", 999, &program, process, true, "", ""}};
    CHECK(office.call("supervisor.getAllConfigInfo") ==
          R"([{"autostart":true,"autorestart":"unexpected","directory":"none","uid":"none",)"
          R"("command":"/bin/cat -u","exitcodes":[0],"group":"web","group_prio":999,"inuse":true,)"
          R"("killasgroup":false,"name":"web","process_prio":999,"redirect_stderr":false,)"
          R"("startretries":3,"startsecs":1,"stopsignal":15,"stopwaitsecs":10,"serverurl":"none",)"
          R"("stdout_capture_maxbytes":0,"stdout_events_enabled":false,"stdout_logfile":"auto",)"
          R"("stdout_logfile_backups":10,"stdout_logfile_maxbytes":52428800,)"
          R"("stdout_syslog":false,"stderr_capture_maxbytes":0,"stderr_events_enabled":false,)"
          R"("stderr_logfile":"auto","stderr_logfile_backups":10,)"
          R"("stderr_logfile_maxbytes":52428800,"stderr_syslog":false}])");
}

TEST_CASE("a config info tells autorestart without the original's error, and the log's path") {
    Office office;
    config::Program program;
    program.policy.restart = supervise::Restart::always;
    program.redirect_stderr = true;
    program.user = config::User{.name = "web", .uid = 7};
    config::ProcessSettings process{.group = "g", .name = "p", .directory = "/srv"};
    office.house.scripted_configuration.list = {{"g", 1, &program, process, false, "/tmp/a", ""}};
    auto answer = office.call("supervisor.getAllConfigInfo");
    for (auto words : {R"("autorestart":true)", R"("inuse":false)", R"("stderr_logfile":"none")",
                       R"("stdout_logfile":"/tmp/a")", R"("uid":7)", R"("directory":"/srv")"})
        CHECK_MESSAGE(answer.find(words) != answer.npos, answer);
}

TEST_CASE("a plan is told with its steps, reasons, lines and dependants") {
    Office office;
    auto& configuration = office.house.scripted_configuration;
    configuration.planned.fingerprint = "abc";
    configuration.planned.revision = 4;
    configuration.planned.warnings = {"umask changed"};
    configuration.planned.changes = {{plan::Action::restart,
                                      "g:web",
                                      "web",
                                      "command changed",
                                      {"/etc/l.conf:3: command = cat"},
                                      {"proxy:proxy"}}};
    CHECK(office.call("lares.plan") ==
          R"({"fingerprint":"abc","revision":4,"changes":[{"action":"restart","name":"g:web",)"
          R"("program":"web","why":"command changed","lines":["/etc/l.conf:3: command = cat"],)"
          R"("dependants":["proxy:proxy"]}],"work":[],"warnings":["umask changed"],"errors":[]})");
    CHECK(office.call("lares.plan", {"/tmp/other.conf"}).starts_with("{"));
    CHECK(configuration.notes == std::vector<std::string>{"plan ", "plan /tmp/other.conf"});
}

TEST_CASE("what an update did is told of each process, and why one failed") {
    Office office;
    auto& configuration = office.house.scripted_configuration;
    configuration.applied = std::vector<Applied>{
        {"g", "a", plan::Action::start, {}},
        {"g", "b", plan::Action::restart, {Fault::spawn_error, "exited too quickly"}}};
    std::string expected = R"([{"name":"a","group":"g","status":80,"description":"started"},)"
                           R"({"name":"b","group":"g","status":50,)"
                           R"("description":"SPAWN_ERROR: exited too quickly"}])";
    CHECK(office.call("lares.update", {list({"a", "b*"})}) == expected);
    CHECK(office.call("lares.apply", {"abc"}) == expected);
    CHECK(office.call("lares.config_rollback", {3}) == expected);
    CHECK(configuration.notes ==
          std::vector<std::string>{"update a b*", "apply abc", "rollback 3"});
    CHECK(office.call("lares.update", {list({1})}).starts_with("fault 2 INCORRECT_PARAMETERS"));
}

TEST_CASE("why nothing was done is a fault that says what to do") {
    Office office;
    auto& configuration = office.house.scripted_configuration;
    configuration.applied = Error{Error::Kind::conflict, "the world moved: look again"};
    CHECK(office.call("lares.apply", {"abc"}) == "fault 30 FAILED: the world moved: look again");
    configuration.applied = Error{Error::Kind::not_found, "nope"};
    CHECK(office.call("lares.update", {list({"nope"})}) == "fault 10 BAD_NAME: nope");
    configuration.applied = Error{Error::Kind::invalid, "no command"};
    CHECK(office.call("lares.update") == "fault 92 CANT_REREAD: no command");
}

TEST_CASE("the history and what differs are told, and whether files differ stands in the status") {
    Office office;
    auto& configuration = office.house.scripted_configuration;
    configuration.revisions = {{1, 1'700'000'000, "start", "start", 2, true}};
    configuration.difference = std::string("--- a\n");
    CHECK(office.call("lares.config_history") ==
          R"([{"revision":1,"when":1700000000,"by":"start","cause":"start","programs":2,)"
          R"("current":true}])");
    CHECK(office.call("lares.config_diff", {1}) == R"("--- a\n")");
    CHECK(configuration.notes == std::vector<std::string>{"diff 1 0"});
    CHECK(office.call("lares.status").find(R"("config_drift":false)") != std::string::npos);
    configuration.drifted.files = {"/etc/x.conf"};
    CHECK(office.call("lares.status")
              .find(R"("config_drift":true,"config_drift_files":["/etc/x.conf"])") !=
          std::string::npos);
}
