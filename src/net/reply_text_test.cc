// net/reply_text_test.cc: answers, byte for byte.

#include "net/reply_text.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::net;

namespace {

std::string text(ports::HttpReply const& reply, Framing framing) {
    std::string out;
    append_reply(out, reply, framing, "now");
    return out;
}

}  // namespace

TEST_CASE("an answer is framed as its request wants") {
    ports::HttpReply reply{.status = 200, .headers = {{"Content-Type", "text/xml"}}, .body = "abc"};
    CHECK(text(reply, {}) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nDate: now\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(text(reply, {.is_http11 = false, .keep_alive = true}) ==
          "HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\nDate: now\r\nConnection: keep-alive\r\n"
          "Content-Length: 3\r\n\r\nabc");
    CHECK(text(reply, {.keep_alive = false, .is_head = true}) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nDate: now\r\nConnection: close\r\n"
          "Content-Length: 3\r\n\r\n");
}

TEST_CASE("an answer that may have no body has none") {
    CHECK(text({.status = 204, .headers = {}, .body = "abc"}, {}) ==
          "HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n");
    CHECK(text({.status = 304, .headers = {{"Date", "then"}}, .body = {}}, {}) ==
          "HTTP/1.1 304 Not Modified\r\nDate: then\r\n\r\n");
}

TEST_CASE("framing headers of the daemon do not contradict ours") {
    CHECK(
        text({.status = 200,
              .headers = {{"content-length", "9"}, {"Transfer-Encoding", "x"}, {"A\r\nB", "c\nd"}},
              .body = ""},
             {}) == "HTTP/1.1 200 OK\r\nA  B: c d\r\nDate: now\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("every status has a reason phrase, since clients split the line in three") {
    CHECK(reason_phrase(404) == "Not Found");
    for (int status = 0; status < 1'000; ++status) CHECK_FALSE(reason_phrase(status).empty());
}

TEST_CASE("dates are as RFC 7231 writes them, in no user's language") {
    CHECK(http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
}
