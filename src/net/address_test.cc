// net/address_test.cc: endpoints and URLs as people write them.

#include "net/address.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::net;

namespace {

std::string endpoint_text(std::string_view text) {
    auto parsed = parse_endpoint(text);
    if (!parsed) return "invalid";
    if (parsed->is_unix()) return "unix " + parsed->path;
    return parsed->host + " " + std::to_string(parsed->port);
}

std::string url_text(std::string_view text) {
    auto parsed = parse_url(text);
    if (!parsed) return "invalid";
    if (parsed->endpoint.is_unix()) return "unix " + parsed->endpoint.path;
    return parsed->endpoint.host + " " + std::to_string(parsed->endpoint.port) + " [" +
           parsed->host + "] " + parsed->target;
}

}  // namespace

TEST_CASE("an endpoint is host and port, or a path") {
    CHECK(endpoint_text("db.example:5432") == "db.example 5432");
    CHECK(endpoint_text("127.0.0.1:1") == "127.0.0.1 1");
    CHECK(endpoint_text("[::1]:65535") == "::1 65535");
    CHECK(endpoint_text("/run/x:y.sock") == "unix /run/x:y.sock");
    for (auto bad : {"", "host", "host:", ":80", "host:0", "host:65536", "host:-1", "host:8x",
                     "::1:80", "[::1", "[::1]", "[::1]80", "[]:80"}) {
        CAPTURE(bad);
        CHECK(endpoint_text(bad) == "invalid");
    }
}

TEST_CASE("a URL is a server and what to ask of it") {
    CHECK(url_text("http://localhost:9001") == "localhost 9001 [localhost:9001] /");
    CHECK(url_text("HTTP://Host/a/b?c=d#e") == "Host 80 [Host] /a/b?c=d");
    CHECK(url_text("http://[::1]:8080/") == "::1 8080 [[::1]:8080] /");
    CHECK(url_text("http://h?q") == "h 80 [h] /?q");
    CHECK(url_text("https://h") == "h 443 [h] /");
    CHECK(parse_url("https://h")->is_tls);
    CHECK_FALSE(parse_url("http://h")->is_tls);
    CHECK(url_text("unix:///run/lares.sock") == "unix /run/lares.sock");
    for (auto bad : {"", "http://", "http://:80", "https://", "unix://x", "h:80", "http://u:p@h/",
                     "http://h/a b", "http://h/\r\nX: y"}) {
        CAPTURE(bad);
        CHECK(url_text(bad) == "invalid");
    }
}
