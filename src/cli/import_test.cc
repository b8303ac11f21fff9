// cli/import_test.cc: tables of others printed as sections, and what is said of the rest.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

TEST_CASE("import prints a crontab as sections that check accepts") {
    Machine machine;
    machine.files["/etc/crontab"] =
        "SHELL=/bin/bash\n17 * * * * root echo 'a ; b' \\%\n0 6 * * 1-5 root x%in\n";
    CHECK(machine.run({"import", "crontab", "/etc/crontab"}) == 0);
    CHECK(machine.out.find("schedule = 17 * * * *\n") != std::string::npos);
    CHECK(machine.out.find("; /etc/crontab:2\n[task:crontab.echo-") != std::string::npos);
    CHECK(machine.daemon.requests.empty());
    machine.files["/etc/new.conf"] = machine.out;
    CHECK(machine.run({"check", "/etc/new.conf"}) == 0);
    CHECK(machine.out.find("2 tasks") != std::string::npos);
}

TEST_CASE("import prints what can be said and names the lines that cannot, with exit status 1") {
    Machine machine;
    machine.files["/srv/tab"] = "0 6 * * * root a\n5/15 * * * * root b\nx\n0 7 * * * nobody1 c\n";
    CHECK(machine.run({"import", "--system", "crontab", "/srv/tab"}) == 1);
    CHECK(machine.out.find("[task:tab.a-") != std::string::npos);
    CHECK(machine.out.find("[task:tab.b-") == std::string::npos);
    CHECK(machine.err.find("/srv/tab:2: ") != std::string::npos);
    CHECK(machine.err.find("/srv/tab:3: ") != std::string::npos);
    CHECK(machine.err.find("/srv/tab:4: ") != std::string::npos);
    machine.files["/etc/new.conf"] = machine.out;
    CHECK(machine.run({"check", "/etc/new.conf"}) == 0);
}

TEST_CASE("import reads incron's tables, Procfiles and timers of systemd") {
    Machine machine;
    machine.files["/etc/incron.d/x"] = "/tmp IN_CLOSE_WRITE run $@/$#\n";
    machine.files["/srv/Procfile"] = "web: run ; more\n";
    machine.files["/u/b.timer"] = "[Timer]\nOnCalendar=daily\n";
    machine.files["/u/b.service"] = "[Service]\nExecStart=/bin/b\n";
    auto check = [&](char const* kind, char const* file, std::string_view words) {
        CHECK(machine.run({"import", kind, file}) == 0);
        CHECK(machine.out.find(words) != std::string::npos);
        machine.files["/etc/new.conf"] = machine.out;
        CHECK(machine.run({"check", "/etc/new.conf"}) == 0);
    };
    check("incrontab", "/etc/incron.d/x", "[folder:x.tmp-");
    check("procfile", "/srv/Procfile", "[program:web]");
    check("systemd-timer", "/u/b.timer", "[task:b]");
}

TEST_CASE("import says in JSON what it says in words") {
    Machine machine;
    machine.files["/srv/Procfile"] = "web: run\nbad\n";
    CHECK(machine.run({"import", "--json", "procfile", "/srv/Procfile"}) == 1);
    CHECK(machine.out.find("\"name\":\"program:web\"") != std::string::npos);
    CHECK(machine.out.find("\"line\":2") != std::string::npos);
}

TEST_CASE("import of an unknown kind names the nearest, and of a missing file says so") {
    Machine machine;
    machine.files["/srv/x"] = "";
    CHECK(machine.run({"import", "crontb", "/srv/x"}) == 2);
    CHECK(machine.err.find("did you mean 'crontab'?") != std::string::npos);
    CHECK(machine.run({"import", "crontab", "/srv/y"}) == 1);
    CHECK(machine.err.find("read '/srv/y'") != std::string::npos);
    CHECK(machine.run({"import", "crontab"}) == 2);
    machine.files["/u/b.timer"] = "[Timer]\nOnCalendar=daily\n";
    CHECK(machine.run({"import", "systemd-timer", "/u/b.timer"}) == 1);
    CHECK(machine.err.find("/u/b.service") != std::string::npos);
}

}  // namespace
}  // namespace lares::cli
