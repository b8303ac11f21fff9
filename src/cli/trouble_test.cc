// cli/trouble_test.cc: the words for a daemon that cannot be asked.

#include "cli/trouble.h"

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

FileLook const usable_socket{.exists = true, .is_socket = true, .may_use = true};

Machine machine_in_trouble(Error::Kind kind, std::string what = "connect: trouble") {
    Machine machine;
    machine.daemon.trouble = [=] { return std::optional(Error{kind, what}); };
    return machine;
}

TEST_CASE("a missing socket and no pidfile: the daemon was never started here") {
    Machine machine = machine_in_trouble(Error::Kind::not_found);
    CHECK(machine.run({"status"}) == 3);
    CHECK(machine.err ==
          "lares: no Lares is listening: there is no socket /run/lares.sock\n"
          "    the socket is named by /etc/supervisord.conf; was the daemon started with another "
          "-c?\n"
          "    is it running? start it with: lares up -c /etc/supervisord.conf\n");
}

TEST_CASE("a missing socket and a dead pid: the daemon died") {
    Machine machine = machine_in_trouble(Error::Kind::not_found);
    machine.files["/run/lares.pid"] = "4711\n";
    CHECK(machine.run({"status"}) == 3);
    CHECK(machine.err.find("    its pidfile /run/lares.pid says pid 4711, which is not alive: the "
                           "daemon died or was killed\n") != std::string::npos);
}

TEST_CASE("a missing socket and a living pid: it listens elsewhere") {
    Machine machine = machine_in_trouble(Error::Kind::not_found);
    machine.files["/run/lares.pid"] = "4711\n";
    machine.alive = {4711};
    CHECK(machine.run({"status"}) == 3);
    CHECK(machine.err.find("says pid 4711, which is alive\n") != std::string::npos);
    CHECK(machine.err.ends_with(
        "    it listens elsewhere, or its socket was removed: then restart it\n"));
}

TEST_CASE("a socket where nobody answers is left over from a daemon that died") {
    Machine machine = machine_in_trouble(Error::Kind::unavailable);
    machine.looks["/run/lares.sock"] = usable_socket;
    CHECK(machine.run({"start", "web"}) == 3);
    CHECK(machine.err ==
          "lares: no Lares is listening: nobody answers on the socket /run/lares.sock\n"
          "    the socket is left over from a daemon that died; start it with: lares up -c "
          "/etc/supervisord.conf\n");
    machine.files["/run/lares.pid"] = "4711";
    machine.alive = {4711};
    machine.run({"status"});
    CHECK(machine.err.ends_with("    it may be starting or ending; try again in a moment\n"));
}

TEST_CASE("a file that is no socket is said to be none") {
    Machine machine = machine_in_trouble(Error::Kind::unavailable);
    machine.looks["/run/lares.sock"] = {.exists = true, .is_socket = false, .may_use = true};
    CHECK(machine.run({"status"}) == 3);
    CHECK(machine.err == "lares: no Lares is listening: /run/lares.sock is not a socket\n");
}

TEST_CASE("a socket without permission is told with its owner and mode") {
    Machine machine = machine_in_trouble(Error::Kind::denied);
    machine.looks["/run/lares.sock"] = {
        .exists = true, .is_socket = true, .owner = "root", .group = "staff", .mode = 0700};
    CHECK(machine.run({"status"}) == 1);
    CHECK(machine.err ==
          "lares: alice may not use the socket /run/lares.sock (owner root, group staff, mode "
          "0700)\n"
          "    try it with sudo, or set chmod and chown in [unix_http_server]\n");
}

TEST_CASE("a server that asks for a password, or refuses one, is told apart") {
    Machine machine;
    machine.daemon.status = 401;
    machine.looks["/run/lares.sock"] = usable_socket;
    CHECK(machine.run({"status"}) == 1);
    CHECK(machine.err ==
          "lares: unix:///run/lares.sock asks for a user name and a password\n"
          "    give them with -u and -p, or as username and password in [supervisorctl]\n");
    CHECK(machine.run({"status", "-u", "bob", "-p", "x"}) == 1);
    CHECK(machine.err.starts_with(
        "lares: unix:///run/lares.sock does not accept this password of user 'bob'\n"));
}

TEST_CASE("a server reached by network is told with its address and the reason") {
    Machine machine = machine_in_trouble(Error::Kind::unavailable, "connection refused");
    CHECK(machine.run({"-s", "http://h:1", "status"}) == 3);
    CHECK(machine.err == "lares: no Lares is listening on http://h:1: connection refused\n");
}

TEST_CASE("a server that is no Lares is told by what it does not know") {
    Machine machine;
    CHECK(machine.run({"status"}) == 1);
    CHECK(machine.err == "lares: the server does not know this request\n");
}

TEST_CASE("with --json a failure is an object too, and the words stay on standard error") {
    Machine machine = machine_in_trouble(Error::Kind::unavailable, "connection refused");
    CHECK(machine.run({"--json", "-s", "http://h:1", "status"}) == 3);
    CHECK(machine.out ==
          "{\"error\":\"no Lares is listening on http://h:1: connection refused\"}\n");
    CHECK(machine.err.starts_with("lares: no Lares is listening"));
}

TEST_CASE("a pidfile of nonsense tells nothing") {
    Machine machine = machine_in_trouble(Error::Kind::not_found);
    for (char const* text : {"", "x", "-1\n", "0"}) {
        machine.files["/run/lares.pid"] = text;
        machine.run({"status"});
        CHECK(machine.err.find("pidfile") == std::string::npos);
    }
}

}  // namespace
}  // namespace lares::cli
