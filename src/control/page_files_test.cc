// control/page_files_test.cc: who gets the page, and with which headers.

#include "control/page_files.h"

#include <doctest/doctest.h>

#include "control/http_face.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::optional<ports::HttpReply> ask(std::string target, Headers headers = {},
                                    std::string method = "GET") {
    ports::HttpRequested request{};
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    return page_file_reply(request);
}

std::string header(ports::HttpReply const& reply, std::string const& name) {
    for (auto const& [key, value] : reply.headers)
        if (key == name) return value;
    return "";
}

Headers const browser = {{"accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};

/// The address that the page's HTML names for its script or its styles.
std::string named(std::string const& html, std::string const& end) {
    auto stop = html.find(end + "\"");
    REQUIRE(stop != html.npos);
    auto begin = html.rfind('"', stop) + 1;
    return html.substr(begin, stop + end.size() - begin);
}

}  // namespace

TEST_CASE("a browser gets the page at the front door, other clients the classic one") {
    CHECK(ask("/", browser));
    CHECK_FALSE(ask("/"));
    CHECK_FALSE(ask("/", {{"accept", "*/*"}}));
    CHECK_FALSE(ask("/", {{"accept", "text/html;q=0, text/plain"}}));
    CHECK_FALSE(ask("/?message=Process+web+started", browser));
    CHECK_FALSE(ask("/index.html", browser));
    CHECK_FALSE(ask("/pagetwo", browser));
    CHECK_FALSE(ask("/", browser, "POST"));
    CHECK_FALSE(ask("/page/programs", browser, "POST"));
}

TEST_CASE("every address below /page is the page, whatever stands there") {
    auto front = ask("/", browser);
    for (auto const* target :
         {"/page", "/page/", "/page/programs", "/page/programs/web%3Aweb_0?tab=log",
          "/page/../../etc/passwd", "/page/<script>"})
        CHECK(ask(target)->body == front->body);
}

TEST_CASE("the page forbids the browser everything that is not this server's") {
    for (auto const* target : {"/page", "/page/x"}) {
        auto reply = *ask(target);
        CHECK(reply.status == 200);
        CHECK(header(reply, "Content-Type") == "text/html; charset=utf-8");
        CHECK(header(reply, "Content-Security-Policy") == page_policy());
        CHECK(header(reply, "X-Content-Type-Options") == "nosniff");
        CHECK(header(reply, "X-Frame-Options") == "DENY");
        CHECK(header(reply, "Cache-Control") == "no-cache");
    }
    CHECK(page_policy().find("unsafe") == std::string_view::npos);
    CHECK(page_policy().starts_with("default-src 'none'"));
}

TEST_CASE("what the client has already is not sent again") {
    auto tag = header(*ask("/page"), "ETag");
    CHECK(tag.size() == 18);
    auto again = *ask("/page", {{"if-none-match", "\"other\", " + tag}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(header(again, "ETag") == tag);
    CHECK(ask("/page", {{"if-none-match", "\"other\""}})->status == 200);
}

TEST_CASE("who takes gzip gets it, who does not gets plain bytes") {
    auto plain = *ask("/page");
    auto packed = *ask("/page", {{"accept-encoding", "deflate, gzip;q=1.0, *;q=0.5"}});
    CHECK(header(plain, "Content-Encoding").empty());
    CHECK(plain.body.starts_with("<!DOCTYPE html>"));
    CHECK(header(packed, "Content-Encoding") == "gzip");
    CHECK(packed.body.substr(0, 2) == "\x1f\x8b");
    CHECK(header(plain, "ETag") != header(packed, "ETag"));
    for (auto const* list : {"", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"})
        CHECK(header(*ask("/page", {{"accept-encoding", list}}), "Content-Encoding").empty());
    CHECK(header(plain, "Vary") == "Accept, Accept-Encoding");
}

TEST_CASE(
    "script and styles are named by their bytes, kept for ever, and gone when they are others") {
    auto html = ask("/page")->body;
    if (html.find("<script") == html.npos) {
        MESSAGE("the page was not built here: esbuild or npm is missing");
        return;
    }
    for (auto const* end : {".js", ".css"}) {
        auto reply = *ask(named(html, end));
        CHECK(reply.status == 200);
        CHECK(header(reply, "Cache-Control") == "public, max-age=31536000, immutable");
        CHECK(reply.body.size() > 1000);
        auto other = *ask("/page/app-0123456789abcdef" + std::string(end));
        CHECK(other.status == 404);
        CHECK(header(other, "Cache-Control") == "no-store");
    }
    CHECK(html.find("http://") == html.find("http://www.w3.org/2000/svg"));
    CHECK(html.find("https://") == html.npos);
}

TEST_CASE("all of the page is smaller than 250 KB on the wire") {
    Headers packed = {{"accept-encoding", "gzip"}};
    auto html = ask("/page")->body;
    auto bytes = ask("/page", packed)->body.size();
    if (html.find("<script") != html.npos)
        bytes += ask(named(html, ".js"), packed)->body.size() +
                 ask(named(html, ".css"), packed)->body.size();
    CHECK(bytes < 250'000);
}
