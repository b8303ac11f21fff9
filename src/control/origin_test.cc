// control/origin_test.cc: what browsers may be made to ask, and what programs may.

#include "control/origin.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;

namespace {

config::HttpServer server(std::string host) {
    return {.section = "inet_http_server", .is_unix = false, .host = std::move(host), .port = 9001};
}

struct Ask {
    std::string method = "POST", host = "localhost:9001", origin, fetch_site, user_agent;
};

bool passes(Ask const& ask, config::HttpServer const& at = server("127.0.0.1"),
            bool is_open = true) {
    ports::HttpRequested request{.request = {},
                                 .server = 0,
                                 .peer = {},
                                 .method = ask.method,
                                 .target = "/RPC2",
                                 .authorization = {},
                                 .host = ask.host,
                                 .content_type = {},
                                 .origin = ask.origin,
                                 .fetch_site = ask.fetch_site,
                                 .user_agent = ask.user_agent,
                                 .body = {}};
    return !refusal_of_origin(at, request, is_open, "box.example");
}

}  // namespace

TEST_CASE("programs, which send no Origin, are let through") {
    CHECK(passes({}));
    CHECK(passes({.host = ""}));
    CHECK(passes({.host = "127.0.0.1:9001", .user_agent = "xmlrpclib.py/1.0"}));
    CHECK(passes({.host = "some-container:9001"}, server("")));
}

TEST_CASE("a page of another site may not change anything") {
    CHECK_FALSE(passes({.origin = "http://evil.example"}));
    CHECK_FALSE(passes({.origin = "null"}));
    CHECK_FALSE(passes({.origin = "http://localhost:8000"}));
    CHECK_FALSE(passes({.fetch_site = "cross-site"}));
    CHECK_FALSE(passes({.fetch_site = "same-site"}));
    CHECK_FALSE(passes({.method = "PUT", .origin = "http://evil.example"}));
    // Also where somebody has to log in: the browser sends what it knows.
    CHECK_FALSE(passes({.origin = "http://evil.example"}, server(""), /*is_open=*/false));
}

TEST_CASE("our own pages may, by any name that is ours") {
    CHECK(passes({.origin = "http://localhost:9001", .fetch_site = "same-origin"}));
    CHECK(passes({.host = "[::1]:9001", .origin = "http://[::1]:9001"}));
    CHECK(passes({.host = "BOX:9001", .origin = "http://box:9001"}, server("")));
    CHECK(passes({.host = "box.example:9001", .origin = "http://box.example:9001"}, server("")));
    CHECK(passes({.fetch_site = "none"}));
}

TEST_CASE("looking is not changing: a link from elsewhere works") {
    CHECK(passes({.method = "GET", .fetch_site = "cross-site"}));
    CHECK(passes({.method = "HEAD", .fetch_site = "cross-site"}));
}

TEST_CASE("a strange name for this machine is DNS rebinding, unless somebody has to log in") {
    Ask rebound{.method = "GET", .host = "evil.example:9001", .user_agent = "Mozilla/5.0 (X11)"};
    CHECK_FALSE(passes(rebound, server("")));
    CHECK(passes(rebound, server(""), /*is_open=*/false));
    CHECK_FALSE(
        passes({.host = "evil.example:9001", .origin = "http://evil.example:9001"}, server("")));
    // On a loopback address also without a browser's marks: scripts can take them off.
    CHECK_FALSE(passes({.method = "GET", .host = "evil.example"}, server("localhost")));
    CHECK_FALSE(passes({.method = "GET", .host = "127.evil.example"}, server("127.0.0.1")));
}

TEST_CASE("names in hosts are ours, behind a proxy too") {
    auto at = server("127.0.0.1");
    at.hosts = {"jobs.example"};
    CHECK(passes({.host = "jobs.example", .origin = "https://jobs.example"}, at));
    CHECK(passes({.host = "127.0.0.1:9001", .origin = "https://jobs.example"}, at));
    CHECK(passes({.method = "GET", .host = "Jobs.Example."}, at));
    CHECK_FALSE(passes({.host = "jobs.example.evil"}, at));
}

TEST_CASE("no page reaches a unix socket") {
    config::HttpServer socket{.section = "unix_http_server"};
    CHECK(passes({.host = "anything", .origin = "http://evil.example"}, socket));
}

TEST_CASE("a host's name is what stands before its port, in lower case") {
    CHECK(host_name_of("Example.ORG:9001") == "example.org");
    CHECK(host_name_of("[::1]:9001") == "::1");
    CHECK(host_name_of("[::1]") == "::1");
    CHECK(host_name_of("example.org.") == "example.org");
    CHECK(host_name_of("") == "");
    CHECK(host_name_of("[") == "");
}
