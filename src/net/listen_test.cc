// net/listen_test.cc: how sockets are opened, taken over, and given up.

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "net/test_world.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using Kind = lares::Error::Kind;

namespace {

struct Server {
    boost::asio::io_context io;
    Recorder daemon;
    std::unique_ptr<ports::Wire> wire = make_http_server(io, daemon, {});
    std::vector<std::string> notes;

    Result<> listen_unix(std::string const& file, unsigned mode = 0700) {
        return wire->listen({.file = file, .mode = mode}, notes);
    }
    Result<> listen_inet(std::string const& host, int port) {
        return wire->listen({.is_unix = false, .host = host, .port = port}, notes);
    }
};

unsigned mode_of(std::string const& file) {
    struct stat found{};
    return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

/// What a daemon that was killed leaves behind.
void leave_stale_socket(std::string const& file) {
    auto address = unix_address(file).take();
    auto socket = open_socket(AF_UNIX).take();
    REQUIRE(::bind(socket.get(), address.get(), address.length) == 0);
    REQUIRE(::listen(socket.get(), 1) == 0);
}

std::size_t files_in(std::string const& folder) {
    auto all = std::filesystem::directory_iterator(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("a unix socket has the mode asked for and leaves no temporary name") {
    Folder folder;
    Server server;
    REQUIRE(server.listen_unix(folder.file("s"), 0766).ok());
    CHECK(mode_of(folder.file("s")) == 0766);
    CHECK(files_in(folder.path) == 1);
    CHECK(server.notes.empty());
}

TEST_CASE("a stale socket is replaced and noted") {
    Folder folder;
    leave_stale_socket(folder.file("s"));
    Server server;
    REQUIRE(server.listen_unix(folder.file("s")).ok());
    CHECK(server.notes == std::vector{"Unlinking stale socket " + folder.file("s")});
    RawPeer peer(server.io, unix_address(folder.file("s")).take());
    peer.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(turn_until(server.io, [&] { return server.daemon.requests.size() == 1; }));
}

TEST_CASE("a socket that another server answers is a conflict, and stays the other's") {
    Folder folder;
    Server first, second;
    REQUIRE(first.listen_unix(folder.file("s")).ok());
    auto result = second.listen_unix(folder.file("s"));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == Kind::conflict);
    CHECK(second.notes.empty());
    second.wire.reset();
    CHECK(files_in(folder.path) == 1);
    RawPeer peer(first.io, unix_address(folder.file("s")).take());
    peer.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(turn_until(first.io, [&] { return first.daemon.requests.size() == 1; }));
}

TEST_CASE("a server too busy to accept keeps its socket") {
    Folder folder;
    auto address = unix_address(folder.file("s")).take();
    auto busy = open_socket(AF_UNIX).take();
    REQUIRE(::bind(busy.get(), address.get(), address.length) == 0);
    REQUIRE(::listen(busy.get(), 0) == 0);
    auto fills_queue = open_socket(AF_UNIX).take();
    REQUIRE(::connect(fills_queue.get(), address.get(), address.length) == 0);
    Server server;
    CHECK(server.listen_unix(folder.file("s")).error().kind == Kind::conflict);
}

TEST_CASE("a file that is no socket is not touched") {
    Folder folder;
    std::ofstream(folder.file("s")) << "precious";
    Server server;
    auto result = server.listen_unix(folder.file("s"));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == Kind::unavailable);
    CHECK(result.error().what == "'" + folder.file("s") + "' exists and is not a socket");
    CHECK(std::filesystem::file_size(folder.file("s")) == 8);
}

TEST_CASE("a temporary name left by a daemon with our pid is no obstacle") {
    Folder folder;
    leave_stale_socket(folder.file("s") + "." + std::to_string(::getpid()));
    Server server;
    CHECK(server.listen_unix(folder.file("s")).ok());
    CHECK(files_in(folder.path) == 1);
}

TEST_CASE("a path too long for a socket is refused in words, one that just fits works") {
    Folder folder;
    Server server;
    std::string base = folder.path + "/";
    auto result = server.listen_unix(base + std::string(108 - base.size(), 'x'));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == Kind::invalid);
    CHECK(result.error().what.ends_with(
        "has 108 bytes; a unix socket can have at most 107, choose a shorter one"));
    CHECK(server.listen_unix(base + std::string(107 - base.size(), 'x')).ok());
    CHECK(files_in(folder.path) == 1);
}

TEST_CASE("what keeps a socket from being opened is named as supervisord names it") {
    Server server;
    auto missing = server.listen_unix("/nonexistent/s");
    CHECK(missing.error().kind == Kind::unavailable);
    CHECK(missing.error().what == "errno.ENOENT (2)");
    CHECK(socket_error(EACCES).kind == Kind::denied);
    CHECK(socket_error(EACCES).what == "errno.EACCES (13)");
    auto elsewhere = server.listen_inet("192.0.2.1", 0);
    CHECK(elsewhere.error().kind == Kind::unavailable);
    CHECK(elsewhere.error().what == "errno.EADDRNOTAVAIL (99)");
}

TEST_CASE("closing removes the socket file, but not one that another has put there") {
    Folder folder;
    Server server;
    REQUIRE(server.listen_unix(folder.file("ours")).ok());
    REQUIRE(server.listen_unix(folder.file("taken")).ok());
    std::filesystem::remove(folder.file("taken"));
    leave_stale_socket(folder.file("taken"));
    server.wire->close_listeners();
    CHECK_FALSE(std::filesystem::exists(folder.file("ours")));
    CHECK(std::filesystem::exists(folder.file("taken")));
}

TEST_CASE("after closing, the same addresses can be opened again; connections go on") {
    World world;
    world.answer_all({.body = "yes"});
    auto peer = world.unix_peer();
    peer.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(peer.receive("yes"));
    int port = world.port();
    world.wire->close_listeners();
    std::vector<std::string> notes;
    CHECK(world.wire->listen({.file = world.file()}, notes).ok());
    CHECK(world.wire
              ->listen({.server = 1, .is_unix = false, .host = "127.0.0.1", .port = port}, notes)
              .ok());
    CHECK(world.port() == port);
    peer.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(peer.receive("yes"));
    auto other = world.inet_peer();
    other.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(other.receive("yes"));
}

TEST_CASE("a port in use is a conflict") {
    Server first, second;
    REQUIRE(first.listen_inet("127.0.0.1", 0).ok());
    auto result = second.listen_inet("127.0.0.1", first.wire->port_of(0));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().kind == Kind::conflict);
}

TEST_CASE("every address is IPv4 and IPv6, and localhost is both when there are both") {
    for (std::string host : {"", "*", "localhost"}) {
        CAPTURE(host);
        Server server;
        REQUIRE(server.listen_inet(host, 0).ok());
        std::size_t served = 0;
        for (auto const& address : known_addresses("localhost", server.wire->port_of(0))) {
            if (!open_socket(address.family())) continue;
            RawPeer peer(server.io, address);
            peer.send("GET / HTTP/1.1\r\n\r\n");
            if (turn_until(server.io,
                           [&] {
                               peer.receive_some();
                               return peer.is_closed || server.daemon.requests.size() > served;
                           }) &&
                !peer.is_closed)
                served += 1;
        }
        CHECK(served >= 1);
        CHECK(server.daemon.requests[0].peer.address.starts_with("127.0.0.1:"));
    }
}
