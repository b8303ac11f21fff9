// cli/classic_test.cc: supervisord's and supervisorctl's command lines against a daemon that
// answers by script. The words themselves are compared with the original's in
// tests/conformance/test_two_clients.py.

#include "cli/classic.h"

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

using namespace lares;
using namespace lares::cli;
using text::Array;
using text::Struct;
using text::Value;

namespace {

Value process(char const* group, char const* name, char const* state, int pid) {
    return Struct{{"group", group},     {"name", name}, {"state", number_of(state)},
                  {"statename", state}, {"pid", pid},   {"description", "pid 7, uptime 0:00:08"}};
}

/// A daemon with a program `cat` and a group `w` of two.
Machine machine() {
    Machine machine;
    machine.files["/etc/supervisord.conf"] =
        "[supervisorctl]\nserverurl = unix:///run/s.sock\nhistory_file = /h\n";
    machine.daemon.answer("supervisor.getVersion", "3.0");
    machine.daemon.answer(
        "supervisor.getAllProcessInfo",
        {Value(Array{process("cat", "cat", "RUNNING", 7), process("w", "w_0", "RUNNING", 8),
                     process("w", "w_1", "STOPPED", 0)})});
    return machine;
}

Value changes(Array added, Array changed, Array removed) {
    return Array{Value(
        Array{Value(std::move(added)), Value(std::move(changed)), Value(std::move(removed))})};
}

using Words = std::vector<char const*>;

int ctl(Machine& machine, Words words) {
    words.insert(words.begin(), "/usr/bin/supervisorctl");
    return machine.run_as(std::move(words));
}

}  // namespace

TEST_CASE("the name it is called by decides what it is, and the first word too") {
    CHECK(classic::name_of("/usr/bin/supervisord") == classic::Name::supervisord);
    CHECK(classic::name_of("supervisorctl") == classic::Name::supervisorctl);
    CHECK(classic::name_of("/opt/supervisord/lares") == classic::Name::none);
    Machine m = machine();
    CHECK(m.run_as({"/usr/bin/supervisord", "-v"}) == 0);
    CHECK(m.out == "4.2.5\n");
    CHECK(m.run({"supervisord", "--version"}) == 0);
    CHECK(m.out == "4.2.5\n");
    CHECK(m.run({"supervisord", "--nope"}) == 2);
    CHECK(m.err == "Error: option --nope not recognized\nFor help, use lares supervisord -h\n");
}

TEST_CASE("supervisord's options reach the daemon") {
    Machine m = machine();
    CHECK(m.run_as({"supervisord", "-nc", "/x.conf", "--loglevel=debug", "-k", "-y", "1MB", "-u",
                    "web", "--minprocs", "9", "-t"}) == 7);
    REQUIRE(m.started);
    CHECK(m.started->config == "/x.conf");
    CHECK(m.started->ground == Ground::foreground);
    CHECK(m.started->program == "supervisord");
    config::Overrides const expected = {{"loglevel", "debug"},       {"nocleanup", "true"},
                                        {"logfile_maxbytes", "1MB"}, {"user", "web"},
                                        {"minprocs", "9"},           {"strip_ansi", "true"}};
    CHECK(m.started->overrides == expected);
}

TEST_CASE("without -n supervisord does as the file says") {
    Machine m = machine();
    CHECK(m.run_as({"supervisord", "-c", "/x.conf"}) == 7);
    CHECK(m.started->ground == Ground::as_configured);
    CHECK(m.err == "");
}

TEST_CASE("supervisord refuses words, doubles and nonsense in its own words") {
    Machine m = machine();
    CHECK(m.run_as({"supervisord", "foo", "it's"}) == 2);
    CHECK(m.err ==
          "Error: positional arguments are not supported: ['foo', \"it's\"]\n"
          "For help, use supervisord -h\n");
    CHECK(m.run_as({"supervisord", "-l", "a", "--logfile", "b"}) == 2);
    CHECK(m.err.starts_with("Error: conflicting command line option '--logfile'\n"));
    CHECK_FALSE(m.started);
}

TEST_CASE("supervisord's help lists every option, on standard output") {
    Machine m = machine();
    CHECK(m.run_as({"supervisord", "-h"}) == 0);
    CHECK(m.err == "");
    CHECK(m.out.find("-y/--logfile_maxbytes SIZE") != std::string::npos);
    CHECK(m.out.find("--minprocs N") != std::string::npos);
}

TEST_CASE("root is warned when the configuration is searched for") {
    Machine m = machine();
    auto doors = m.doors();
    doors.user = "root";
    CHECK(classic::supervisord(doors, "supervisord", {}) == 7);
    CHECK(m.err.find("Supervisord is running as root and it is searching") != std::string::npos);
    m.err.clear();
    CHECK(classic::supervisord(doors, "supervisord", {"-c", "/x.conf"}) == 7);
    CHECK(m.err == "");
}

TEST_CASE("status lines are padded as scripts split them") {
    Machine m = machine();
    CHECK(ctl(m, {"status"}) == 3);
    CHECK(m.out ==
          "cat                              RUNNING   pid 7, uptime 0:00:08\n"
          "w:w_0                            RUNNING   pid 7, uptime 0:00:08\n"
          "w:w_1                            STOPPED   pid 7, uptime 0:00:08\n");
    CHECK(ctl(m, {"status", "cat", "w:w_0"}) == 0);
    CHECK(ctl(m, {"status", "nope", "w:*"}) == 3);
    CHECK(m.out.starts_with("nope: ERROR (no such process)\n"));
    CHECK(ctl(m, {"status", "nope:*"}) == 4);
}

TEST_CASE("update removes, replaces and adds, in this order") {
    Machine m = machine();
    m.daemon.answer("supervisor.reloadConfig", changes({"new"}, {"cat"}, {"old"}));
    for (auto const* name : {"stopProcessGroup", "removeProcessGroup", "addProcessGroup"})
        m.daemon.answer("supervisor." + std::string(name), {Value(Array{})});
    CHECK(ctl(m, {"update"}) == 0);
    CHECK(m.out ==
          "old: stopped\nold: removed process group\n"
          "cat: stopped\ncat: updated process group\n"
          "new: added process group\n");
    CHECK(m.daemon.count_of("supervisor.addProcessGroup") == 2);
    CHECK(ctl(m, {"update", "new", "stranger"}) == 1);
    CHECK(m.out == "ERROR: no such group: stranger\nnew: added process group\n");
    CHECK(ctl(m, {"update", "all"}) == 0);
}

TEST_CASE("a group whose processes will not stop is not removed") {
    Machine m = machine();
    m.daemon.answer("supervisor.reloadConfig", changes({}, {}, {"old"}));
    m.daemon.answer("supervisor.stopProcessGroup",
                    {Value(Array{Value(Struct{{"name", "old"}, {"status", 30}})})});
    CHECK(ctl(m, {"update"}) == 1);
    CHECK(m.out == "old: stopped\nold: has problems; not removing\n");
    CHECK(m.daemon.count_of("supervisor.removeProcessGroup") == 0);
}

TEST_CASE("reread tells groups in the order of their names") {
    Machine m = machine();
    m.daemon.answer("supervisor.reloadConfig", changes({"z", "b"}, {"c"}, {"a"}));
    CHECK(ctl(m, {"reread"}) == 0);
    CHECK(m.out == "a: disappeared\nb: available\nc: changed\nz: available\n");
    m.daemon.answer("supervisor.reloadConfig", changes({}, {}, {}));
    CHECK(ctl(m, {"reread"}) == 0);
    CHECK(m.out == "No config updates to processes\n");
    m.daemon.fault("supervisor.reloadConfig", 92, "CANT_REREAD: bad 'x'");
    CHECK(ctl(m, {"reread"}) == 1);
    CHECK(m.out == "ERROR: CANT_REREAD: bad 'x'\n");
    CHECK(ctl(m, {"update"}) == 1);
    CHECK(
        m.out.starts_with("error: <class 'xmlrpc.client.Fault'>, "
                          "<Fault 92: \"CANT_REREAD: bad 'x'\">: file: "));
}

TEST_CASE("avail lists processes, in use or not, with both priorities") {
    Machine m = machine();
    m.daemon.answer("supervisor.getAllConfigInfo",
                    {Value(Array{Value(Struct{{"group", "w"},
                                              {"name", "w_0"},
                                              {"inuse", true},
                                              {"autostart", false},
                                              {"group_prio", 999},
                                              {"process_prio", 5}})})});
    CHECK(ctl(m, {"avail"}) == 0);
    CHECK(m.out == "w:w_0                            in use    manual    999:5\n");
}

TEST_CASE("add and remove tell what stands in the way") {
    Machine m = machine();
    m.daemon.answer("supervisor.addProcessGroup", true);
    m.daemon.answer("supervisor.removeProcessGroup", true);
    CHECK(ctl(m, {"add", "a", "b"}) == 0);
    CHECK(m.out == "a: added process group\nb: added process group\n");
    CHECK(ctl(m, {"remove", "a"}) == 0);
    CHECK(m.out == "a: removed process group\n");
    m.daemon.fault("supervisor.addProcessGroup", 90, "ALREADY_ADDED: a");
    CHECK(ctl(m, {"add", "a"}) == 0);
    CHECK(m.out == "ERROR: process group already active\n");
    m.daemon.fault("supervisor.removeProcessGroup", 91, "STILL_RUNNING: a");
    CHECK(ctl(m, {"remove", "a"}) == 1);
    CHECK(m.out == "ERROR: process/group still running: a\n");
    m.daemon.fault("supervisor.addProcessGroup", 6, "SHUTDOWN_STATE");
    CHECK(ctl(m, {"add", "a"}) == 1);
    CHECK(m.out == "ERROR: shutting down\n");
}

TEST_CASE("another API version, or none, ends the command") {
    Machine m = machine();
    m.daemon.answer("supervisor.getVersion", "2.0");
    CHECK(ctl(m, {"pid"}) == 5);
    CHECK(m.out ==
          "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, "
          "but the remote version is 2.0.\n");
    CHECK(ctl(m, {"status"}) == 4);
    m.daemon.fault("supervisor.getVersion", 1, "UNKNOWN_METHOD");
    CHECK(ctl(m, {"pid"}) == 3);
}

TEST_CASE("a result that no table knows is Python's ValueError") {
    Machine m = machine();
    m.daemon.fault("supervisor.startProcess", 30, "FAILED: x");
    CHECK(ctl(m, {"start", "cat"}) == 1);
    CHECK(m.out.starts_with("error: <class 'ValueError'>, Unknown result code 30 for cat: file: "));
    m.daemon.fault("supervisor.stopProcess", 30, "FAILED: x");
    CHECK(ctl(m, {"stop", "cat"}) == 1);
    CHECK(m.out == "FAILED: x\n");
}

TEST_CASE("the prompt shows the status, obeys line by line and always exits with 0") {
    Machine m = machine();
    m.typed = {"", "bogus", "pid nope"};
    m.daemon.fault("supervisor.getProcessInfo", 10, "BAD_NAME: nope");
    CHECK(ctl(m, {}) == 0);
    CHECK(m.out.starts_with("cat   "));
    CHECK(
        m.out.ends_with("supervisor> supervisor> *** Unknown syntax: bogus\n"
                        "supervisor> No such process nope\nsupervisor> \n"));
    CHECK(m.interrupt_caught);
}

TEST_CASE("the prompt asks before it ends or restarts the daemon; a command line does not") {
    Machine m = machine();
    m.daemon.answer("supervisor.shutdown", true);
    m.daemon.answer("supervisor.restart", true);
    m.typed = {"shutdown", "n", "reload", "", "quit", "shutdown"};
    CHECK(ctl(m, {}) == 0);
    CHECK(m.daemon.count_of("supervisor.shutdown") + m.daemon.count_of("supervisor.restart") == 0);
    CHECK(m.out.find("Really restart the remote supervisord process y/N? ") != std::string::npos);
    CHECK(m.typed == std::vector<std::string>{"shutdown"});  // quit was the end
    m.typed = {"shutdown", "Yes"};
    CHECK(ctl(m, {}) == 0);
    CHECK(m.daemon.count_of("supervisor.shutdown") == 1);
    CHECK(ctl(m, {"reload"}) == 0);
    CHECK(m.out == "Restarted supervisord\n");
}

TEST_CASE("the prompt asks for name and password when the server does") {
    Machine m = machine();
    m.daemon.status = 401;
    m.typed = {"me", "secret", "quit"};
    auto doors = m.doors();
    doors.keyboard.read_secret = [&](std::string_view prompt) {
        m.out += prompt;
        m.daemon.status = 200;
        return m.next_typed();
    };
    CHECK(classic::supervisorctl(doors, "supervisorctl", {}) == 0);
    CHECK(m.out.starts_with("Server requires authentication\nUsername:Password:\ncat  "));
    CHECK(m.daemon.requests.back().headers.front() ==
          std::pair<std::string, std::string>("Authorization", "Basic bWU6c2VjcmV0"));
}

TEST_CASE("Tab completes actions, processes and groups") {
    Machine m = machine();
    m.has_editor = true;
    m.files["/h"] = "before\n";
    m.typed = {"pid nope"};
    CHECK(ctl(m, {}) == 0);
    CHECK(m.files["/h"] == "before\npid nope\n");
    // The completer outlives the editor only here; it asks the daemon itself.
    using Found = std::vector<std::string>;
    Machine again = machine();
    again.has_editor = true;
    auto doors = again.doors();
    Found actions, processes, group, after_help;
    doors.keyboard.open_editor = [&](std::vector<std::string>, ports::Completer complete) {
        actions = complete("st");
        processes = complete("start ");
        group = complete("update w");
        after_help = complete("help re");
        CHECK(complete("tail w:") == Found{"w:w_0 ", "w:* ", "w:w_1 "});
        CHECK(complete("stop cat:") == Found{"cat:cat ", "cat:* "});
        CHECK(complete("version ").empty());
        CHECK(complete("").size() == 22);
        return std::make_unique<Machine::FakeEditor>(again, std::vector<std::string>());
    };
    int const asked = again.daemon.count_of("supervisor.getAllProcessInfo");
    CHECK(classic::supervisorctl(doors, "supervisorctl", {}) == 0);
    CHECK(actions == Found{"start ", "status ", "stop "});
    CHECK(processes == Found{"cat ", "w:w_0 ", "w:* ", "w:w_1 "});
    CHECK(group == Found{"w "});
    CHECK(after_help == Found{"reload ", "remove ", "reread ", "restart "});
    // Once for the status, once for all the Tabs.
    CHECK(again.daemon.count_of("supervisor.getAllProcessInfo") == asked + 2);
}

TEST_CASE("fg shows both streams and passes typed lines on until the process is gone") {
    Machine m = machine();
    m.daemon.answer("supervisor.getProcessInfo", process("cat", "cat", "RUNNING", 7));
    m.daemon.answer("supervisor.sendProcessStdin", true);
    m.daemon.pieces = {"hello\n"};
    m.typed = {"one"};
    CHECK(ctl(m, {"fg", "cat"}) == 0);
    CHECK(m.out == "==> Press Ctrl-C to exit <==\nhello\nhello\nExiting foreground\n");
    CHECK(m.daemon.params_of("supervisor.sendProcessStdin") == R"(["cat","one\n"])");
    m.daemon.fault("supervisor.sendProcessStdin", 70, "NOT_RUNNING");
    m.typed = {"two"};
    CHECK(ctl(m, {"fg", "cat"}) == 0);
    CHECK(m.out.ends_with("Process got killed\nExiting foreground\n"));
}

TEST_CASE("Ctrl-C during a question of fg leaves it without a word about the process") {
    Machine m = machine();
    m.daemon.answer("supervisor.getProcessInfo", process("cat", "cat", "RUNNING", 7));
    m.daemon.methods["supervisor.sendProcessStdin"] = [&m](auto const&) {
        m.is_interrupted = true;
        m.daemon.trouble = [] {
            return std::optional(Error{Error::Kind::conflict, "interrupted"});
        };
        return text::XmlRpcAnswer(Value(true));
    };
    m.typed = {"one", "two"};
    CHECK(ctl(m, {"fg", "cat"}) == 0);
    CHECK(m.out == "==> Press Ctrl-C to exit <==\nExiting foreground\n");
    CHECK_FALSE(m.is_interrupted);  // it is not left to end the prompt as well
}

TEST_CASE("tail -f shows the stream, and its troubles on standard error without a status") {
    Machine m = machine();
    m.daemon.pieces = {"one\n", "two\n"};
    CHECK(ctl(m, {"tail", "-f", "w:w_0", "stderr"}) == 0);
    CHECK(m.out == "==> Press Ctrl-C to exit <==\none\ntwo\n");
    CHECK(m.daemon.requests.back().target == "/logtail/w%3Aw_0/stderr");
    auto doors = m.doors();
    m.daemon.methods["supervisor.getVersion"] = [&m](auto const&) {
        m.daemon.status = 404;  // from now on
        return text::XmlRpcAnswer(Value("3.0"));
    };
    m.err.clear();
    CHECK(classic::supervisorctl(doors, "supervisorctl", {"tail", "-f", "x"}) == 0);
    CHECK(m.err == "unix:///run/s.sock/logtail/x/stdout Cannot read, status code 404\n");
}

TEST_CASE("open changes the server and leaves the exit status alone") {
    Machine m = machine();
    CHECK(ctl(m, {"open", "unix:///run/other.sock"}) == 0);
    CHECK(m.out.starts_with("cat  "));
    CHECK(m.daemon.requests.back().server == "unix:///run/other.sock");
    CHECK(ctl(m, {"open", "nope"}) == 1);
    CHECK(m.out == "ERROR: url must be http:// or unix://\n");
}

TEST_CASE("supervisorctl's section may stand in an included file, and plug-ins are warned of") {
    Machine m = machine();
    m.files["/etc/supervisord.conf"] =
        "[include]\nfiles = conf.d/*.conf\n[ctlplugin:cache]\nsupervisor.ctl_factory = a:b\n";
    m.files["/etc/conf.d/ctl.conf"] = "[supervisorctl]\nserverurl = unix:///run/i.sock\n";
    CHECK(ctl(m, {"status", "cat"}) == 0);
    CHECK(m.daemon.requests.back().server == "unix:///run/i.sock");
    CHECK(m.err == "supervisorctl: [ctlplugin:cache] is ignored: Lares runs no Python plug-ins\n");
    m.files.erase("/etc/conf.d/ctl.conf");
    CHECK(ctl(m, {"-s", "unix:///x", "status"}) == 2);
    CHECK(m.err.find("Error: .ini file does not include supervisorctl section\n") !=
          std::string::npos);
}
