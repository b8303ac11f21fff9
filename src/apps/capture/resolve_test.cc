// apps/capture/resolve_test.cc: chains of redirects, by a scripted web.

#include "apps/capture/resolve.h"

#include <doctest/doctest.h>

#include <map>

#include "apps/capture/urls.h"

using namespace lares;
using namespace lares::capture;

namespace {

/// URL (with its method) to answer; what is not there has no connection.
struct ScriptedWeb : ports::Links {
    std::map<std::string, ports::WebAnswer> answers;
    std::vector<std::string> asked;
    Result<ports::WebAnswer> look(std::string const& method, std::string const& url) override {
        asked.push_back(method + " " + url);
        if (url.find("//10.") != url.npos) return Error{Error::Kind::denied, "no public address"};
        auto found = answers.find(method + " " + url);
        if (found == answers.end()) found = answers.find(url);
        if (found == answers.end()) return Error{Error::Kind::unavailable, "no connection"};
        return found->second;
    }
    void leads(std::string const& from, std::string const& to, int status = 301) {
        answers[from] = {.status = status, .headers = {{"location", to}}};
    }
};

}  // namespace

TEST_CASE("a redirect is read from where it was found") {
    CHECK(redirected("http://a/b/c?d", "http://x") == "http://x/");
    CHECK(redirected("http://a/b/c?d", "//x/y#z") == "http://x/y");
    CHECK(redirected("https://a/b/c?d", "/y?q") == "https://a/y?q");
    CHECK(redirected("http://a/b/c?d", "y") == "http://a/b/y");
    CHECK(redirected("http://a/b/c?d", "../y/./z/..") == "http://a/y/");
    CHECK(redirected("http://a/b/c?d", "../../../y") == "http://a/y");
    CHECK(redirected("http://a", "y") == "http://a/y");
    CHECK(redirected("http://a/b?c", "?e") == "http://a/b?e");
    CHECK(redirected("http://a/b?c", "#f") == "http://a/b?c");
    CHECK(redirected("http://a/", "HTTPS://X/é \"") == "https://X/%C3%A9%20%22");
    for (auto const* each : {"", "ftp://x/", "javascript:alert(1)", "file:///etc/passwd",
                             "http:///x", "data:text/html,x"})
        CHECK(redirected("http://a/", each).empty());
}

TEST_CASE("the whole chain is kept, to where nothing points on") {
    ScriptedWeb web;
    web.leads("http://t.co/1", "https://bit.example/2", 302);
    web.leads("https://bit.example/2", "/3");
    web.answers["https://bit.example/3"] = {.status = 200,
                                            .headers = {{"content-type", "text/html"}}};
    auto const all = resolve_link(web, "http://t.co/1");
    CHECK(all.state == Resolved::State::done);
    CHECK(
        print_chain(all.steps) ==
        R"([{"status":302,"url":"http://t.co/1","headers":{"location":"https://bit.example/2"}},)"
        R"({"status":301,"url":"https://bit.example/2","headers":{"location":"/3"}},)"
        R"({"status":200,"url":"https://bit.example/3","headers":{"content-type":"text/html"}}])");
}

TEST_CASE("HEAD is tried first, and GET where a server does not answer it properly") {
    ScriptedWeb web;
    web.answers["HEAD http://a/"] = {.status = 405};
    web.answers["GET http://a/"] = {.status = 200};
    CHECK(resolve_link(web, "http://a").steps.back().status == 200);
    CHECK(web.asked == std::vector<std::string>{"HEAD http://a/", "GET http://a/"});
    web.answers["http://b/"] = {.status = 404};
    auto const gone = resolve_link(web, "http://b/");
    CHECK(gone.state == Resolved::State::done);
    CHECK(gone.steps.back().status == 404);
}

TEST_CASE("a link that leads into private addresses, circles or nowhere is refused for good") {
    ScriptedWeb web;
    web.leads("http://a/", "http://10.0.0.1/admin");
    auto refused = resolve_link(web, "http://a/");
    CHECK(refused.state == Resolved::State::refused);
    CHECK(refused.steps.size() == 1);
    web.leads("http://b/", "http://c/");
    web.leads("http://c/", "http://b/");
    CHECK(resolve_link(web, "http://b/").words == "it leads in a circle");
    web.leads("http://d/", "file:///etc/passwd");
    CHECK(resolve_link(web, "http://d/").state == Resolved::State::refused);
    CHECK(resolve_link(web, "gopher://d/").state == Resolved::State::refused);
    for (int i = 0; i < 30; ++i)
        web.leads("http://e/" + std::to_string(i), "/" + std::to_string(i + 1));
    auto const endless = resolve_link(web, "http://e/0");
    CHECK(endless.state == Resolved::State::refused);
    CHECK(endless.steps.size() == most_steps);
}

TEST_CASE("what does not answer is tried again, less and less often, five times") {
    ScriptedWeb web;
    CHECK(resolve_link(web, "http://nobody/").state == Resolved::State::later);
    web.answers["http://a/"] = {.status = 503};
    CHECK(resolve_link(web, "http://a/").state == Resolved::State::later);
    CHECK(retry_link_after_ms(1) == 3'600'000);
    CHECK(retry_link_after_ms(4) == 64 * 3'600'000);
    CHECK(retry_link_after_ms(5) == 0);
}
