// cli/offline_test.cc: commands that need no daemon.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

TEST_CASE("up hands over what was asked and gives back its exit status") {
    Machine machine;
    CHECK(machine.run({"up", "-c", "F", "-d", "-e", "debug"}) == 7);
    REQUIRE(machine.started);
    CHECK(machine.started->config == "F");
    CHECK(machine.started->ground == Ground::background);
    CHECK(machine.started->overrides == config::Overrides{{"loglevel", "debug"}});
}

TEST_CASE("up without options leaves all to the configuration") {
    Machine machine;
    CHECK(machine.run({"up"}) == 7);
    CHECK_FALSE(machine.started->config);
    CHECK(machine.started->ground == Ground::as_configured);
    CHECK(machine.run({"up", "--foreground"}) == 7);
    CHECK(machine.started->ground == Ground::foreground);
}

TEST_CASE("wrong usage starts nothing and exits with 2") {
    Machine machine;
    CHECK(machine.run({"up", "-d", "-n"}) == 2);
    CHECK(machine.run({"up", "web"}) == 2);
    CHECK_FALSE(machine.started);
}

char const* const good_config =
    "[supervisord]\n[unix_http_server]\nfile=/run/a.sock\n[program:web]\ncommand=/bin/web\n";

TEST_CASE("check of a good file exits with 0 and shows what would run") {
    Machine machine;
    machine.files["/etc/good.conf"] = good_config;
    CHECK(machine.run({"check", "/etc/good.conf"}) == 0);
    CHECK(machine.out.find("web") != std::string::npos);
    CHECK(machine.daemon.requests.empty());
}

TEST_CASE("check of a faulty file exits with 1 and shows every mistake") {
    Machine machine;
    machine.files["/etc/bad.conf"] =
        "[supervisord]\n[program:web]\ncommand=/bin/web\nstartsecs=soon\nautostart=maybe\n";
    CHECK(machine.run({"check", "/etc/bad.conf"}) == 1);
    CHECK(machine.out.find("lares: /etc/bad.conf:4") != std::string::npos);
    CHECK(machine.out.find("/etc/bad.conf:5") != std::string::npos);
    CHECK(machine.run({"check", "--json", "/etc/bad.conf"}) == 1);
    CHECK(machine.out.starts_with("{\"good\":false"));
}

TEST_CASE("check of a missing file exits with 1") {
    Machine machine;
    CHECK(machine.run({"check", "/etc/nope.conf"}) == 1);
    CHECK(machine.out.find("/etc/nope.conf") != std::string::npos);
}

TEST_CASE("check without a file takes -c, else the default paths") {
    Machine machine;
    machine.files["/etc/good.conf"] = good_config;
    CHECK(machine.run({"check", "-c", "/etc/good.conf"}) == 0);
    machine.files = {{"/etc/supervisord.conf", good_config}};
    CHECK(machine.run({"check"}) == 0);
    machine.files.clear();
    CHECK(machine.run({"check"}) == 2);
    CHECK(machine.err.starts_with("lares: no configuration found at "));
}

TEST_CASE("explain tells an option, and the nearest of one it does not know") {
    Machine machine;
    CHECK(machine.run({"explain", "startsecs"}) == 0);
    CHECK(machine.out.find("startsecs") != std::string::npos);
    CHECK(machine.run({"explain", "startsec"}) == 1);
    CHECK(machine.err.find("startsecs") != std::string::npos);
    CHECK(machine.run({"explain", "--json", "startsecs"}) == 0);
    CHECK(machine.out.starts_with("[{"));
    CHECK(machine.daemon.requests.empty());
}

TEST_CASE("a configuration that cannot be found is wrong usage") {
    Machine machine;
    CHECK(machine.run({"status", "-c", "/nope"}) == 2);
    CHECK(machine.err == "lares: cannot read /nope: no such file\n");
}

}  // namespace
}  // namespace lares::cli
