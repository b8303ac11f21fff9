// config/values_test.cc: single values, what they mean and what is refused.

#include "config/values.h"

#include <doctest/doctest.h>

#include "config/memory_world.h"
#include "config/paths.h"

using namespace lares;
using namespace lares::config;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string error(Result<T> const& result) {
    return result ? "" : result.error().what;
}

std::string print(std::vector<supervise::StopStep> const& ladder) {
    std::string out;
    for (auto const& rung : ladder)
        out += std::to_string(rung.signal) + ":" + std::to_string(rung.wait.count()) + " ";
    return out;
}

std::string ladder(std::string_view text, Duration stopwait = 10s) {
    auto read = parse_stop_ladder(text);
    return read ? print(finish_ladder(*read, stopwait)) : read.error().what;
}

std::string probe(std::string_view text, health::Purpose purpose = health::Purpose::readiness) {
    auto read = parse_probe(text, purpose);
    if (!read) return "error: " + read.error().what;
    using Kind = Probe::Kind;
    switch (read->kind) {
    case Kind::none:
        return "none";
    case Kind::after:
        return "after " + std::to_string(read->after.count());
    case Kind::http:
        return "http " + read->target;
    case Kind::tcp:
        return "tcp " + read->target;
    case Kind::exec:
        return "exec " + std::to_string(read->argv.size());
    case Kind::notify:
        return "notify " + read->target;
    }
    return "";
}

std::string limit(std::string_view name, std::string_view text) {
    auto read = parse_limit(name, text);
    if (!read) return "error";
    return std::to_string(read->soft) + ":" + std::to_string(read->hard);
}

}  // namespace

TEST_CASE("a single stop signal is repeated as supervisord does: KILL after stopwaitsecs") {
    CHECK(ladder("TERM") == "15:10000 9:10000 ");
    CHECK(ladder("sigint", 3s) == "2:3000 9:3000 ");
    CHECK(ladder("KILL", 2s) == "9:2000 9:2000 ");
}

TEST_CASE("a ladder keeps its waits, takes stopwaitsecs where it has none, and ends in KILL") {
    CHECK(ladder("TERM:10s,INT:5s,KILL", 7s) == "15:10000 2:5000 9:7000 ");
    CHECK(ladder("TERM, INT", 7s) == "15:7000 2:7000 9:7000 ");
    CHECK(ladder("TERM:500ms") == "15:500 9:10000 ");
    CHECK(ladder("KILL:5s") == "9:5000 ");
}

TEST_CASE("KILL is not repeated more than once a second") {
    CHECK(ladder("TERM", 0s) == "15:0 9:1000 ");
    CHECK(ladder("TERM:1s,KILL:10ms") == "15:1000 9:1000 ");
}

TEST_CASE("a ladder with an unknown signal or an empty rung is refused") {
    CHECK(ladder("TERM,FOO") == "value 'FOO' is not a valid signal name");
    CHECK(ladder("TERM:10s,") == "value '' is not a valid signal name");
    CHECK(ladder("99") == "value '99' is not a valid signal number");
    CHECK(ladder("TERM:soon").find("not a duration") != std::string::npos);
    CHECK(ladder("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1") == "more than 16 rungs");
}

TEST_CASE("seconds are whole, may be negative, and may carry a unit") {
    CHECK(*parse_seconds("10") == 10s);
    CHECK(*parse_seconds("-1") == -1s);
    CHECK(*parse_seconds("500ms") == 500ms);
    CHECK(*parse_seconds("1h30m") == 90min);
    CHECK(*parse_seconds("99999999999") == longest_span);
    CHECK(error(parse_seconds("1.5")) == "invalid literal for int() with base 10: '1.5'");
    CHECK(error(parse_seconds("soon")) == "invalid literal for int() with base 10: 'soon'");
}

TEST_CASE("autorestart knows yes, no and unexpected in any case") {
    using supervise::Restart;
    CHECK(*parse_restart("True") == Restart::always);
    CHECK(*parse_restart("0") == Restart::never);
    CHECK(*parse_restart("UNEXPECTED") == Restart::unexpected);
    CHECK_FALSE(parse_restart("sometimes"));
}

TEST_CASE("exit codes are 0 to 255 between commas, or none") {
    CHECK(*parse_exit_codes(" 0, 2 ") == std::vector{0, 2});
    CHECK(parse_exit_codes("")->empty());
    CHECK(parse_exit_codes("255"));
    for (auto text : {"256", "-1", "0,", "x"}) CHECK_FALSE(parse_exit_codes(text));
}

TEST_CASE("an address is a port with or without a host, and hosts are in lower case") {
    auto check = [](std::string_view text, std::string const& host, int port) {
        auto address = parse_address(text);
        REQUIRE(address);
        CHECK(address->host == host);
        CHECK(address->port == port);
    };
    check("9001", "", 9001);
    check(":9001", "", 9001);
    check("*:9001", "", 9001);
    check("LocalHost:1", "localhost", 1);
    check(" 127.0.0.1 : 65535 ", "127.0.0.1", 65535);
    check("[::1]:80", "::1", 80);
    for (auto text : {"0", "65536", "x", "a:b", "", "a:"}) CHECK_FALSE(parse_address(text));
}

TEST_CASE("a log target is a word of supervisord's or a path") {
    using Kind = LogTarget::Kind;
    CHECK(parse_log_target("auto").kind == Kind::automatic);
    CHECK(parse_log_target("None").kind == Kind::none);
    CHECK(parse_log_target("OFF").kind == Kind::none);
    CHECK(parse_log_target("").kind == Kind::none);
    CHECK(parse_log_target("Syslog").kind == Kind::syslog);
    CHECK(parse_log_target("journald").kind == Kind::journald);
    CHECK(parse_log_target("/var/log/journald").kind == Kind::file);
    CHECK(parse_log_target("/var/log/x").path == "/var/log/x");
}

TEST_CASE("a user is found by name or number, a group beside it") {
    World world = memory_world({});
    CHECK(parse_user(world, "web")->uid == 1001);
    CHECK(parse_user(world, "65534")->name == "nobody");
    CHECK(error(parse_user(world, "nosuch")) == "Invalid user name nosuch");
    CHECK(error(parse_user(world, "99999")) == "Invalid user id 99999");
    CHECK(parse_owner(world, "web")->gid == -1);
    CHECK(parse_owner(world, "web:staff")->gid == 50);
    CHECK(parse_owner(world, "0:0")->uid == 0);
    CHECK_FALSE(parse_owner(world, "web:nosuch"));
}

TEST_CASE("events are in any case, once each, and must exist") {
    CHECK(*parse_events("tick_5, TICK_5,Event") == std::vector<std::string>{"TICK_5", "EVENT"});
    CHECK(error(parse_events("tick_6")) == "Unknown event type TICK_6");
    CHECK(error(parse_events("EVENT,")) == "Unknown event type ");
    CHECK(event_types().size() == 27);
}

TEST_CASE("a probe is one of the known ways, with what it needs") {
    CHECK(probe("after 2s") == "after 2000");
    CHECK(probe("http http://localhost:8080/health") == "http http://localhost:8080/health");
    CHECK(probe("tcp 8080") == "tcp localhost:8080");
    CHECK(probe("tcp db:5432") == "tcp db:5432");
    CHECK(probe("tcp [::1]:80") == "tcp [::1]:80");
    CHECK(probe("tcp /run/x.sock") == "tcp /run/x.sock");
    CHECK(probe("exec curl -fsS 'http://x/ y'") == "exec 3");
    CHECK(probe("notify") == "notify ");
    CHECK(probe("notify 3") == "notify 3");
}

TEST_CASE("a probe that lacks something, or does not suit liveness, is refused") {
    for (auto text : {"", "after", "after soon", "http", "http ftp://x", "http https://x", "tcp",
                      "tcp x", "exec", "exec 'a", "notify 2", "notify x", "htp x"})
        CHECK(probe(text).starts_with("error: "));
    CHECK(probe("after 2s", health::Purpose::liveness).starts_with("error: "));
    CHECK(probe("notify 3", health::Purpose::liveness).starts_with("error: "));
    CHECK(probe("notify", health::Purpose::liveness) == "notify ");
}

TEST_CASE("a resource limit is one number for both or soft:hard") {
    CHECK(limit("nofile", "1024") == "1024:1024");
    CHECK(limit("nofile", "1024:unlimited") == "1024:-1");
    CHECK(limit("core", "unlimited") == "-1:-1");
    CHECK(limit("stack", "8MB:1GB") == "8388608:1073741824");
    CHECK(limit("nproc", "5:5") == "5:5");
    for (auto text : {"8MB", "-1", "", "5:3", "unlimited:5", "x"})
        CHECK(limit("nofile", text) == "error");
    CHECK(limit("colour", "1") == "error");
    CHECK(limit_names().size() == 15);
}

TEST_CASE("a CPU list is ranges and numbers, sorted, once each") {
    CHECK(*parse_cpu_list("6,0-2 1") == std::vector{0, 1, 2, 6});
    for (auto text : {"", "3-1", "x", "1024", "0-9999999", "-1", "1-"})
        CHECK_FALSE(parse_cpu_list(text));
}

TEST_CASE("an end policy ignores, or shuts down with a code or without") {
    CHECK(parse_end_policy("ignore")->what == OnEnd::ignore);
    CHECK(parse_end_policy("Shutdown")->what == OnEnd::shutdown);
    CHECK_FALSE(parse_end_policy("shutdown")->code);
    CHECK(parse_end_policy("shutdown:255")->code == 255);
    for (auto text : {"", "ignore:1", "shutdown:", "shutdown:256", "shutdown:-1", "stop"})
        CHECK_FALSE(parse_end_policy(text));
}

TEST_CASE("a restart limit is how many in which time") {
    CHECK(*parse_restart_window("5 in 60s") == supervise::RestartWindow{5, 60s});
    CHECK(*parse_restart_window("off") == supervise::RestartWindow{});
    for (auto text : {"5", "0 in 60s", "5 in 0s", "5 in", "many in 60s", "1001 in 1d"})
        CHECK_FALSE(parse_restart_window(text));
}

TEST_CASE("rotation by time is a word or a minute at least") {
    CHECK(*parse_rotation("off") == 0s);
    CHECK(*parse_rotation("daily") == 24h);
    CHECK(*parse_rotation("1d") == 24h);
    CHECK(*parse_rotation("weekly") == 7 * 24h);
    CHECK(*parse_rotation("1m") == 1min);
    for (auto text : {"59s", "often", ""}) CHECK_FALSE(parse_rotation(text));
}

TEST_CASE("a factor is a number of 1 at least, a share a percentage") {
    CHECK(*parse_factor("1.5") == 1.5);
    for (auto text : {"0.9", "nan", "inf", "101", "2x", ""}) CHECK_FALSE(parse_factor(text));
    CHECK(*parse_percent("150%") == 150);
    CHECK(*parse_percent("20%%") == 20);
    CHECK(*parse_percent("20") == 20);
    for (auto text : {"-1%", "1.5%", "%", ""}) CHECK_FALSE(parse_percent(text));
}

TEST_CASE("quotes around a whole text are taken off, others stay") {
    CHECK(unquote("\"[x] \"") == "[x] ");
    CHECK(unquote("'a\"") == "'a\"");
    CHECK(unquote("\"") == "\"");
}

TEST_CASE("a path becomes absolute and loses its dots") {
    CHECK(absolute_path("a//b/./c/../d", "/x") == "/x/a/b/d");
    CHECK(absolute_path("../../..", "/x/y") == "/");
    CHECK(absolute_path("/a/", "/x") == "/a");
    CHECK(directory_of("/a/b") == "/a");
    CHECK(directory_of("/a") == "/");
    CHECK(directory_of("a") == "");
}

TEST_CASE("a tilde is the home of the daemon's user or of the one it names") {
    World world = memory_world({});
    CHECK(expand_home(world, "~/a") == "/root/a");
    CHECK(expand_home(world, "~") == "/root");
    CHECK(expand_home(world, "~web/a") == "/home/web/a");
    CHECK(expand_home(world, "~nosuch/a") == "~nosuch/a");
    CHECK(expand_home(world, "a~") == "a~");
}
