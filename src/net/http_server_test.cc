// net/http_server_test.cc: what a peer of the HTTP server sees, polite or not.

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <list>

#include "base/limits.h"
#include "net/test_world.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using namespace std::chrono_literals;

namespace {

std::string const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(std::string const& body) {
    return "POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// One hostile or odd beginning of a connection, and the status it must meet (0: closed silently).
void check_refused(std::string const& bytes, std::string const& status) {
    CAPTURE(bytes.substr(0, 200));
    World world;
    auto peer = world.inet_peer();
    peer.send(bytes);
    CHECK(peer.receive("HTTP/1.1 " + status + " "));
    CHECK(peer.receive("Connection: close\r\n"));
    CHECK(peer.receive_end());
    CHECK_FALSE(peer.was_reset);
    CHECK(peer.got.size() > 10);  // a sentence
    CHECK(world.daemon.requests.empty());
}

}  // namespace

TEST_CASE("a request reaches the daemon whole, with its peer and headers") {
    World world;
    auto peer = world.unix_peer();
    peer.send(
        "POST /RPC2?a=%20 HTTP/1.1\r\nHost: here\r\nAuthorization: Basic eDp5\r\n"
        "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\nab\r\n");
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    auto const& request = world.daemon.requests[0];
    CHECK(request.server == 0);
    CHECK(request.peer.is_unix);
    CHECK(request.peer.pid == ::getpid());
    CHECK(request.peer.uid == ::getuid());
    CHECK(request.method == "POST");
    CHECK(request.target == "/RPC2?a=%20");
    CHECK(request.host == "here");
    CHECK(request.authorization == "Basic eDp5");
    CHECK(request.content_type == "text/xml");
    CHECK(request.body == "ab\r\n");
}

TEST_CASE("an inet peer is known by its address") {
    World world;
    auto peer = world.inet_peer();
    peer.send(get);
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    CHECK(world.daemon.requests[0].server == 1);
    CHECK_FALSE(world.daemon.requests[0].peer.is_unix);
    CHECK(world.daemon.requests[0].peer.address.starts_with("127.0.0.1:"));
}

TEST_CASE("an answer has a reason phrase, its length, a date, and the daemon's headers") {
    World world;
    world.answer_all({.status = 404, .headers = {{"X-A", "b\r\nSet-Cookie: x"}}, .body = "gone"});
    auto peer = world.inet_peer();
    peer.send(get);
    REQUIRE(peer.receive_until([&] { return peer.got.ends_with("gone"); }));
    CHECK(peer.got.starts_with("HTTP/1.1 404 Not Found\r\n"));
    CHECK(peer.got.find("\r\nContent-Length: 4\r\n") != std::string::npos);
    CHECK(peer.got.find("\r\nDate: ") != std::string::npos);
    CHECK(peer.got.find("\r\nX-A: b  Set-Cookie: x\r\n") != std::string::npos);
    CHECK(peer.got.find("Connection:") == std::string::npos);
}

TEST_CASE("a connection serves one request after the other") {
    World world;
    world.answer_all({.body = "yes"});
    for (auto make : {&World::unix_peer, &World::inet_peer}) {
        auto peer = (world.*make)();
        for (int i = 0; i < 3; ++i) {
            peer.send(post("x"));
            CHECK(peer.receive("\r\n\r\nyes"));
        }
        CHECK_FALSE(peer.is_closed);
    }
}

TEST_CASE("requests sent ahead are answered in order, each after the one before") {
    World world;
    auto peer = world.unix_peer();
    peer.send(post("1") + "\r\n" + post("2") + get);
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    CHECK(world.daemon.requests[0].body == "1");
    world.wire->reply(world.daemon.requests[0].request, {.body = "one"});
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 2; }));
    world.wire->reply(world.daemon.requests[1].request, {.body = "two"});
    CHECK(peer.receive("\r\n\r\none"));
    CHECK(peer.receive("\r\n\r\ntwo"));
    CHECK(world.daemon.requests.size() == 3);
}

TEST_CASE("a request that comes byte by byte is understood") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.inet_peer();
    for (char c : post("hello")) {
        peer.send({&c, 1});
        world.io.poll();
    }
    CHECK(peer.receive("\r\n\r\nyes"));
    CHECK(world.daemon.requests.at(0).body == "hello");
}

TEST_CASE("CRLFs before a request are ignored, as supervisorctl's tail client sends them") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.unix_peer();
    peer.send("\r\n\r\n" + get);
    CHECK(peer.receive("\r\n\r\nyes"));
    peer.send("\r\n");
    peer.send(get + "\r\n");
    CHECK(peer.receive("\r\n\r\nyes"));
}

TEST_CASE("an HTTP/1.0 request is answered in kind and its connection closed") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.inet_peer();
    peer.send("GET / HTTP/1.0\r\n\r\n\r\n");
    CHECK(peer.receive("HTTP/1.0 200 OK\r\n"));
    CHECK(peer.receive("Connection: close\r\n"));
    CHECK(peer.receive("\r\n\r\nyes"));
    CHECK(peer.receive_end());
    CHECK_FALSE(peer.was_reset);
}

TEST_CASE("HTTP/1.0 with keep-alive stays open, HTTP/1.1 with close does not") {
    World world;
    world.answer_all({.body = "yes"});
    auto old = world.unix_peer();
    for (int i = 0; i < 2; ++i) {
        old.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        CHECK(old.receive("Connection: keep-alive\r\n"));
        CHECK(old.receive("\r\n\r\nyes"));
    }
    auto peer = world.unix_peer();
    peer.send("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n");
    CHECK(peer.receive("Connection: close\r\n"));
    CHECK(peer.receive_end());
}

TEST_CASE("a reply that says close closes") {
    World world;
    world.answer_all({.status = 401, .headers = {{"Connection", "close"}}, .body = "no"});
    auto peer = world.unix_peer();
    peer.send(get);
    CHECK(peer.receive("HTTP/1.1 401 Unauthorized\r\n"));
    CHECK(peer.receive("\r\nConnection: close\r\n"));
    CHECK(peer.receive_end());
    CHECK(peer.got.find("Connection") == std::string::npos);  // said once
}

TEST_CASE("HEAD gets the headers of the answer without its body") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.inet_peer();
    peer.send("HEAD / HTTP/1.1\r\n\r\n" + get);
    CHECK(peer.receive("Content-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n"));
    CHECK(peer.receive("Content-Length: 3\r\n\r\nyes"));
}

TEST_CASE("a peer that waits for 100 Continue gets it") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.inet_peer();
    peer.send("POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(peer.receive("HTTP/1.1 100 Continue\r\n\r\n"));
    peer.send("ab");
    CHECK(peer.receive("\r\n\r\nyes"));
}

TEST_CASE("what is not a request is refused with a sentence, and the daemon never sees it") {
    std::string const head = "POST / HTTP/1.1\r\nHost: x\r\n";
    check_refused("hello\r\n\r\n", "400");
    check_refused("GET\r\n\r\n", "400");
    check_refused("GET / HTTP/1.1\nHost: x\n\n", "400");
    check_refused("GET / HTTP/9.9\r\n\r\n", "400");
    check_refused("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400");
    check_refused(std::string("GET /\0 HTTP/1.1\r\n\r\n", 20), "400");
    check_refused(std::string("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), "400");
    check_refused(std::string(4'000, '\0'), "400");
    check_refused("\x16\x03\x01\x02\x01\x01 TLS hello", "400");
    check_refused(head + "\r\n", "411");
    check_refused("PUT / HTTP/1.0\r\n\r\n", "411");
    check_refused(head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "411");
    check_refused("GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "411");
    check_refused(head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", "400");
    check_refused(head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", "400");
    check_refused(head + "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: -3\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: +3\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: 0x3\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: 99999999999999999999\r\n\r\nabc", "400");
    check_refused(head + "Content-Length: 104857600\r\n\r\nabc", "413");
    check_refused(head + "Content-Length: 18446744073709551615\r\n\r\nabc", "413");
    check_refused("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n", "431");
    check_refused("GET / HTTP/1.1\r\nA: " + std::string(100'000, 'a') + "\r\n\r\n", "431");
    std::string many = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 5'000; ++i) many += "A: bcdefghijklm\r\n";
    check_refused(many + "\r\n", "431");
    check_refused(std::string(1 << 20, 'G'), "431");
}

TEST_CASE("a header just below the limit is taken") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.inet_peer();
    peer.send("GET / HTTP/1.1\r\nA: " + std::string(15'900, 'a') + "\r\n\r\n");
    CHECK(peer.receive("\r\n\r\nyes"));
}

TEST_CASE("a body of the largest size is taken") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.unix_peer();
    peer.send(post(std::string(limits::http_body_bytes, 'b')));
    CHECK(peer.receive("\r\n\r\nyes"));
    CHECK(world.daemon.requests.at(0).body.size() == limits::http_body_bytes);
}

TEST_CASE("a peer that sends 100 MB it announced still reads why it was refused") {
    World world;
    auto peer = world.inet_peer();
    peer.send("POST / HTTP/1.1\r\nContent-Length: 104857600\r\n\r\n");
    std::string piece(1 << 20, 'x');
    for (int i = 0; i < 100 && !peer.is_closed; ++i) peer.send(piece);
    CHECK(peer.receive("HTTP/1.1 413 Payload Too Large\r\n"));
    CHECK_FALSE(peer.was_reset);
}

TEST_CASE("all bodies under way together are bounded") {
    World world;
    std::list<RawPeer> peers;
    std::string head =
        "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(limits::http_body_bytes) +
        "\r\n\r\n";
    auto const room = all_bodies_bytes / limits::http_body_bytes;
    for (std::size_t i = 0; i < room; ++i) {
        peers.push_back(world.inet_peer());
        peers.back().send(head + "x");
        world.io.poll();
    }
    world.turn_until([&] { return world.io.poll() == 0; });
    auto late = world.inet_peer();
    late.send(head + "x");
    CHECK(late.receive("HTTP/1.1 503 "));
    peers.front().leave();
    world.turn_until([&] { return world.io.poll() == 0; });
    auto next = world.inet_peer();
    next.send(head + "x");
    world.turn_until([&] { return world.io.poll() == 0; });
    next.receive_some();
    CHECK(next.got.empty());  // it has room now
}

TEST_CASE("a body that is whole makes room for others, though its connection stays") {
    World world;
    world.answer_all({.body = "yes"});
    std::list<RawPeer> peers;
    std::string const large = post(std::string(limits::http_body_bytes, 'b'));
    for (std::size_t i = 0; i <= all_bodies_bytes / limits::http_body_bytes; ++i) {
        world.daemon.requests.clear();
        peers.push_back(world.unix_peer());
        peers.back().send(large);
        CHECK(peers.back().receive("\r\n\r\nyes"));
    }
}

TEST_CASE("a request that is not whole in time is refused, header or body") {
    for (std::string begun :
         {"G", "GET / HTTP/1.1\r\nA: b\r\n", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"}) {
        World world({.request = 30ms});
        auto peer = world.unix_peer();
        peer.send(begun);
        CHECK(peer.receive("HTTP/1.1 408 Request Timeout\r\n"));
        CHECK(peer.receive_end());
    }
}

TEST_CASE("a dripping peer cannot hold its connection, each byte buys no time") {
    World world({.request = 50ms});
    auto peer = world.inet_peer();
    peer.send("GET / HTTP/1.1\r\n");
    auto end = std::chrono::steady_clock::now() + 5s;
    while (!peer.is_closed && peer.got.empty() && std::chrono::steady_clock::now() < end) {
        peer.send("A");
        world.io.run_for(1ms);  // not faster: too large a header would be refused for its size
    }
    CHECK(peer.got.starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a large body has time in proportion to what came") {
    World world({.request = 1ms, .body_bytes_per_second = 1'000});
    auto peer = world.unix_peer();
    world.answer_all({.body = "yes"});
    peer.send("POST / HTTP/1.1\r\nContent-Length: 60001\r\n\r\n" + std::string(60'000, 'x'));
    world.io.run_for(20ms);
    peer.send("x");
    CHECK(peer.receive("\r\n\r\nyes"));
}

TEST_CASE("an idle inet connection is closed after a time, an idle unix one never") {
    World world({.idle = 20ms});
    world.answer_all({.body = "yes"});
    auto local = world.unix_peer();
    auto remote = world.inet_peer();
    local.send(get);
    remote.send(get);
    CHECK(remote.receive("\r\n\r\nyes"));
    CHECK(remote.receive_end());
    CHECK(local.receive("\r\n\r\nyes"));
    CHECK_FALSE(local.is_closed);
    local.send(get);
    CHECK(local.receive("\r\n\r\nyes"));
}

TEST_CASE("no timer runs without a connection, while the daemon thinks, or on an idle unix one") {
    World world;
    auto peer = world.unix_peer();
    peer.send(get.substr(0, 5));
    world.io.poll();
    peer.send(get.substr(5));
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    world.turn_until([&] { return world.io.poll() == 0; });
    CHECK(world.io.run_one_for(50ms) == 0);
    world.wire->reply(world.daemon.requests[0].request, {.body = "yes"});
    CHECK(peer.receive("yes"));
    world.turn_until([&] { return world.io.poll() == 0; });
    CHECK(world.io.run_one_for(50ms) == 0);
}

TEST_CASE("the daemon hears when the peer leaves before its answer") {
    World world({.half_closed = 20ms});
    for (auto make : {&World::unix_peer, &World::inet_peer}) {
        world.daemon = {};
        auto peer = (world.*make)();
        peer.send(get);
        REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
        peer.leave();
        REQUIRE(world.turn_until([&] { return !world.daemon.closes.empty(); }));
        CHECK(world.daemon.closes[0] == world.daemon.requests[0].request);
        world.wire->reply(world.daemon.closes[0], {.body = "too late"});  // does nothing
    }
}

TEST_CASE("a peer that only ended its sending gets its answer") {
    World world;
    for (auto make : {&World::unix_peer, &World::inet_peer}) {
        world.daemon = {};
        auto peer = (world.*make)();
        peer.send("GET / HTTP/1.0\r\n\r\n");
        peer.end_sending();
        REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
        world.io.run_for(5ms);
        world.wire->reply(world.daemon.requests[0].request, {.body = "yes"});
        CHECK(peer.receive("\r\n\r\nyes"));
        CHECK(peer.receive_end());
        CHECK(world.daemon.closes.empty());
    }
}

TEST_CASE("a peer that ended its sending is given up after a while") {
    World world({.half_closed = 20ms});
    auto peer = world.inet_peer();
    peer.send(get);
    peer.end_sending();
    CHECK(world.turn_until([&] { return world.daemon.closes.size() == 1; }));
}

TEST_CASE("an answer larger than all buffers arrives whole, then the next") {
    World world;
    std::string body(8 << 20, 'b');
    world.answer_all({.body = body});
    auto peer = world.unix_peer();
    peer.send(get + get);
    REQUIRE(peer.receive_until([&] { return peer.got.size() > 2 * body.size(); }));
    CHECK(world.daemon.requests.size() == 2);
}

TEST_CASE("the second answer is not asked for while the first is not out") {
    World world;
    world.answer_all({.body = std::string(8 << 20, 'b')});
    auto peer = world.unix_peer();
    std::string many;
    for (int i = 0; i < 500; ++i) many += get;
    peer.send(many.substr(0, 10'000));
    world.turn_until([&] { return !world.daemon.requests.empty(); });
    for (int i = 0; i < 50; ++i) world.io.poll();
    CHECK(world.daemon.requests.size() <= 2);
}

TEST_CASE("a peer that takes nothing of its answer is cut off") {
    World world({.stalled = 30ms});
    world.answer_all({.body = std::string(8 << 20, 'b')});
    auto peer = world.unix_peer();
    auto other = world.unix_peer();
    char const* request = get.c_str();
    REQUIRE(turn_until(world.io, [&] { return peer.send(request) > 0; }));
    world.io.run_for(100ms);
    CHECK(peer.receive_end());
    CHECK(peer.got.size() < (8u << 20));
    CHECK(world.daemon.closes.empty());  // the daemon had answered already
}

TEST_CASE("when the house is full the oldest idle inet connection makes room") {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4'096);
    ::setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2'200) return;  // cannot be tried here
    World world;
    world.answer_all({.body = "yes"});
    auto oldest = world.inet_peer();
    oldest.send(get);
    CHECK(oldest.receive("yes"));
    std::list<RawPeer> peers;
    for (int i = 1; i < limits::http_connections; ++i) {
        peers.push_back(world.unix_peer());
        peers.back().send("GET");
        world.io.poll();
    }
    auto newcomer = world.unix_peer();
    newcomer.send(get);
    CHECK(newcomer.receive("yes"));
    CHECK(oldest.receive_end());
    SUBCASE("and nobody else does: the next is told to try again") {
        auto late = world.inet_peer();
        late.send(get);
        CHECK(late.receive("HTTP/1.1 503 Service Unavailable\r\n"));
        CHECK(late.receive_end());
        peers.front().leave();
        world.turn_until([&] { return world.io.poll() == 0; });
        auto next = world.inet_peer();
        next.send(get);
        CHECK(next.receive("yes"));
    }
}

TEST_CASE("who comes when no descriptor is left is heard all the same") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.unix_peer();  // made, and not taken in yet
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    int const next = ::dup(0);  // the lowest that is free
    REQUIRE(next >= 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(next);
    ::close(next);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK(::dup(0) < 0);
    peer.send(get);
    CHECK(peer.receive("yes"));
    peer.leave();
    world.turn_until([&] { return world.io.poll() == 0; });
    ::setrlimit(RLIMIT_NOFILE, &before);
    auto later = world.unix_peer();
    later.send(get);
    CHECK(later.receive("yes"));
}

TEST_CASE("newcomers from the network do not push out who has asked and is at work") {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 2'200) return;  // cannot be tried here
    World world;
    world.answer_all({.body = "yes"});
    auto worker = world.inet_peer();
    worker.send(get);
    CHECK(worker.receive("yes"));
    std::list<RawPeer> silent;
    for (int i = 1; i < limits::http_connections; ++i) silent.push_back(world.inet_peer());
    // Each newcomer takes the place of one that never asked, the oldest first.
    for (int i = 0; i < 20; ++i) {
        auto newcomer = world.inet_peer();
        newcomer.send(get);
        CHECK(newcomer.receive("yes"));
    }
    CHECK(silent.front().receive_end());
    worker.send(get);
    CHECK(worker.receive("yes"));
}

TEST_CASE(
    "an answer that is held goes out when its time has come, and its asker may leave before") {
    World world;
    world.answer_all({.status = 401, .body = "no", .hold = std::chrono::milliseconds(50)});
    auto patient = world.inet_peer(), other = world.inet_peer();
    auto begun = std::chrono::steady_clock::now();
    patient.send(get);
    other.send(get);
    world.turn_until([&] { return world.daemon.requests.size() == 2; });
    other.leave();
    CHECK(patient.receive("401 Unauthorized"));
    CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(50));
    patient.send(get);
    CHECK(patient.receive("401 Unauthorized"));
}

TEST_CASE("200 connections and 10,000 requests are served") {
    World world;
    world.answer_all({.body = "yes"});
    std::list<RawPeer> peers;
    for (int i = 0; i < 200; ++i) peers.push_back(i % 2 ? world.unix_peer() : world.inet_peer());
    for (int round = 0; round < 50; ++round) {
        for (auto& peer : peers) peer.send(post("x"));
        for (auto& peer : peers) CHECK(peer.receive("\r\n\r\nyes"));
    }
    CHECK(world.daemon.requests.size() == 10'000);
}

TEST_CASE("the server can go while peers are in the midst of everything") {
    World world;
    auto idle = world.unix_peer();
    auto half = world.inet_peer();
    half.send("GET / HT");
    auto waiting = world.unix_peer();
    waiting.send(get);
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    world.wire.reset();
    CHECK(idle.receive_end());
    CHECK(half.receive_end());
    CHECK(waiting.receive_end());
}
