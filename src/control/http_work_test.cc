// control/http_work_test.cc: jobs, workers and hooks over HTTP.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

struct Options {
    std::string type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string address;  // of an inet peer
};

struct Web : Office {
    ScriptedWork& work = house.scripted_work;
    Web() { work.add_task("report"); }

    ports::RequestId go(std::string method, std::string target, std::string body, Options options) {
        ports::RequestId id{++last_request};
        ports::HttpRequested request{.request = id, .server = 0};
        request.method = std::move(method);
        request.target = std::move(target);
        request.content_type = options.type;
        request.headers = options.headers;
        request.body = std::move(body);
        request.peer.is_unix = options.address.empty();
        request.peer.address = options.address;
        open().on(std::move(request));
        return id;
    }
    std::string told(ports::RequestId id) const {
        if (!is_answered(id)) return "nothing yet";
        auto const& reply = wire.replies.at(id);
        return std::to_string(reply.status) + " " + reply.body;
    }
    std::string post(std::string target, std::string body, Options options = {}) {
        return told(go("POST", std::move(target), std::move(body), std::move(options)));
    }
    std::string get(std::string target) { return told(go("GET", std::move(target), {}, {})); }
};

}  // namespace

TEST_CASE("a job is put by posting its payload to its task") {
    Web web;
    CHECK(web.post("/api/v1/tasks/report/jobs", R"({"day":"x"})") ==
          R"(201 {"job":812,"duplicate":false})");
    CHECK(web.work.put_jobs[0].payload == R"({"day":"x"})");
    CHECK(web.post("/api/v1/tasks/report/jobs?key=k&priority=7&in=60", "") ==
          R"(201 {"job":813,"duplicate":false})");
    CHECK(web.work.put_jobs[1].key == "k");
    CHECK(web.work.put_jobs[1].priority == 7);
    CHECK(web.work.put_jobs[1].not_before == web.house.time + Duration(60'000));
    Options once{.headers = {{"idempotency-key", "abc"}}};
    CHECK(web.post("/api/v1/tasks/report/jobs", "{}", once).starts_with("201 "));
    CHECK(web.post("/api/v1/tasks/report/jobs", "{}", once) ==
          R"(200 {"job":814,"duplicate":true})");
}

TEST_CASE("a job is answered only once the house has it") {
    Web web;
    web.work.puts_wait = true;
    auto request = web.go("POST", "/api/v1/tasks/report/jobs", "{}", {});
    CHECK(web.told(request) == "nothing yet");
    auto gone = web.go("POST", "/api/v1/tasks/report/jobs", "{}", {});
    web.hang_up(gone);
    web.work.deliver();
    CHECK(web.told(request) == R"(201 {"job":812,"duplicate":false})");
    CHECK(web.told(gone) == "nothing yet");
}

TEST_CASE("a problem names the field and gives a hint") {
    Web web;
    CHECK(web.post("/api/v1/tasks/report/jobs", "[1]") ==
          R"(400 {"type":"about:blank","title":"Bad Request","status":400,)"
          R"("detail":"it must be a JSON object","field":"payload",)"
          R"("hint":"as {\"name\": \"value\"}"})");
    auto request = web.go("POST", "/api/v1/tasks/report/jobs?prio=1", "{}", {});
    CHECK(web.told(request).starts_with("400 "));
    CHECK(web.wire.replies.at(request).headers.front().second == "application/problem+json");
    CHECK(web.post("/api/v1/tasks/nope/jobs", "{}").starts_with("404 "));
    CHECK(web.get("/api/v1/nothing").starts_with("404 "));
    CHECK(web.get("/api/v1/tasks/report/jobs").starts_with("405 "));
    CHECK(web.post("/api/v1/jobs/x/finish", "{}").starts_with("404 "));
    web.work.failure = Error{Error::Kind::conflict, "task 'report' is full"};
    auto full = web.go("POST", "/api/v1/tasks/report/jobs", "{}", {});
    CHECK(web.told(full).starts_with("429 "));
    CHECK(std::ranges::count(web.wire.replies.at(full).headers, "Retry-After",
                             &std::pair<std::string, std::string>::first) == 1);
    web.work.failure = Error{Error::Kind::unavailable, "the disk is full"};
    CHECK(web.post("/api/v1/tasks/report/jobs", "{}").starts_with("503 "));
}

TEST_CASE("lines of JSON are one batch") {
    Web web;
    Options lines{.type = "application/x-ndjson"};
    CHECK(web.post("/api/v1/jobs", "{\"task\":\"report\"}\n{\"task\":\"report\"}\n", lines) ==
          R"(201 {"jobs":2,"first":812,"last":813,"duplicate_count":0,"duplicates":[]})");
    CHECK(web.post("/api/v1/jobs", "{\"task\":\"report\"}\n{\"tusk\":1}", lines) ==
          R"(400 {"type":"about:blank","title":"Bad Request","status":400,)"
          R"("detail":"line 2: a job has no such member","field":"tusk",)"
          R"("hint":"did you mean 'task'?"})");
    CHECK(web.post("/api/v1/jobs", R"({"task":"report","payload":{"a":1}})") ==
          R"(201 {"jobs":1,"first":814,"last":814,"duplicate_count":0,"duplicates":[]})");
    CHECK(web.work.put_jobs.size() == 3);
    CHECK(web.post("/api/v1/jobs", "{\"task\":\"report\"}\n{\"task\":\"report\"}")
              .find("application/x-ndjson") != std::string::npos);
}

TEST_CASE("only so many bytes are on their way to the disk at once") {
    Web web;
    web.work.puts_wait = true;
    std::string const body = "{\"a\":\"" + std::string(limits::payload_bytes - 20, 'x') + "\"}";
    int taken = 0;
    for (int i = 0; i < 30; ++i)
        if (web.post("/api/v1/tasks/report/jobs", body) == "nothing yet") ++taken;
    CHECK(taken == 24);
    // Who hangs up makes no room: what was sent is still there.
    web.hang_up(ports::RequestId{1});
    CHECK(web.post("/api/v1/tasks/report/jobs", body).starts_with("503 "));
    web.work.deliver();
    CHECK(web.post("/api/v1/tasks/report/jobs", body) == "nothing yet");
}

TEST_CASE("a viewer may look at a job and not put one") {
    Web web;
    web.servers[0].is_unix = false;
    config::Account viewer{.name = "eva", .password = "pw", .role = config::Role::viewer};
    web.accounts = {viewer};
    web.serve();
    job::Job job{.id = 812, .task = "report", .payload = "{\"a\":1}"};
    web.work.memory.jobs.push_back(job);
    auto ask = [&](std::string method, std::string target) {
        auto request = web.send(std::move(method), std::move(target), "", "Basic ZXZhOnB3");
        web.check_passwords();
        return web.told(request);
    };
    CHECK(ask("GET", "/api/v1/jobs/812").starts_with("200 {\"job\":812,\"task\":\"report\""));
    CHECK(ask("POST", "/api/v1/tasks/report/jobs").starts_with("403 "));
    CHECK(ask("POST", "/api/v1/jobs/812/finish").starts_with("403 "));
    CHECK(web.told(web.go("GET", "/api/v1/jobs/812", "", {.address = "192.0.2.1:5"}))
              .starts_with("401 "));
    CHECK(web.work.put_jobs.empty());
}

TEST_CASE("a job is told with its payload as the object it is") {
    Web web;
    web.work.memory.jobs.push_back({.id = 5'000'000'000, .task = "report", .payload = "{\"a\":1}"});
    auto answer = web.get("/api/v1/jobs/5000000000");
    CHECK(answer.starts_with(R"(200 {"job":5000000000,)"));
    CHECK(answer.find(R"("payload":{"a":1})") != std::string::npos);
    CHECK(answer.find(R"("ended":0,)") != std::string::npos);
    CHECK(web.get("/api/v1/jobs/9").starts_with("404 "));
}

TEST_CASE("a worker claims, tells how far it is, and finishes") {
    Web web;
    web.work.leases = {{.job = {.id = 812, .task = "report", .payload = "{\"a\":1}"},
                        .run = 17,
                        .token = 3,
                        .lasts = Duration(90'000)}};
    auto claimed =
        web.post("/api/v1/tasks/report/claim", R"({"node":"w1","most":2,"lease":"90s"})");
    CHECK(claimed.starts_with(R"(200 {"jobs":[{"job":812,)"));
    CHECK(claimed.find(R"("token":3,"lease_seconds":90)") != std::string::npos);
    CHECK(web.work.notes.back() == "claim report for w1 2 90000");
    CHECK(web.post("/api/v1/jobs/812/heartbeat", R"({"token":3,"progress":40,"words":"half"})") ==
          R"(200 {"ok":true})");
    CHECK(web.work.notes.back() == "heartbeat 812 3 40 half");
    CHECK(web.post("/api/v1/jobs/812/finish",
                   R"({"token":3,"ok":true,"code":0,"result":{"n":[1, 2]},"log":"l"})") ==
          R"(200 {"ok":true})");
    CHECK(web.work.notes.back() == R"(finish 812 3 ok 0  {"n":[1, 2]} l)");
    web.work.failure = Error{Error::Kind::conflict, "the lease has run out"};
    CHECK(web.post("/api/v1/jobs/812/finish", R"({"token":3,"ok":false})").starts_with("409 "));
    for (auto const* body :
         {"", "{}", "[]", R"({"token":3})", R"({"token":"x","ok":true})", R"({"token":3,"ok":1})",
          R"({"token":3,"ok":true,"code":999})", R"({"token":3,"ok":true,"more":1})"})
        CHECK(web.post("/api/v1/jobs/812/finish", body).starts_with("400 "));
    for (auto const* body : {"{}", R"({"node":"w","lease":0})", R"({"node":"w","most":-1})"})
        CHECK(web.post("/api/v1/tasks/report/claim", body).starts_with("400 "));
}

TEST_CASE("a hook is called without a login, and its job is durable before the answer") {
    Web web;
    web.servers[0].username = "chris";
    web.servers[0].password = "123";
    web.work.add_task("deploy").hook = {.path = "/hook/deploy", .secret = "sesame"};
    web.work.puts_wait = true;
    Options caller{.headers = {{"x-lares-secret", "sesame"}, {"idempotency-key", "n1"}},
                   .address = "203.0.113.9:4000"};
    auto request = web.go("POST", "/hook/deploy", R"({"ref":"main"})", caller);
    CHECK(web.told(request) == "nothing yet");
    web.work.deliver();
    CHECK(web.told(request) == R"(202 {"job":812,"duplicate":false})");
    auto const& job = web.work.put_jobs.back();
    CHECK(job.task == "deploy");
    CHECK(job.payload == R"({"ref":"main"})");
    CHECK(job.source == "hook /hook/deploy");
    CHECK(job.once == "hook /hook/deploy n1");
    CHECK(web.work.notes.back() == "put 1 by hook /hook/deploy from 203.0.113.9");
    CHECK(web.post("/api/v1/tasks/report/jobs", "{}", {.address = "203.0.113.9:4000"})
              .starts_with("401 "));
}

TEST_CASE("a stranger learns nothing of hooks, is answered later each time and noted once") {
    Web web;
    web.work.add_task("deploy").hook = {.path = "/hook/deploy", .secret = "sesame"};
    Options wrong{.headers = {{"x-lares-secret", "guess"}}, .address = "203.0.113.9:4000"};
    auto first = web.go("POST", "/hook/deploy", "{}", wrong);
    auto other = web.go("POST", "/hook/nope", "{}", wrong);
    auto none = web.go("GET", "/hook/deploy", "", {});
    CHECK(web.told(first).starts_with("401 "));
    CHECK(web.told(other) == web.told(first));
    CHECK(web.told(none) == web.told(first));
    CHECK(web.wire.replies.at(other).headers == web.wire.replies.at(first).headers);
    CHECK(web.wire.replies.at(other).hold > web.wire.replies.at(first).hold);
    for (int i = 0; i < 50; ++i) web.go("POST", "/hook/deploy", "{}", wrong);
    CHECK(web.work.journal.size() == 1);
    CHECK(web.log.size() == 1);
    CHECK(web.work.put_jobs.empty());
}

TEST_CASE("nothing is taken while the daemon ends") {
    Web web;
    web.house.daemon = DaemonState::shutdown;
    CHECK(web.post("/api/v1/tasks/report/jobs", "{}").starts_with("503 "));
}
