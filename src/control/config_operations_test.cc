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
    office.house.scripted_configuration.changes = Error{Error::Kind::conflict, "it stops"};
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
