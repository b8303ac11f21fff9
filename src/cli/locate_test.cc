// cli/locate_test.cc: where a configuration says that its daemon listens.

#include "cli/locate.h"

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

/// The server found for a configuration of these bytes, given with -c.
Result<Found> found_in(std::string text, Machine machine = {}) {
    machine.files["/etc/x.conf"] = std::move(text);
    Request request;
    request.config = "/etc/x.conf";
    return locate(request, machine.world(), "/usr/bin");
}

std::string url_in(std::string text, Machine machine = {}) {
    Result<Found> const found = found_in(std::move(text), std::move(machine));
    return found ? found->server.url : "error: " + found.error().what;
}

TEST_CASE("the unix socket of the configuration is the server") {
    Result<Found> const found = found_in(
        "[unix_http_server]\nfile = /run/a.sock\n[supervisord]\npidfile = /run/a.pid\n"
        "[supervisorctl]\nserverurl = http://other:1\n");
    REQUIRE(found);
    CHECK(found->server.url == "unix:///run/a.sock");
    CHECK(found->socket == "/run/a.sock");
    CHECK(found->pidfile == "/run/a.pid");
    CHECK(found->config == "/etc/x.conf");
    CHECK(found->server.username.empty());
}

TEST_CASE("the first of several unix sockets is taken, also one with a suffix") {
    CHECK(
        url_in("[unix_http_server:b]\nfile=/run/b.sock\n[unix_http_server]\nfile=/run/a.sock\n") ==
        "unix:///run/b.sock");
    CHECK(url_in("[unix_http_serverx]\nfile=/run/b.sock\n[unix_http_server]\nfile=/run/a.sock\n") ==
          "unix:///run/a.sock");
}

TEST_CASE("without a unix socket [supervisorctl] names the server, then the TCP port") {
    CHECK(url_in("[inet_http_server]\nport=*:9001\ncertificate=/c.pem\n") ==
          "https://localhost:9001");
    CHECK(url_in("[supervisorctl]\nserverurl=http://h:9\n[inet_http_server]\nport=9001\n") ==
          "http://h:9");
    CHECK(url_in("[inet_http_server]\nport = 9001\n") == "http://localhost:9001");
    CHECK(url_in("[inet_http_server]\nport = *:9002\n") == "http://localhost:9002");
    CHECK(url_in("[inet_http_server]\nport = :9002\n") == "http://localhost:9002");
    CHECK(url_in("[inet_http_server]\nport = 127.0.0.1:9003\n") == "http://127.0.0.1:9003");
}

TEST_CASE("here, the environment and the home folder are expanded") {
    Machine machine;
    machine.environment = {{"WHERE", "/srv"}};
    CHECK(url_in("[unix_http_server]\nfile=%(here)s/a.sock\n") == "unix:///etc/a.sock");
    CHECK(url_in("[unix_http_server]\nfile=%(ENV_WHERE)s/a.sock\n", machine) ==
          "unix:///srv/a.sock");
    CHECK(url_in("[unix_http_server]\nfile=/run/%(host_node_name)s.sock\n") ==
          "unix:///run/host.sock");
    CHECK(url_in("[unix_http_server]\nfile=~/a.sock\n") == "unix:///home/alice/a.sock");
    CHECK(url_in("[unix_http_server]\nfile=a.sock\n") == "unix:///home/alice/a.sock");
}

TEST_CASE("a path that cannot be expanded is said to be so") {
    CHECK(url_in("[unix_http_server]\nfile=%(ENV_NOPE)s/a.sock\n").find("ENV_NOPE") !=
          std::string::npos);
}

TEST_CASE("an included file may name the server, relative to itself") {
    Machine machine;
    machine.files["/etc/conf.d/a.conf"] = "[unix_http_server]\nfile=%(here)s/a.sock\n";
    CHECK(url_in("[include]\nfiles = conf.d/*.conf\n", machine) == "unix:///etc/conf.d/a.sock");
    CHECK(url_in("[include]\nfiles =\n  %(here)s/conf.d/*.conf\n", machine) ==
          "unix:///etc/conf.d/a.sock");
}

TEST_CASE("a server in the main file goes before one in an included file") {
    Machine machine;
    machine.files["/etc/conf.d/a.conf"] = "[unix_http_server]\nfile=/run/included.sock\n";
    CHECK(url_in("[include]\nfiles=conf.d/*.conf\n[inet_http_server]\nport=1\n", machine) ==
          "http://localhost:1");
}

TEST_CASE("credentials come with the server, or from [supervisorctl]") {
    auto const server = [](std::string text) { return found_in(std::move(text))->server; };
    std::string const socket = "[unix_http_server]\nfile=/run/a.sock\n";
    CHECK(server(socket + "username=u\npassword=p%%\n") ==
          api::Server{"unix:///run/a.sock", "u", "p%"});
    CHECK(server(socket + "[supervisorctl]\nusername=c\npassword=q\n") ==
          api::Server{"unix:///run/a.sock", "c", "q"});
    CHECK(server(socket + "username=u\npassword=p\n[supervisorctl]\nusername=c\npassword=q\n") ==
          api::Server{"unix:///run/a.sock", "u", "p"});
    // A client cannot send a password of which it only knows the sum.
    CHECK(server(socket +
                 "username=u\npassword={SHA}ab\n[supervisorctl]\nusername=u\npassword=q\n") ==
          api::Server{"unix:///run/a.sock", "u", "q"});
    CHECK(server("[supervisorctl]\nserverurl=http://h:1\nusername=c\npassword=q\n") ==
          api::Server{"http://h:1", "c", "q"});
}

TEST_CASE("a faulty configuration still tells where its daemon listens") {
    CHECK(url_in("nonsense\n[unix_http_server]\nfile=/run/a.sock\n[program:x]\nnumprocs=many\n") ==
          "unix:///run/a.sock");
}

TEST_CASE("a configuration without a server is refused with what to add") {
    Result<Found> const found = found_in("[supervisord]\n");
    REQUIRE_FALSE(found);
    CHECK(found.error().what ==
          "/etc/x.conf has no [unix_http_server], so its daemon cannot be asked; add one with "
          "'file = PATH', or give --server URL");
}

TEST_CASE("a configuration that cannot be read is an error, named or not") {
    Machine machine;
    Request request;
    request.config = "nope.conf";
    Result<Found> found = locate(request, machine.world(), "/usr/bin");
    REQUIRE_FALSE(found);
    CHECK(found.error().what == "cannot read /home/alice/nope.conf: no such file");

    machine.files.clear();
    found = locate({}, machine.world(), "/usr/bin");
    REQUIRE_FALSE(found);
    CHECK(found.error().what.starts_with("no configuration found at /usr/etc/supervisord.conf, "));
    CHECK(found.error().what.ends_with("; give -c FILE"));
}

TEST_CASE("--server needs no configuration, and a bare path means a unix socket") {
    Machine machine;
    machine.files.clear();
    Request request;
    request.server = "/run/b.sock";
    CHECK(locate(request, machine.world(), "")->server.url == "unix:///run/b.sock");
    request.server = "http://h:1";
    request.username = "u";
    request.password = "p";
    CHECK(locate(request, machine.world(), "")->server == api::Server{"http://h:1", "u", "p"});
    CHECK(locate(request, machine.world(), "")->socket.empty());
    request.server = "ftp://h:1";
    CHECK(locate(request, machine.world(), "").error().what ==
          "'ftp://h:1' is no URL; write unix:///PATH, http://HOST:PORT or https://HOST:PORT");
}

TEST_CASE("--username wins over the configuration's") {
    Machine machine;
    machine.files["/etc/supervisord.conf"] =
        "[unix_http_server]\nfile=/run/a.sock\nusername=u\npassword=p\n";
    Request request;
    request.username = "other";
    request.password = "word";
    CHECK(locate(request, machine.world(), "/usr/bin")->server ==
          api::Server{"unix:///run/a.sock", "other", "word"});
}

}  // namespace
}  // namespace lares::cli
