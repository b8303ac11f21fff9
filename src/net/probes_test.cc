// net/probes_test.cc: what a probe says of servers that answer well, badly, late or not at all.

#include <doctest/doctest.h>

#include "net/probes_asio.h"
#include "net/test_world.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using namespace std::chrono_literals;
using ports::ProbeId;
using enum ports::ProbeRequest::Kind;

namespace {

struct ProbedWorld : World {
    ProbedWorld() : World({.half_closed = 20ms}) {}

    std::unique_ptr<ports::Probes> probes = make_probes(io, daemon);

    std::string inet_target() const { return "127.0.0.1:" + std::to_string(port()); }

    ports::ProbeDone probe(ports::ProbeRequest request) {
        daemon.probes.clear();
        probes->probe(ProbeId{7}, std::move(request));
        CHECK(daemon.probes.empty());  // never from within the call
        REQUIRE(turn_until([&] { return !daemon.probes.empty(); }));
        CHECK(daemon.probes[0].probe == ProbeId{7});
        return daemon.probes[0];
    }
    std::string why(ports::ProbeRequest request) {
        auto result = probe(std::move(request));
        return (result.ok ? "ok: " : "bad: ") + result.why;
    }
};

/// A listening socket whose accepted peer gets `answer` and is then closed.
struct Answering {
    Answering(World& world, std::string text) : io(world.io), answer(std::move(text)) {
        address = known_addresses("127.0.0.1", 0)[0];
        REQUIRE(::bind(socket.get(), address.get(), address.length) == 0);
        REQUIRE(::listen(socket.get(), 4) == 0);
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length);
    }
    /// Accepts, answers in pieces of one byte, and closes.
    void serve() {
        Socket peer;
        REQUIRE(turn_until(io, [&] {
            peer = Socket(::accept4(socket.get(), nullptr, nullptr, SOCK_NONBLOCK));
            return static_cast<bool>(peer);
        }));
        char buffer[4'096];
        REQUIRE(turn_until(io, [&] { return ::recv(peer.get(), buffer, sizeof buffer, 0) > 0; }));
        for (char c : answer) {
            if (::send(peer.get(), &c, 1, MSG_NOSIGNAL) < 0) break;
            io.poll();
        }
    }
    std::string url() const { return "http://" + text_of(address) + "/health"; }

    boost::asio::io_context& io;
    std::string answer;
    Socket socket = open_socket(AF_INET).take();
    Address address;
};

std::string why_of_answer(std::string const& answer) {
    ProbedWorld world;
    Answering server(world, answer);
    world.probes->probe(ProbeId{1}, {.kind = http, .target = server.url()});
    server.serve();
    REQUIRE(world.turn_until([&] { return !world.daemon.probes.empty(); }));
    return world.daemon.probes[0].why;
}

}  // namespace

TEST_CASE("a port that takes connections is well: numeric, by name, or a socket file") {
    ProbedWorld world;
    CHECK(world.why({.kind = tcp, .target = world.inet_target()}) == "ok: connected");
    CHECK(world.why({.kind = tcp, .target = "localhost:" + std::to_string(world.port())}) ==
          "ok: connected");
    CHECK(world.why({.kind = tcp, .target = world.file()}) == "ok: connected");
}

TEST_CASE("a port that refuses is not, and says why") {
    ProbedWorld world;
    auto target = world.inet_target();
    auto file = world.folder.file("none");
    auto port = std::to_string(world.port());
    world.wire->close_listeners();
    CHECK(world.why({.kind = tcp, .target = target}) == "bad: connection refused");
    CHECK(world.why({.kind = tcp, .target = "[::1]:" + port}).starts_with("bad: "));
    CHECK(world.why({.kind = http, .target = "http://" + target}) == "bad: connection refused");
    CHECK(world.why({.kind = tcp, .target = file}) == "bad: no such file or directory");
    CHECK(world.why({.kind = tcp, .target = "nonsense"}).starts_with("bad: 'nonsense': must be"));
}

TEST_CASE("an HTTP status from 200 to 399 is well") {
    ProbedWorld world;
    for (auto [status, ok] : {std::pair{199, false},
                              {200, true},
                              {204, true},
                              {399, true},
                              {400, false},
                              {503, false}}) {
        world.answer_all({.status = status, .body = "x"});
        auto result =
            world.probe({.kind = http, .target = "http://" + world.inet_target() + "/up?a=b"});
        CHECK(result.ok == ok);
        CHECK(result.why == "status " + std::to_string(status));
    }
    auto const& request = world.daemon.requests.back();
    CHECK(request.method == "GET");
    CHECK(request.target == "/up?a=b");
    CHECK(request.host == world.inet_target());
}

TEST_CASE("a server that accepts and says nothing fails when the time is over") {
    ProbedWorld world;
    auto target = "http://" + world.inet_target();
    CHECK(world.why({.kind = http, .target = target, .timeout = 30ms}) ==
          "bad: no answer within 30 ms");
    // And the connection is closed: the daemon's server saw its peer go.
    CHECK(world.turn_until([&] { return world.daemon.closes.size() == 1; }));
}

TEST_CASE("odd answers are not taken for good ones") {
    CHECK(why_of_answer("") == "closed the connection without an answer");
    CHECK(why_of_answer("HTTP/1.1 2") == "closed the connection without an answer");
    CHECK(why_of_answer("SSH-2.0-OpenSSH_9.2\r\n") == "the answer is not HTTP");
    CHECK(why_of_answer("HTTP/1.1 2x0 OK\r\n") == "the answer is not HTTP");
    CHECK(why_of_answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x')) == "status 200");
}

TEST_CASE("a cancelled probe says nothing and its connection is closed") {
    ProbedWorld world;
    world.probes->probe(ProbeId{1}, {.kind = http, .target = "http://" + world.inet_target()});
    world.probes->probe(ProbeId{2}, {.kind = tcp, .target = world.inet_target()});
    world.probes->cancel(ProbeId{2});
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    world.probes->cancel(ProbeId{1});
    world.probes->cancel(ProbeId{99});
    CHECK(world.turn_until([&] { return world.daemon.closes.size() == 1; }));
    world.io.run_for(5ms);
    CHECK(world.daemon.probes.empty());
}

TEST_CASE("an id used again while under way is one probe, the new one") {
    ProbedWorld world;
    world.probes->probe(ProbeId{1}, {.kind = http, .target = "http://" + world.inet_target()});
    REQUIRE(world.turn_until([&] { return world.daemon.requests.size() == 1; }));
    world.probes->probe(ProbeId{1}, {.kind = tcp, .target = world.inet_target()});
    REQUIRE(world.turn_until([&] { return !world.daemon.probes.empty(); }));
    world.io.run_for(5ms);
    CHECK(world.daemon.probes.size() == 1);
    CHECK(world.daemon.probes[0].why == "connected");
}

TEST_CASE("a name that does not exist fails, also when several ask for it at once") {
    ProbedWorld world;
    for (int i = 1; i <= 3; ++i)
        world.probes->probe(ProbeId{static_cast<std::uint64_t>(i)},
                            {.kind = tcp, .target = "no.such.name.invalid:80", .timeout = 5s});
    REQUIRE(world.turn_until([&] { return world.daemon.probes.size() == 3; }));
    for (auto const& done : world.daemon.probes) {
        CHECK_FALSE(done.ok);
        bool is_told = done.why.starts_with("cannot resolve 'no.such.name.invalid': ") ||
                       done.why.starts_with("no answer within");  // a slow name server
        CHECK(is_told);
    }
}

TEST_CASE("nothing runs when no probe is under way") {
    ProbedWorld world;
    CHECK(world.why({.kind = tcp, .target = world.file()}) == "ok: connected");
    world.turn_until([&] { return world.io.poll() == 0; });
    CHECK(world.io.run_one_for(30ms) == 0);
}
