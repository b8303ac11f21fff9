// control/http_face_test.cc: routes, refusals and credentials.

#include "control/http_face.h"

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

int status(Office& office, std::string method, std::string target, std::string body = {}) {
    auto request = office.send(std::move(method), std::move(target), std::move(body));
    office.house.scripted_logs.deliver();
    return office.wire.heads.contains(request) ? 200 : office.status(request);
}

std::string header(ports::HttpReply const& reply, std::string const& name) {
    for (auto const& [key, value] : reply.headers)
        if (key == name) return value;
    return "";
}

std::string const call = text::write_call({"supervisor.getPID", {}});

}  // namespace

TEST_CASE("a call is a POST to any path that begins with /RPC2") {
    Office office;
    CHECK(office.answer(office.send("POST", "/RPC2", call)) == "4711");
    CHECK(office.answer(office.send("POST", "/RPC2/", call)) == "4711");
    CHECK(office.answer(office.send("POST", "/RPC2x?y", call)) == "4711");
    CHECK(status(office, "GET", "/RPC2") == 400);
    CHECK(status(office, "HEAD", "/RPC2") == 400);
    CHECK(status(office, "PUT", "/RPC2", call) == 400);
    CHECK(status(office, "POST", "/rpc2", call) == 404);
}

TEST_CASE("an answer is text/xml with status 200, a fault too") {
    Office office;
    for (auto const* method : {"supervisor.getPID", "x.y"}) {
        auto const& reply = office.wire.replies[office.ask(method)];
        CHECK(reply.status == 200);
        CHECK(header(reply, "Content-Type") == "text/xml");
        CHECK(reply.body.starts_with("<?xml version='1.0'?>\n<methodResponse>\n"));
    }
}

TEST_CASE("what is no call is a 400 with words") {
    Office office;
    for (std::string body : {"", "hello", "<methodCall>", "<methodCall></methodCall>",
                             "<methodCall><methodName></methodName></methodCall>"}) {
        auto request = office.send("POST", "/RPC2", body);
        CHECK(office.status(request) == 400);
        CHECK(office.wire.replies[request].body.size() > 5);
    }
}

TEST_CASE("other pages are not there, other methods not known") {
    Office office;
    CHECK(status(office, "GET", "/nope.html") == 404);
    CHECK(status(office, "POST", "/nope.html", "x") == 404);
    CHECK(status(office, "GET", "/logtail") == 404);
    CHECK(status(office, "GET", "/mainlogtail2") == 404);
    CHECK(status(office, "PUT", "/ok.html") == 400);
    CHECK(status(office, "DELETE", "/") == 400);
}

TEST_CASE("the life sign is OK in plain text") {
    Office office;
    auto const& reply = office.wire.replies[office.send("GET", "/ok.html?x")];
    CHECK(reply.status == 200);
    CHECK(reply.body == "OK");
    CHECK(header(reply, "Content-Type") == "text/plain");
}

TEST_CASE("a log stream is named by process and channel, encoded or not") {
    Office office;
    office.house.add("g", "a b");
    office.house.scripted_logs.files["/log/a b.out"] = {"out", 1, ""};
    office.house.scripted_logs.files["/log/a b.err"] = {"err", 2, ""};
    auto body = [&](std::string target) {
        auto request = office.send("GET", std::move(target));
        office.house.scripted_logs.deliver();
        return office.wire.streams.contains(request) ? office.wire.streams[request]
                                                     : office.wire.replies[request].body;
    };
    CHECK(body("/logtail/g:a%20b") == "out");
    CHECK(body("/logtail/g%3Aa%20b/stdout") == "out");
    CHECK(body("/logtail/g%3aa%20b/stderr/") == "err");
    CHECK(body("/logtail/g:a%20b/stdin") == "a log is 'stdout' or 'stderr'\n");
    CHECK(body("/logtail/nope") == "there is no process 'nope'\n");
    CHECK(body("/logtail/g:*") == "there is no process 'g:*'\n");
    office.house.processes[0].err_log = "";
    CHECK(body("/logtail/g:a%20b/stderr") == "the process has no such log file\n");
}

TEST_CASE("the main log streams, if there is one; only a GET streams") {
    Office office;
    office.house.scripted_logs.files["/log/main"] = {"hello", 1, ""};
    auto request = office.send("GET", "/mainlogtail");
    office.house.scripted_logs.deliver();
    CHECK(office.wire.streams[request] == "hello");
    CHECK(status(office, "HEAD", "/mainlogtail") == 404);
    CHECK(status(office, "POST", "/mainlogtail") == 404);
    office.house.main_log_path = "";
    CHECK(status(office, "GET", "/mainlogtail") == 404);
}

TEST_CASE("a guarded server asks for a name and a password on every route") {
    Office office;
    office.servers[0].username = "user";
    office.servers[0].password = "{SHA}sha1-of-secret";
    for (auto const* target : {"/RPC2", "/ok.html", "/mainlogtail", "/logtail/x", "/nope"}) {
        auto request = office.send("GET", target);
        auto const& reply = office.wire.replies[request];
        CHECK(reply.status == 401);
        CHECK(header(reply, "WWW-Authenticate") == "Basic realm=\"default\"");
        CHECK(header(reply, "Connection") == "close");
    }
    CHECK(office.status(office.send("POST", "/RPC2", call, "Basic dXNlcjp3cm9uZw==")) == 401);
    CHECK(office.status(office.send("POST", "/RPC2", call, "Basic ***")) == 400);
    CHECK(office.answer(office.send("POST", "/RPC2", call, "Basic dXNlcjpzZWNyZXQ=")) == "4711");
}

TEST_CASE("each server has its own credentials") {
    Office office;
    office.servers.resize(2);
    office.servers[1].username = "user";
    auto ask = [&](int server) {
        ports::RequestId id{++office.last_request};
        office.open().on(ports::HttpRequested{
            .request = id, .server = server, .method = "GET", .target = "/ok.html"});
        return office.status(id);
    };
    CHECK(ask(0) == 200);
    CHECK(ask(1) == 401);
    CHECK(ask(2) == 503);
    CHECK(ask(-1) == 503);
}

TEST_CASE("new servers do not disturb what is under way") {
    Office office;
    office.house.add("web", "web");
    office.house.slow = {"start web wait"};
    auto request = office.ask("supervisor.startProcess", {"web"});
    config::HttpServer guarded;
    guarded.username = "user";
    office.open().serve({guarded}, {}, 0);
    CHECK(office.status(office.send("GET", "/ok.html")) == 401);
    office.house.finish("start web wait");
    CHECK(office.answer(request) == "true");
}

TEST_CASE("a request waits until it is answered or its asker has gone, and no longer") {
    Office office;
    office.house.add("web", "web");
    office.house.slow = {"start web wait", "stop web wait"};
    office.ask("supervisor.startProcess", {"web"});
    auto stop = office.ask("supervisor.stopProcess", {"web"});
    office.ask("supervisor.getPID");
    CHECK(office.face->waiting() == 2);
    office.house.finish("start web wait");
    CHECK(office.face->waiting() == 1);
    office.hang_up(stop);
    CHECK(office.face->waiting() == 0);
}

TEST_CASE("the servers may go away after the face was made") {
    Office office;
    office.servers[0].username = "user";
    office.open();
    office.servers.clear();
    CHECK(office.status(office.send("GET", "/ok.html")) == 401);
}
