// control/pages_test.cc: pages, their buttons, and what they say afterwards.

#include "control/pages.h"

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

std::string header(ports::HttpReply const& reply, std::string const& name) {
    for (auto const& [key, value] : reply.headers)
        if (key == name) return value;
    return "";
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

ports::HttpReply& reply(Office& office, ports::RequestId request) {
    office.house.scripted_logs.deliver();
    return office.wire.replies[request];
}

ports::HttpReply& get(Office& office, std::string target) {
    return reply(office, office.send("GET", std::move(target)));
}

/// Where a POST leads: the message, decoded.
std::string told_message(Office& office, std::string target) {
    auto& answer = reply(office, office.send("POST", std::move(target)));
    if (answer.status != 303) return "status " + std::to_string(answer.status);
    auto location = header(answer, "Location");
    CHECK(location.starts_with("/?message="));
    return text::decode_percent(location.substr(10));
}

}  // namespace

TEST_CASE("the status page shows each process, and everything in it escaped") {
    Office office;
    office.house.add_running("web", "web");
    office.house.add("g", "<b>&'\"").spawn_error = "<i>";
    office.house.processes[1].state = supervise::State::fatal;
    auto& page = get(office, "/?message=%3Cscript%3Ealert(1)%3C/script%3E");
    CHECK(page.status == 200);
    CHECK(has(page.body, "RUNNING"));
    CHECK(has(page.body, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK(has(page.body, "g:&lt;b&gt;&amp;&#39;&quot;"));
    CHECK(has(page.body, "/logtail/g%3A%3Cb%3E%26%27%22/stderr"));
    CHECK_FALSE(has(page.body, "<script"));
    CHECK_FALSE(has(page.body, "<b>"));
    CHECK_FALSE(has(page.body, "<i>"));
    CHECK(get(office, "/index.html").body == get(office, "/").body);
}

TEST_CASE("every page forbids scripts, frames and guessing of types") {
    Office office;
    for (auto const* target :
         {"/", "/index.html?action=stopall", "/tail.html?processname=nope", "/tail.html"}) {
        auto& page = get(office, target);
        CHECK(has(header(page, "Content-Security-Policy"), "default-src 'none'"));
        CHECK(has(header(page, "Content-Security-Policy"), "frame-ancestors 'none'"));
        CHECK(header(page, "X-Frame-Options") == "DENY");
        CHECK(header(page, "X-Content-Type-Options") == "nosniff");
        CHECK(header(page, "Cache-Control") == "no-store");
    }
    CHECK(header(get(office, "/stylesheets/supervisor.css"), "Content-Type") ==
          "text/css; charset=utf-8");
}

TEST_CASE("a GET that would change something is refused, explained, and offers the button") {
    Office office;
    office.house.add("web", "web");
    auto& page = get(office, "/index.html?processname=web&action=start");
    CHECK(page.status == 405);
    CHECK(header(page, "Allow") == "POST");
    CHECK(has(page.body, "<form method=\"post\" action=\"/index.html\">"));
    CHECK(has(page.body, "name=\"processname\" value=\"web\""));
    CHECK(has(page.body, "name=\"action\" value=\"start\""));
    CHECK(get(office, "/?action=stopall").status == 405);
    CHECK(get(office, "/?action=%3Cb%3E").status == 405);
    CHECK_FALSE(has(get(office, "/?action=%3Cb%3E").body, "<b>"));
    CHECK(office.house.notes.empty());
    CHECK(get(office, "/?action=refresh").status == 200);
}

TEST_CASE("a POST acts and leads back to the page with supervisord's words") {
    Office office;
    office.house.add_running("web", "web");
    CHECK(told_message(office, "/index.html?processname=web&action=start") ==
          "Process web started");
    CHECK(told_message(office, "/?processname=web&action=stop") == "Process web stopped");
    CHECK(told_message(office, "/?processname=web&action=restart") == "Process web restarted");
    CHECK(told_message(office, "/?processname=web&action=clearlog") == "Log for web cleared");
    CHECK(told_message(office, "/?processname=nope&action=start") == "No such process named nope");
    CHECK(told_message(office, "/?action=stopall") == "All stopped at Tue Nov 14 22:13:20 2023");
    CHECK(told_message(office, "/?action=restartall") ==
          "All restarted at Tue Nov 14 22:13:20 2023");
    CHECK(told_message(office, "/?action=refresh") == "Page refreshed at Tue Nov 14 22:13:20 2023");
    CHECK(office.house.notes == std::vector<std::string>{"start web wait", "stop web wait",
                                                         "stop web wait", "start web wait",
                                                         "clear web", "stop web wait",
                                                         "stop web wait", "start web wait"});
}

TEST_CASE("the fields of a POST may stand in its body") {
    Office office;
    office.house.add("a b", "a b");
    ports::RequestId id{++office.last_request};
    office.open().on(ports::HttpRequested{.request = id,
                                          .server = 0,
                                          .method = "POST",
                                          .target = "/index.html",
                                          .content_type = "application/x-www-form-urlencoded",
                                          .body = "processname=a+b&action=start"});
    CHECK(header(office.wire.replies[id], "Location") == "/?message=Process%20a%20b%20started");
}

TEST_CASE("what kept a start from happening is told as the original tells it") {
    Office office;
    office.house.add("web", "web");
    auto with = [&](Fault fault) {
        office.house.outcomes["start web wait"] = {fault, "x"};
        return told_message(office, "/?processname=web&action=start");
    };
    CHECK(with(Fault::spawn_error) == "ERROR: Process web: spawn error");
    CHECK(with(Fault::no_file) == "ERROR: Process web: no such file");
    CHECK(with(Fault::not_executable) == "ERROR: Process web: file not executable");
    CHECK(with(Fault::already_started) == "ERROR: Process web: already started");
    CHECK(with(Fault::abnormal_termination) == "ERROR: Process web: abnormal termination");
    CHECK(with(Fault::failed) == "ERROR: Process web: unexpected rpc fault [30] FAILED: x");
}

TEST_CASE("an unknown action, or a process action without a process, is a bad request") {
    Office office;
    CHECK(told_message(office, "/?action=explode") == "status 400");
    CHECK(told_message(office, "/") == "status 400");
    CHECK(told_message(office, "/?action=start") == "status 400");
}

TEST_CASE("a page action waits for its operation, and is given up with its asker") {
    Office office;
    office.house.add("web", "web");
    office.house.slow = {"start web wait"};
    auto first = office.send("POST", "/?processname=web&action=start");
    CHECK_FALSE(office.is_answered(first));
    office.house.finish("start web wait");
    CHECK(office.status(first) == 303);
    auto second = office.send("POST", "/?processname=web&action=start");
    office.hang_up(second);
    CHECK(office.face->waiting() == 0);
    CHECK(office.house.forgotten.size() == 1);
}

TEST_CASE("a viewer sees the page without its buttons and may not press them") {
    Office office;
    office.servers[0].is_unix = false;
    office.accounts = {{.name = "v", .password = "v", .role = Role::viewer}};
    office.house.add_running("web", "web");
    std::string login = "Basic djp2";
    auto& page = reply(office, office.send("GET", "/", "", login));
    CHECK(page.status == 200);
    CHECK_FALSE(has(page.body, "value=\"stop\""));
    CHECK(has(page.body, "Refresh"));
    auto& refused = reply(office, office.send("POST", "/?processname=web&action=stop", "", login));
    CHECK(refused.status == 403);
    CHECK(has(refused.body, "user &#39;v&#39; is a viewer; stop needs operator"));
    CHECK(office.house.notes.empty());
    CHECK(reply(office, office.send("POST", "/?action=refresh", "", login)).status == 303);
}

TEST_CASE("dates are told as ctime() and as HTTP tell them") {
    WallTime at(std::chrono::seconds(784'111'777));  // RFC 7231's example
    CHECK(print_http_date(at) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(print_ctime(at, 3600) == "Sun Nov  6 09:49:37 1994");
}

TEST_CASE("the end of a log is at least 1024 bytes, as a page") {
    Office office;
    office.house.add("g", "p");
    std::string log(3000, 'x');
    log.replace(3000 - 1024, 1, "<");
    office.house.scripted_logs.files["/log/p.out"] = {log, 1, ""};
    auto body = get(office, "/tail.html?processname=g:p&limit=5").body;
    CHECK(has(body, "<pre>&lt;" + std::string(1023, 'x') + "</pre>"));
    CHECK(has(get(office, "/tail.html?processname=g%3Ap&limit=2000").body, std::string(976, 'x')));
    CHECK(has(get(office, "/tail.html?processname=g:p&limit=-1").body, "<pre>&lt;"));
    CHECK(has(get(office, "/tail.html?processname=%3Ci%3E").body, "ERROR: BAD_NAME: &lt;i&gt;"));
    CHECK(has(get(office, "/tail.html").body, "No process name found"));
}
