// control/rest_test.cc: rows that fit together, requests to parameters, answers to JSON.

#include <doctest/doctest.h>

#include <set>

#include "control/openapi.h"
#include "control/operations.h"
#include "control/rest_json.h"
#include "control/rest_parameters.h"
#include "control/rest_routes.h"
#include "control/scripted_test.h"
#include "control/shapes.h"
#include "control/signature.h"
#include "text/json_read.h"

using namespace lares;
using namespace lares::control;

namespace {

std::size_t words_in(std::string_view list) { return typed_words(list).size(); }

std::string path_of(std::string_view method, std::string_view path) {
    auto found = find_route(method, path);
    return found.route ? std::string(found.route->path) : "none";
}

/// Of three entries, the names that the query leaves.
std::string window(std::string query) {
    text::Array list;
    for (auto const* name : {"a", "b", "c"})
        list.push_back(
            text::Struct{{"task", name}, {"late", *name == 'b'}, {"ready", *name - 'a'}});
    auto read = list_window(text::parse_query(query));
    if (auto const* fault = std::get_if<JobFault>(&read)) return "fault " + fault->field;
    auto taken = take_window(std::move(list), std::get<ListWindow>(read));
    if (!taken.wrong.empty()) return "no " + taken.wrong;
    return text::to_json(taken.entries) + (taken.more ? " more after " + taken.last : "");
}

}  // namespace

TEST_CASE("every row is of an operation, with a word for no more than its parameters") {
    for (auto const& route : rest_routes()) {
        CAPTURE(route.path);
        if (route.shape == Shape::own) {
            CHECK(route.operation.empty());
            continue;
        }
        auto const* operation = find_operation(route.operation);
        REQUIRE(operation);
        CHECK(words_in(route.parameters) <= parameters_of(operation->signature).size());
        // Looking needs no more than GET and is never noted, and who writes does not GET.
        if (route.method == "GET")
            CHECK(operation->noted ==
                  (operation->role == Role::viewer ? Noted::by_desk : Noted::never));
        if (route.method != "GET") CHECK(operation->role > Role::viewer);
    }
}

TEST_CASE("every parameter of every operation has a name") {
    for (auto const& operation : operations())
        for (auto const& parameter : parameters_of(operation.signature)) {
            CAPTURE(operation.name);
            CHECK_MESSAGE(!parameter.name.empty(), "write \"name:type\" in its signature");
        }
}

TEST_CASE("no two rows are for the same request") {
    std::set<std::string> seen;
    for (auto const& route : rest_routes())
        CHECK(seen.insert(std::string(route.method) + " " + std::string(route.path)).second);
}

TEST_CASE("a path is found by its words before its names") {
    CHECK(path_of("POST", "programs/start") == "programs/start");
    CHECK(path_of("GET", "programs/start") == "programs/{name}");
    CHECK(path_of("POST", "programs/start/start") == "programs/{name}/start");
    CHECK(path_of("HEAD", "programs") == "programs");
    CHECK(path_of("GET", "programs/") == "programs");
    CHECK(path_of("GET", "programs//log") == "none");
    CHECK(path_of("GET", "programs/a/b/c") == "none");
    CHECK(find_route("GET", "programs/g%3Ap%2Fq").captured[0].second == "g:p/q");
    CHECK(find_route("DELETE", "work").methods == std::vector<std::string_view>{"GET"});
}

TEST_CASE("the document is JSON, and names every route and operation") {
    auto document = text::read_json(openapi_document());
    REQUIRE(document.ok());
    for (auto const& route : rest_routes())
        CHECK(document->find("paths")->find("/" + std::string(route.path)));
    for (auto const& operation : operations())
        CHECK(document->find("x-operations")->find(operation.name));
}

TEST_CASE("a list is cut, filtered and goes on behind an entry, also one that went") {
    CHECK(window("fields=task") == R"([{"task":"a"},{"task":"b"},{"task":"c"}])");
    CHECK(window("fields=task&limit=1") == R"([{"task":"a"}] more after a)");
    CHECK(window("fields=task&limit=1&after=a") == R"([{"task":"b"}] more after b)");
    CHECK(window("fields=task&after=aa") == R"([{"task":"b"},{"task":"c"}])");
    CHECK(window("fields=task&after=c") == "[]");
    CHECK(window("fields=task&late=true") == R"([{"task":"b"}])");
    CHECK(window("fields=task&ready=2") == R"([{"task":"c"}])");
    CHECK(window("fields=task&q=C") == R"([{"task":"c"}])");
    CHECK(window("nothing=1") == "no nothing");
    CHECK(window("fields=nothing") == "no nothing");
    CHECK(window("limit=0") == "fault limit");
    CHECK(window("limit=x") == "fault limit");
}

TEST_CASE("numbers and JSON that came as text are what they mean") {
    CHECK(rest_json(text::Struct{{"job", "5000000000"}}) == R"({"job":5000000000})");
    CHECK(rest_json(text::Struct{{"name", "5000000000"}}) == R"({"name":"5000000000"})");
    CHECK(rest_json(text::Struct{{"job", "x"}}) == R"({"job":"x"})");
    CHECK(rest_json(text::Struct{{"job", "007"}}) == R"({"job":"007"})");
    CHECK(rest_json(text::Struct{{"after", text::Array{1, "5000000000"}}}) ==
          R"({"after":[1,5000000000]})");
    CHECK(rest_json(text::Struct{{"after", "17"}}) == R"({"after":"17"})");
    CHECK(rest_json(text::Struct{{"payload", R"({"a":[1]})"}}) == R"({"payload":{"a":[1]}})");
    CHECK(rest_json(text::Struct{{"payload", ""}}) == R"({"payload":null})");
    // What is no JSON stays text: nothing of it can leave its quotes.
    CHECK(rest_json(text::Struct{{"result", R"(1,"admin":true)"}}) ==
          R"({"result":"1,\"admin\":true"})");
    CHECK(rest_json(text::Struct{{"words", "</script>\n\x01"}}) ==
          R"({"words":"</script>\n\u0001"})");
}

TEST_CASE("a tag is found in a list of tags") {
    CHECK(has_tag("\"a\", \"b\"", "\"b\""));
    CHECK(has_tag("W/\"b\"", "\"b\""));
    CHECK(has_tag("*", "\"b\""));
    CHECK_FALSE(has_tag("\"a\", \"bb\"", "\"b\""));
    CHECK_FALSE(has_tag("", "\"b\""));
    CHECK(etag_of("a") != etag_of("b"));
}

TEST_CASE("a failure has the status that says what to do about it") {
    CHECK(status_of(Outcome{Fault::bad_name, "x"}) == 404);
    CHECK(status_of(Outcome{Fault::not_running, ""}) == 409);
    CHECK(status_of(Outcome{Fault::bad_arguments, "x"}) == 400);
    CHECK(status_of(Outcome{Fault::bad_arguments, "x", Error::Kind::not_found}) == 404);
    CHECK(status_of(Outcome{Fault::failed, "x", Error::Kind::unavailable}) == 503);
    CHECK(status_of(Outcome{Fault::failed, "x", Error::Kind::denied}) == 403);
    CHECK(problem_of(Outcome{Fault::bad_name, "no\"pe"}, "name", "") ==
          R"({"type":"urn:lares:problem:bad-name","title":"Not Found","status":404,)"
          R"("detail":"there is no 'no\"pe'","fault":10,"field":"name"})");
}

TEST_CASE("parameters given by name are put in order, with their defaults") {
    auto by_name = [](text::Struct given) {
        auto read = parameters_by_name(
            "x.y", "boolean task:string reason:string=why wait:boolean=true", given);
        auto const* list = std::get_if<text::Array>(&read);
        return list ? text::to_json(*list) : std::get<Outcome>(read).extra;
    };
    CHECK(by_name({{"wait", false}, {"task", "a"}}) == R"(["a","why",false])");
    CHECK(by_name({{"reason", "a"}}) == "x.y needs 'task', a string");
    CHECK(by_name({{"tusk", "a"}}) == "x.y has no parameter 'tusk', did you mean 'task'?");
    CHECK(by_name({{"", "a"}, {"task", "a"}}).starts_with("x.y has no parameter ''"));
}

TEST_CASE("a client that goes takes its wait along, but not that of a keyed write") {
    Office office;
    office.house.add_running("web", "web");
    office.house.slow = {"restart web wait"};
    auto plain = office.send("POST", "/api/v1/programs/web/restart");
    REQUIRE(office.house.waiting.size() == 1);
    office.hang_up(plain);
    CHECK(office.house.waiting.empty());
    auto keyed = [&] {
        ports::RequestId id{++office.last_request};
        ports::HttpRequested request{.request = id, .server = 0};
        request.method = "POST";
        request.target = "/api/v1/programs/web/restart";
        request.headers = {{"idempotency-key", "k"}};
        office.open().on(std::move(request));
        return id;
    };
    auto first = keyed();
    office.hang_up(first);
    REQUIRE(office.house.waiting.size() == 1);
    CHECK(office.status(keyed()) == 409);
    office.house.finish("restart web wait");
    CHECK_FALSE(office.is_answered(first));
    auto again = keyed();
    CHECK(office.status(again) == 200);
    CHECK(std::ranges::count(office.house.notes, "restart web wait") == 2);
}

TEST_CASE("a page of another name in the address is refused everywhere but for what is for all") {
    CHECK(is_for_everyone("/status"));
    CHECK(is_for_everyone("/api/v1/session"));
    for (auto const* path : {"/", "/metrics", "/api/v1/programs", "/api/v1/session/", "/statusx",
                             "/status/../x", "/api/v1/sessions", "/ui"})
        CHECK_FALSE(is_for_everyone(path));
}

TEST_CASE("basic credentials are what any client sends") {
    CHECK(basic_of("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(basic_of("a", "") == "Basic YTo=");
    CHECK(basic_of("ab", "") == "Basic YWI6");
    CHECK(bearer_of("bearer  x ") == "x");
    CHECK(bearer_of("Basic x").empty());
}

TEST_CASE("a file is dropped into a folder by its name, and by those who may") {
    Office office;
    auto put = [&](std::string target) {
        return office.wire.replies[office.send("PUT", "/api/v1/folders/" + target, "bytes")];
    };
    auto good = put("inbox/files/a%20b.pdf");
    CHECK(good.status == 201);
    CHECK(good.body == "{\"path\":\"/in/a b.pdf\"}");
    CHECK(office.house.scripted_work.dropped == std::vector<std::string>{"inbox/a b.pdf: bytes"});
    CHECK(put("nope/files/x").status == 404);
    CHECK(put("inbox").status == 404);
    CHECK(office.house.scripted_work.dropped.size() == 1);
}
