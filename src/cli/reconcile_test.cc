// cli/reconcile_test.cc: plan, apply, update, reread, add, remove, avail, reload, event, config,
// program, upgrade and hash-password against a daemon that answers by script.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

using namespace lares;
using namespace lares::cli;
using text::Array;
using text::Struct;
using text::Value;

namespace {

Value change(char const* action, char const* name, char const* why, Array lines,
             Array dependants = {}) {
    return Struct{{"action", action},
                  {"name", name},
                  {"program", name},
                  {"why", why},
                  {"lines", Value(std::move(lines))},
                  {"dependants", Value(std::move(dependants))}};
}

Value plan_of(Array changes, Array warnings = {}, Array errors = {}) {
    return Struct{{"fingerprint", "f00d"},
                  {"revision", 4},
                  {"changes", Value(std::move(changes))},
                  {"warnings", Value(std::move(warnings))},
                  {"errors", Value(std::move(errors))}};
}

Machine with_plan() {
    Machine m;
    m.daemon.answer("lares.plan",
                    plan_of({change("restart", "web", "command changed",
                                    {"/etc/web.ini:3: command = b"}, {"proxy", "cron"}),
                             change("start", "new", "", {}), change("restart", "db", "", {})},
                            {"/etc/web.ini:9: unknown option 'x'"}));
    m.daemon.answer("lares.update", {Value(Array{outcome("web", "web", 80, "restarted")})});
    return m;
}

}  // namespace

TEST_CASE(
    "a plan groups changes, with their lines and who needs them, and ends with a fingerprint") {
    Machine m = with_plan();
    CHECK(m.run({"plan"}) == 0);
    CHECK(m.out ==
          "restart:\n"
          "    web: command changed\n"
          "        /etc/web.ini:3: command = b\n"
          "        and what needs it: proxy, cron\n"
          "    db\n"
          "start:\n"
          "    new\n"
          "fingerprint: f00d\n");
    CHECK(m.err == "lares: /etc/web.ini:9: unknown option 'x'\n");
    CHECK(m.daemon.params_of("lares.plan") == R"([""])");
}

TEST_CASE("a plan shows tasks with their options, notes and next runs before and after") {
    auto work = [](char const* action, char const* kind, char const* name, Array before,
                   Array after, Array notes, Array options) {
        return Struct{{"action", action},
                      {"kind", kind},
                      {"name", name},
                      {"options", Value(std::move(options))},
                      {"next_before", Value(std::move(before))},
                      {"next_after", Value(std::move(after))},
                      {"timezone", "Europe/Berlin"},
                      {"waiting", 0},
                      {"running", 0},
                      {"notes", Value(std::move(notes))}};
    };
    auto option = Struct{{"option", "schedule"},
                         {"before", "0 2 * * *"},
                         {"after", "0 3 * * 1"},
                         {"place", "/etc/l:4"}};
    Machine m;
    auto plan = plan_of({});
    auto& members = std::get<Struct>(plan.held);
    members.emplace_back(
        "work",
        Array{work("change", "task", "report", {"2026-03-29T01:00:00+01:00"},
                   {"2026-03-30T03:00:00+02:00", "2026-04-06T03:00:00+02:00"},
                   {"nothing is caught up"}, {option}),
              work("remove", "task", "old", {"2026-03-29T01:00:00+01:00"}, {}, {"3 jobs wait"}, {}),
              work("add", "folder", "in", {}, {}, {}, {}),
              work("change", "task", "same", {"2026-03-29T01:00:00+01:00"},
                   {"2026-03-29T01:00:00+01:00"}, {}, {})});
    m.daemon.answer("lares.plan", plan);
    CHECK(m.run({"plan"}) == 0);
    CHECK(m.out ==
          "change:\n"
          "    task 'report'\n"
          "        /etc/l:4: schedule: 0 2 * * * -> 0 3 * * 1\n"
          "        nothing is caught up\n"
          "        next runs (Europe/Berlin):\n"
          "            before                        after\n"
          "            Sun 2026-03-29 01:00 +01:00   Mon 2026-03-30 03:00 +02:00\n"
          "                                          Mon 2026-04-06 03:00 +02:00\n"
          "    task 'same'\n"
          "        next runs (Europe/Berlin), as before:\n"
          "            Sun 2026-03-29 01:00 +01:00\n"
          "remove:\n"
          "    task 'old'\n"
          "        3 jobs wait\n"
          "        next runs (Europe/Berlin) that will not be:\n"
          "            Sun 2026-03-29 01:00 +01:00\n"
          "add:\n"
          "    folder 'in'\n"
          "fingerprint: f00d\n");
}

TEST_CASE("a plan of another file is asked for by its absolute path") {
    Machine m = with_plan();
    CHECK(m.run({"plan", "new.conf", "--json"}) == 0);
    CHECK(m.daemon.params_of("lares.plan") == R"(["/home/alice/new.conf"])");
    CHECK(m.out.find(R"("fingerprint":"f00d")") != std::string::npos);
}

TEST_CASE("a plan of a faulty configuration shows the mistakes and nothing else") {
    Machine m;
    m.daemon.answer("lares.plan", plan_of({}, {}, {"/etc/x:1: no command"}));
    CHECK(m.run({"plan"}) == 1);
    CHECK(m.err == "lares: /etc/x:1: no command\n");
    CHECK(m.out == "");
    m.daemon.answer("lares.plan", plan_of({}));
    CHECK(m.run({"plan"}) == 0);
    CHECK(m.out == "nothing would change\nfingerprint: f00d\n");
}

TEST_CASE("apply hands the fingerprint over and tells what became of each process") {
    Machine m;
    m.daemon.answer("lares.apply", {Value(Array{outcome("web", "web", 80, "restarted"),
                                                outcome("w_0", "w", 50, "spawn error")})});
    CHECK(m.run({"apply", "f00d"}) == 1);
    CHECK(m.daemon.params_of("lares.apply") == R"(["f00d"])");
    CHECK(m.out == "web: restarted\n");
    CHECK(m.err == "lares: w:w_0: spawn error\n");
    CHECK(m.run({"apply"}) == 2);
}

TEST_CASE("update asks a person on a terminal, and nobody else") {
    Machine m = with_plan();
    CHECK(m.run({"update", "web"}) == 0);
    CHECK(m.out == "web: restarted\n");
    CHECK(m.daemon.params_of("lares.update") == R"([["web"]])");
    CHECK(m.daemon.count_of("lares.plan") == 0);
    m.has_editor = true;  // a terminal
    m.typed = {"no"};
    CHECK(m.run({"update"}) == 1);
    CHECK(m.out.ends_with("    new\ndo this? y/N "));
    CHECK(m.err == "lares: nothing was changed\n");
    CHECK(m.daemon.count_of("lares.update") == 1);
    m.typed = {"yes"};
    CHECK(m.run({"update"}) == 0);
    CHECK(m.daemon.count_of("lares.update") == 2);
    CHECK(m.run({"update", "--yes"}) == 0);
    CHECK(m.daemon.count_of("lares.update") == 3);
}

TEST_CASE("update says when there was nothing to do, and why it refused") {
    Machine m;
    m.daemon.answer("lares.update", {Value(Array{})});
    CHECK(m.run({"update"}) == 0);
    CHECK(m.out == "nothing to change\n");
    m.daemon.fault("lares.update", 92, "CANT_REREAD: /etc/x:1: no command");
    CHECK(m.run({"update"}) == 1);
    CHECK(m.err == "lares: the configuration has a mistake: /etc/x:1: no command\n");
}

TEST_CASE("reread tells groups by what became of them") {
    Machine m;
    auto const lists = [](Array a, Array b, Array c) {
        return Value(
            Array{Value(Array{Value(std::move(a)), Value(std::move(b)), Value(std::move(c))})});
    };
    m.daemon.answer("supervisor.reloadConfig", lists({"a"}, {"b"}, {"c", "d"}));
    CHECK(m.run({"reread"}) == 0);
    CHECK(m.out == "a: new\nb: changed\nc: gone\nd: gone\n");
    CHECK(m.run({"reread", "--json"}) == 0);
    CHECK(m.out == "{\"new\":[\"a\"],\"changed\":[\"b\"],\"gone\":[\"c\",\"d\"]}\n");
    m.daemon.answer("supervisor.reloadConfig", lists({}, {}, {}));
    CHECK(m.run({"reread"}) == 0);
    CHECK(m.out == "no group has changed\n");
}

TEST_CASE("add and remove go on after a group that was refused") {
    Machine m;
    m.daemon.methods["supervisor.addProcessGroup"] = [](auto const& params) {
        if (params[0] == Value("b"))
            return text::XmlRpcAnswer(text::XmlRpcFault{90, "ALREADY_ADDED: b"});
        return text::XmlRpcAnswer(Value(true));
    };
    CHECK(m.run({"add", "a", "b", "c"}) == 1);
    CHECK(m.out == "a: added\nc: added\n");
    CHECK(m.err == "lares: already in use: b\n");
    m.daemon.answer("supervisor.removeProcessGroup", true);
    CHECK(m.run({"remove", "a"}) == 0);
    CHECK(m.out == "a: removed\n");
    CHECK(m.run({"remove"}) == 2);
}

TEST_CASE("avail tells what is in use and how it starts") {
    Machine m;
    m.daemon.answer(
        "supervisor.getAllConfigInfo",
        {Value(Array{Value(
            Struct{{"group", "w"}, {"name", "w_0"}, {"inuse", true}, {"autostart", false}})})});
    CHECK(m.run({"avail"}) == 0);
    CHECK(m.out == "w:w_0                            in use  started by hand\n");
}

TEST_CASE("reload and event say that it was passed on") {
    Machine m;
    m.daemon.answer("supervisor.restart", true);
    m.daemon.answer("supervisor.sendRemoteCommEvent", true);
    CHECK(m.run({"reload"}) == 0);
    CHECK(m.daemon.count_of("supervisor.restart") == 1);
    CHECK(m.run({"event", "deployed", "1.2"}) == 0);
    CHECK(m.daemon.params_of("supervisor.sendRemoteCommEvent") == R"(["deployed","1.2"])");
    CHECK(m.run({"event", "deployed"}) == 2);
}

TEST_CASE("the history marks the revision in force") {
    Machine m;
    auto const revision = [](int number, bool current) {
        return Value(Struct{{"revision", number},
                            {"when", 1},
                            {"by", "alice"},
                            {"cause", "update"},
                            {"programs", number},
                            {"current", current}});
    };
    m.daemon.answer("lares.config_history", {Value(Array{revision(1, false), revision(2, true)})});
    CHECK(m.run({"config", "history"}) == 0);
    CHECK(m.out.starts_with("     1  19"));
    CHECK(m.out.find("1 program   update (alice)\n*    2  19") != std::string::npos);
    CHECK(m.out.ends_with("2 programs  update (alice)\n"));
}

TEST_CASE("diff and rollback take numbers of revisions") {
    Machine m;
    m.daemon.answer("lares.config_diff", "-a\n+b\n");
    m.daemon.answer("lares.config_rollback",
                    {Value(Array{outcome("web", "web", 80, "restarted")})});
    m.daemon.answer("lares.config_history",
                    {Value(Array{Value(Struct{{"revision", 1}, {"current", false}}),
                                 Value(Struct{{"revision", 5}, {"current", true}})})});
    CHECK(m.run({"config", "diff"}) == 0);
    CHECK(m.out == "-a\n+b\n");
    CHECK(m.daemon.params_of("lares.config_diff") == "[5,0]");  // in force, on disk
    CHECK(m.run({"config", "diff", "2", "3"}) == 0);
    CHECK(m.run({"config", "diff", "two"}) == 2);
    CHECK(m.err == "lares: 'two' is no revision; 'lares config history' lists them\n");
    CHECK(m.run({"config", "rollback", "2"}) == 0);
    CHECK(m.out == "web: restarted\n");
    CHECK(m.daemon.params_of("lares.config_rollback") == "[2]");
    CHECK(m.run({"config", "rollback"}) == 2);
    m.daemon.fault("lares.config_rollback", 10, "BAD_NAME: revision 9");
    CHECK(m.run({"config", "rollback", "9"}) == 1);
    CHECK(m.err == "lares: there is no revision 9; 'lares config history' lists them\n");
    CHECK(m.run({"config", "nonsense"}) == 2);
}

TEST_CASE("a program is kept from a file or from standard input") {
    Machine m;
    m.daemon.answer("lares.put_program", true);
    m.daemon.answer("lares.remove_program", true);
    m.files["web.ini"] = "[program:web]\n";
    CHECK(m.run({"program", "put", "web", "web.ini"}) == 0);
    CHECK(m.daemon.params_of("lares.put_program") == R"(["web","[program:web]\n"])");
    m.daemon.asked.clear();
    m.typed = {"[program:x]", "command = y"};
    CHECK(m.run({"program", "put", "x", "-"}) == 0);
    CHECK(m.daemon.params_of("lares.put_program") == R"(["x","[program:x]\ncommand = y\n"])");
    CHECK(m.run({"program", "remove", "x"}) == 0);
    CHECK(m.run({"program", "put", "x", "missing"}) == 1);
    CHECK(m.err == "lares: missing: no such file\n");
    CHECK(m.run({"program", "put", "x"}) == 2);
}

TEST_CASE("upgrade waits for a daemon with another pid and tells both versions") {
    Machine m;
    int asked = 0;
    m.daemon.methods["lares.status"] = [&](auto const&) {
        // The old one answers once more, then nobody, then the new one.
        bool const is_new = ++asked > 3;
        return text::XmlRpcAnswer(Value(Struct{{"version", is_new ? "2.0" : "1.0"},
                                               {"pid", is_new ? 200 : 100},
                                               {"processes", Value(Array{})}}));
    };
    m.daemon.trouble = [&]() -> std::optional<Error> {
        if (asked != 2) return std::nullopt;
        ++asked;
        return Error{Error::Kind::unavailable, "refused"};
    };
    m.daemon.answer("lares.upgrade", true);
    CHECK(m.run({"upgrade", "new/lares"}) == 0);
    CHECK(m.daemon.params_of("lares.upgrade") == R"(["/home/alice/new/lares"])");
    CHECK(m.out == "1.0 -> 2.0, pid 100 -> 200, after 40 ms\n");
}

TEST_CASE("upgrade gives up after ten seconds") {
    Machine m;
    m.daemon.answer("lares.status", status_value({}));
    m.daemon.answer("lares.upgrade", true);
    CHECK(m.run({"upgrade"}) == 1);
    CHECK(m.err == "lares: no other daemon answered within 10 s; pid 100 may still be the one\n");
    CHECK(m.pauses == 500);
}

TEST_CASE("a password is typed twice on a terminal, else it is one line") {
    Machine m;
    auto doors = m.doors();
    CHECK(m.run({"hash-password"}) == 1);
    CHECK(m.err == "lares: no password was given\n");
    m.typed = {"secret"};
    CHECK(m.run({"hash-password"}) == 0);
    CHECK(m.out == "hash of secret\n");
    m.has_editor = true;
    m.typed = {"secret", "sekret"};
    CHECK(m.run({"hash-password"}) == 1);
    CHECK(m.err == "lares: the two passwords differ; nothing was done\n");
    m.typed = {"secret", "secret"};
    CHECK(m.run({"hash-password"}) == 0);
    CHECK(m.out == "password: again: hash of secret\n");
}

TEST_CASE("status says below the table that the files are not what runs") {
    Machine m;
    Value status = status_value({{.group = "web", .name = "web"}});
    auto& members = std::get<Struct>(status.held);
    members.emplace_back("config_drift", true);
    members.emplace_back("config_drift_files",
                         Value(Array{Value("/etc/a.conf"), Value("/etc/b.conf")}));
    m.daemon.answer("lares.status", status);
    CHECK(m.run({"status"}) == 0);
    CHECK(
        m.out.ends_with("\nthe configuration on disk is not what runs (/etc/a.conf, /etc/b.conf); "
                        "see: lares plan\n"));
}
