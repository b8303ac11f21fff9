// control/http_call_test.cc: operations by JSON.

#include "control/http_call.h"

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

ports::HttpReply const& reply(Office& office, std::string method, std::string target,
                              std::string body = {}) {
    return office.wire.replies[office.send(std::move(method), std::move(target), std::move(body))];
}

}  // namespace

TEST_CASE("an operation is called with an array of parameters, and gives its result") {
    Office office;
    auto const& good = reply(office, "POST", "/api/v1/call/supervisor.getPID");
    CHECK(good.status == 200);
    CHECK(good.body == "{\"result\":4711}");
    CHECK(reply(office, "POST", "/api/v1/call/supervisor.getPID", " [] ").status == 200);
}

TEST_CASE("what cannot be called says why, as a problem") {
    Office office;
    CHECK(reply(office, "GET", "/api/v1/call/supervisor.getPID").status == 405);
    CHECK(reply(office, "POST", "/api/v1/call/no.such").status == 404);
    CHECK(reply(office, "POST", "/api/v1/call/supervisor.getPID", "{}").status == 400);
    CHECK(reply(office, "POST", "/api/v1/call/supervisor.getPID", "[").status == 400);
    CHECK(reply(office, "POST", "/api/v1/call/supervisor.getPID", "[1]").status == 400);
    auto const& unknown =
        reply(office, "POST", "/api/v1/call/supervisor.startProcess", "[\"<x>\"]");
    CHECK(unknown.status == 404);
    CHECK(unknown.body.find("\"title\":\"BAD_NAME\"") != std::string::npos);
    CHECK(unknown.headers.front().second == "application/problem+json");
}

TEST_CASE("a file is dropped into a folder by its name, and by those who may") {
    Office office;
    auto const& good = reply(office, "PUT", "/api/v1/folders/inbox/files/a%20b.pdf", "bytes");
    CHECK(good.status == 201);
    CHECK(good.body == "{\"path\":\"/in/a b.pdf\"}");
    CHECK(office.house.scripted_work.dropped == std::vector<std::string>{"inbox/a b.pdf: bytes"});
    CHECK(reply(office, "PUT", "/api/v1/folders/nope/files/x", "b").status == 404);
    CHECK(reply(office, "PUT", "/api/v1/folders/inbox", "b").status == 404);
    CHECK(office.house.scripted_work.dropped.size() == 1);
}

TEST_CASE("the page is told who it is") {
    Office office;
    auto const& session = reply(office, "GET", "/api/v1/session");
    CHECK(session.status == 200);
    CHECK(session.body.find("\"role\":\"admin\"") != std::string::npos);
}
