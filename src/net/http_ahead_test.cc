// net/http_ahead_test.cc: requests that are sent before the answer to the last one: which of them
// pass.

#include <doctest/doctest.h>

#include "net/test_world.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using namespace std::chrono_literals;

namespace {

std::string const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::string put(std::string const& body) {
    return "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("small puts sent ahead go to the daemon together; answers keep the order") {
    World world;
    auto peer = world.unix_peer();
    peer.send(put("1") + put("2") + put("3") + get + put("4"));
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 3; }));
    auto answer = [&](std::size_t which, char const* words) {
        world.wire->reply(world.daemon.requests.at(which).request, {.body = words});
    };
    answer(2, "three");
    answer(1, "two");
    world.io.poll();
    CHECK(world.daemon.requests.size() == 3);  // what is no put waits for all of them
    answer(0, "one");
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 4; }));
    REQUIRE(peer.receive_until([&] { return peer.got.ends_with("three"); }));
    auto place = [&](char const* words) { return peer.got.find(std::string("\r\n\r\n") + words); };
    CHECK(place("one") < place("two"));
    CHECK(place("two") < place("three"));
    CHECK(world.daemon.requests.size() == 4);  // and nothing passes it
    answer(3, "got");
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 5; }));
    answer(4, "four");
    CHECK(peer.receive("\r\n\r\ngot"));
    CHECK(peer.receive("\r\n\r\nfour"));
}

TEST_CASE("what puts a job by other ways passes as well, and what only looks like it does not") {
    World world;
    auto peer = world.unix_peer();
    auto post = [](std::string const& target, std::string const& body) {
        return "POST " + target +
               " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    };
    std::string call = "<methodCall><methodName>lares.put</methodName></methodCall>";
    SUBCASE("these do") {
        peer.send(put("1") + post("/api/v1/tasks/report/jobs", "{}") + post("/RPC2", call));
        CHECK(world.turn_until([&] { return world.daemon.requests.size() == 3; }));
    }
    SUBCASE("these do not") {
        std::string multicall = "<methodCall><methodName>system.multicall</methodName><params>" +
                                call + "</params></methodCall>";
        std::string stop = "<methodCall><methodName>lares.put_batch</methodName></methodCall>";
        for (auto const& each :
             {post("/RPC2", multicall), post("/RPC2", stop), post("/RPC2", ""),
              post("/api/v1/tasks//jobs", "{}"), post("/api/v1/tasks/a/b/jobs", "{}"),
              post("/api/v1/tasks/report/jobs?x", "{}"),
              post("/api/v1/tasks/report/pause", "{}")}) {
            World alone;
            auto one = alone.unix_peer();
            one.send(put("1") + each);
            REQUIRE(alone.turn_until([&] { return alone.daemon.requests.size() == 1; }));
            alone.io.poll();
            CHECK(alone.daemon.requests.size() == 1);
        }
    }
}

TEST_CASE("a put that closes the connection takes those behind it along, and each is told") {
    World world;
    auto peer = world.unix_peer();
    peer.send(put("1") + put("2") + put("3"));
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 3; }));
    world.wire->reply(world.daemon.requests[1].request, {.body = "two"});
    world.wire->reply(world.daemon.requests[0].request,
                      {.headers = {{"Connection", "close"}}, .body = "one"});
    CHECK(peer.receive("\r\n\r\none"));
    CHECK(peer.receive_end());
    CHECK(peer.got.find("two") == std::string::npos);
    REQUIRE(world.turn_until([&] { return world.daemon.closes.size() == 1; }));
    CHECK(world.daemon.closes[0] == world.daemon.requests[2].request);
}

TEST_CASE("a large put is read alone, and no more than a bounded number are under way") {
    World world;
    auto peer = world.unix_peer();
    std::string many;
    for (std::size_t i = 0; i < puts_under_way + 10; ++i) many += put("{}");
    peer.send(many + put(std::string(passing_put_bytes + 1, ' ')));
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == puts_under_way; }));
    for (std::size_t i = 0; i < puts_under_way + 10; ++i) {
        REQUIRE(world.turn_until([&] { return world.daemon.requests.size() > i; }));
        CHECK(world.daemon.requests.size() <= puts_under_way + i + 1);
        CHECK(world.daemon.requests.back().body == "{}");
        world.wire->reply(world.daemon.requests[i].request, {.body = "ok"});
    }
    REQUIRE(world.turn_until(
        [&] { return world.daemon.requests.back().body.size() == passing_put_bytes + 1; }));
}
