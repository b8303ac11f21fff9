// net/http_stream_test.cc: answers without end, as `tail -f` reads them.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "net/test_world.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using namespace std::chrono_literals;

namespace {

std::string const get = "GET /logtail/x HTTP/1.1\r\nHost: x\r\n\r\n";
ports::HttpReply const head{.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = {}};

/// Sends `request` and opens the stream.
ports::RequestId open(World& world, RawPeer& peer, std::string const& request) {
    auto before = world.daemon.requests.size();
    peer.send(request);
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() > before; }));
    auto id = world.daemon.requests.back().request;
    world.wire->open_stream(id, head);
    return id;
}

}  // namespace

TEST_CASE("a stream goes out in chunks, each when it is sent, and ends in good order") {
    World world;
    auto peer = world.unix_peer();
    auto id = open(world, peer, get + "\r\n");
    CHECK(peer.receive("Transfer-Encoding: chunked\r\n\r\n"));
    world.wire->stream_send(id, "hello\n");
    CHECK(peer.receive("6\r\nhello\n\r\n"));
    world.wire->stream_send(id, "");
    world.wire->stream_send(id, "0123456789abcdefg");
    CHECK(peer.receive("11\r\n0123456789abcdefg\r\n"));
    world.wire->end_stream(id);
    CHECK(peer.receive("0\r\n\r\n"));
    world.answer_all({.body = "yes"});
    peer.send(get);
    CHECK(peer.receive("\r\n\r\nyes"));
    CHECK(world.daemon.closes.empty());
}

TEST_CASE("an HTTP/1.0 peer gets the bytes at once and plain, until the connection ends") {
    World world;
    auto peer = world.inet_peer();
    auto id = open(world, peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(peer.receive("HTTP/1.0 200 OK\r\n"));
    CHECK(peer.receive("Connection: close\r\n\r\n"));
    world.wire->stream_send(id, "hello\n");
    CHECK(peer.receive("hello\n"));
    world.wire->end_stream(id);
    CHECK(peer.receive_end());
    CHECK(peer.got.empty());
}

TEST_CASE("StreamDrained follows each send, later than the call") {
    World world;
    auto peer = world.unix_peer();
    auto id = open(world, peer, get);
    world.wire->stream_send(id, "a");
    CHECK(world.daemon.drains.empty());
    CHECK(world.turn_until([&] { return world.daemon.drains.size() == 1; }));
    world.wire->stream_send(id, "");
    CHECK(world.turn_until([&] { return world.daemon.drains.size() == 2; }));
    CHECK(world.daemon.drains[0] == id);
}

TEST_CASE("pieces sent before the first went out are drained one by one") {
    World world;
    auto peer = world.unix_peer();
    auto id = open(world, peer, get);
    std::string large(300 << 10, 'x');
    world.wire->stream_send(id, large);
    world.wire->stream_send(id, large);
    REQUIRE(peer.receive_until([&] { return peer.got.size() > 2 * large.size(); }));
    world.turn_until([&] { return world.io.poll() == 0; });
    CHECK(world.daemon.drains.size() == 2);
}

TEST_CASE("StreamDrained waits for a slow reader, and the pause has no end") {
    World world({.stalled = 10ms});
    auto peer = world.unix_peer();
    auto id = open(world, peer, get);
    std::string large(2 << 20, 'x');
    world.wire->stream_send(id, large);
    world.io.run_for(50ms);
    CHECK(world.daemon.drains.empty());
    CHECK(world.daemon.closes.empty());
    REQUIRE(peer.receive_until([&] { return peer.got.size() > large.size(); }));
    CHECK(world.turn_until([&] { return world.daemon.drains.size() == 1; }));
}

TEST_CASE("a daemon that does not wait for a slow reader loses it, so that nothing grows") {
    World world;
    auto peer = world.unix_peer();
    auto id = open(world, peer, get);
    std::string piece(64 << 10, 'x');
    for (int i = 0; i < 1'000 && world.daemon.closes.empty(); ++i) {
        world.wire->stream_send(id, piece);
        world.io.poll();
    }
    CHECK(world.daemon.closes.size() == 1);
    CHECK(peer.receive_end());
    CHECK(peer.got.size() < 2 * limits::stream_bytes + (1u << 20));
}

TEST_CASE("a long stream to a reader that keeps up arrives whole") {
    World world;
    auto peer = world.inet_peer();
    auto id = open(world, peer, "GET / HTTP/1.0\r\n\r\n");
    CHECK(peer.receive("\r\n\r\n"));
    std::string sent;
    int pieces = 0;
    world.daemon.on_drained = [&](ports::RequestId) {
        if (++pieces == 100) return world.wire->end_stream(id);
        std::string piece(100'000, static_cast<char>('a' + pieces % 26));
        sent += piece;
        world.wire->stream_send(id, piece);
    };
    world.daemon.on_drained(id);
    CHECK(peer.receive_end());
    CHECK(peer.got == sent);
}

TEST_CASE("the daemon hears when a stream's reader leaves, once") {
    World world;
    for (auto make : {&World::unix_peer, &World::inet_peer}) {
        world.daemon = {};
        auto peer = (world.*make)();
        auto id = open(world, peer, get);
        peer.leave();
        REQUIRE(world.turn_until([&] { return !world.daemon.closes.empty(); }));
        world.wire->stream_send(id, "too late");
        world.wire->end_stream(id);
        world.turn_until([&] { return world.io.poll() == 0; });
        CHECK(world.daemon.closes.size() == 1);
        CHECK(world.daemon.drains.empty());
    }
}

TEST_CASE("HEAD of a stream is its head, and then it is over") {
    World world;
    auto peer = world.inet_peer();
    open(world, peer, "HEAD / HTTP/1.1\r\n\r\n");
    CHECK(peer.receive("Transfer-Encoding: chunked\r\n\r\n"));
    CHECK(peer.receive_end());
    CHECK(world.turn_until([&] { return world.daemon.closes.size() == 1; }));
}
