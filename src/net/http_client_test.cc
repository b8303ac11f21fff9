// net/http_client_test.cc: the command line's client against our server and against odd ones.

#include "net/http_client.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "net/http_server.h"
#include "net/test_world.h"
#include "os/loop.h"

using namespace lares;
using namespace lares::net;
using namespace lares::net::test;
using namespace std::chrono_literals;
using Kind = lares::Error::Kind;

namespace {

/// A World whose loop runs on a thread of its own.
class Served {
public:
    explicit Served(std::function<void(World&, ports::HttpRequested const&)> answer) {
        world.daemon.on_request = [this, answer](auto const& request) { answer(world, request); };
        thread = std::thread([this] { world.io.run(); });
    }
    ~Served() {
        world.io.stop();
        thread.join();
    }
    std::string unix_url() const { return "unix://" + world.file(); }
    std::string inet_url() const { return "http://127.0.0.1:" + std::to_string(world.port()); }

    World world;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        world.io.get_executor()};
    std::thread thread;
};

/// A server that takes one connection, reads a request's head, sends `answer`, and closes.
class Scripted {
public:
    explicit Scripted(std::string answer, bool closes = true)
        : socket(open_socket(AF_INET).take()), address(known_addresses("127.0.0.1", 0)[0]) {
        REQUIRE(::bind(socket.get(), address.get(), address.length) == 0);
        REQUIRE(::listen(socket.get(), 4) == 0);
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length);
        ::fcntl(socket.get(), F_SETFL, 0);
        thread = std::thread([this, answer, closes] {
            Socket peer(::accept(socket.get(), nullptr, nullptr));
            char buffer[4'096];
            auto count = ::recv(peer.get(), buffer, sizeof buffer, 0);
            if (count > 0) got.assign(buffer, static_cast<std::size_t>(count));
            ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
            while (!closes && ::recv(peer.get(), buffer, sizeof buffer, 0) > 0) {
            }
        });
    }
    ~Scripted() { thread.join(); }
    std::string url() const { return "http://" + text_of(address); }

    Socket socket;
    Address address;
    std::string got;
    std::thread thread;
};

ports::HttpAnswer ask_scripted(std::string const& answer) {
    Scripted server(answer);
    auto result = make_http_client()->call({.server = server.url(), .body = "x"});
    if (!result) return {-1, result.error().what};
    return *result;
}

}  // namespace

TEST_CASE("a call brings method, target, headers and body, and returns the answer") {
    for (bool is_unix : {true, false}) {
        Served served([](World& world, auto const& request) {
            world.wire->reply(request.request,
                              {.status = 201,
                               .body = request.method + " " + request.target + " " +
                                       request.authorization + " " + request.body});
        });
        ports::HttpCall call{.server = is_unix ? served.unix_url() : served.inet_url() + "/",
                             .headers = {{"Authorization", "Basic eDp5"}},
                             .body = "hello"};
        for (int i = 0; i < 3; ++i) {
            auto answer = make_http_client()->call(call);
            REQUIRE(answer.ok());
            CHECK(answer->status == 201);
            CHECK(answer->body == "POST /RPC2 Basic eDp5 hello");
        }
    }
}

TEST_CASE("bodies larger than all buffers travel both ways") {
    Served served([](World& world, auto const& request) {
        world.wire->reply(request.request, {.body = request.body + request.body});
    });
    std::string body(3 << 20, 'x');
    auto answer = make_http_client()->call({.server = served.unix_url(), .body = body});
    REQUIRE(answer.ok());
    CHECK(answer->body == body + body);
}

TEST_CASE("a body too large for the server brings the server's reason") {
    Served served([](World&, auto const&) {});
    auto answer =
        make_http_client()->call({.server = served.inet_url(), .body = std::string(32 << 20, 'x')});
    REQUIRE(answer.ok());
    CHECK(answer->status == 413);
}

TEST_CASE("a stream hands over each piece as it comes and ends when the server does") {
    Served served([](World& world, auto const& request) {
        world.wire->open_stream(request.request, {});
        world.daemon.on_drained = [&world, count = 0](ports::RequestId id) mutable {
            if (++count == 4) return world.wire->end_stream(id);
            world.wire->stream_send(id, "piece " + std::to_string(count) + "\n");
        };
        world.wire->stream_send(request.request, "first\n");
    });
    std::string got;
    int pieces = 0;
    auto answer = make_http_client()->stream({.server = served.unix_url(), .method = "GET"},
                                             [&](std::string_view piece) {
                                                 got += piece;
                                                 pieces += 1;
                                                 return true;
                                             });
    REQUIRE(answer.ok());
    CHECK(answer->status == 200);
    CHECK(answer->body.empty());
    CHECK(got == "first\npiece 1\npiece 2\npiece 3\n");
    CHECK(pieces >= 1);
}

TEST_CASE("a stream ends when its reader has enough, and the server hears of it") {
    std::atomic<bool> closed = false;
    Served served([&](World& world, auto const& request) {
        world.wire->open_stream(request.request, {});
        world.wire->stream_send(request.request, "first\n");
    });
    auto answer = make_http_client()->stream({.server = served.inet_url(), .method = "GET"},
                                             [](std::string_view) { return false; });
    REQUIRE(answer.ok());
    CHECK(answer->status == 200);
    auto end = std::chrono::steady_clock::now() + 5s;
    while (!closed && std::chrono::steady_clock::now() < end)
        boost::asio::post(served.world.io, [&] { closed = !served.world.daemon.closes.empty(); });
    CHECK(closed);
    served.world.io.stop();
}

TEST_CASE("the time of a stream is for its head only") {
    Served served([](World& world, auto const& request) {
        world.wire->open_stream(request.request, {});
        auto timer = std::make_shared<boost::asio::steady_timer>(world.io, 60ms);
        timer->async_wait([timer, &world, id = request.request](auto) {
            world.wire->stream_send(id, "late");
            world.wire->end_stream(id);
        });
    });
    std::string got;
    auto answer =
        make_http_client()->stream({.server = served.unix_url(), .method = "GET", .timeout = 20ms},
                                   [&](std::string_view piece) { return got += piece, true; });
    CHECK(answer.ok());
    CHECK(got == "late");
}

TEST_CASE("a refused stream brings its body as the answer") {
    Served served([](World& world, auto const& request) {
        world.wire->reply(request.request, {.status = 404, .body = "no such process"});
    });
    auto answer = make_http_client()->stream({.server = served.unix_url(), .method = "GET"},
                                             [](std::string_view) { return true; });
    REQUIRE(answer.ok());
    CHECK(answer->status == 404);
    CHECK(answer->body == "no such process");
}

TEST_CASE("what stands in the way of a call has a kind of its own") {
    Folder folder;
    auto error_of = [](ports::HttpCall const& call) {
        auto answer = make_http_client()->call(call);
        REQUIRE_FALSE(answer.ok());
        return answer.error();
    };
    CHECK(error_of({.server = "unix://" + folder.file("none")}).kind == Kind::not_found);
    CHECK(error_of({.server = "unix://" + folder.file("none")}).what ==
          "no such file or directory");

    auto stale = unix_address(folder.file("stale")).take();
    REQUIRE(::bind(open_socket(AF_UNIX)->get(), stale.get(), stale.length) == 0);
    CHECK(error_of({.server = "unix://" + folder.file("stale")}).kind == Kind::unavailable);

    int port = 0;
    {
        World world;
        port = world.port();
    }
    auto refused = error_of({.server = "http://127.0.0.1:" + std::to_string(port)});
    CHECK(refused.kind == Kind::unavailable);
    CHECK(refused.what == "connection refused");

    CHECK(error_of({.server = "ftp://x"}).kind == Kind::invalid);
    CHECK(error_of({.server = "unix:///x", .target = "/a b"}).kind == Kind::invalid);
    if (::getuid() == 0) return;  // root may do everything
    Served served([](World&, auto const&) {});
    ::chmod(served.world.file().c_str(), 0);
    CHECK(error_of({.server = served.unix_url()}).kind == Kind::denied);
}

TEST_CASE("a server that does not answer in time is told so") {
    Served served([](World&, auto const&) {});
    auto answer = make_http_client()->call({.server = served.unix_url(), .timeout = Duration(30)});
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().kind == Kind::io);
    CHECK(answer.error().what == "no answer within 0.030 s");
}

TEST_CASE("a server that closes early is unavailable, before or within its answer") {
    for (std::string answer :
         {"", "HTT", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
        Scripted server(answer);
        auto result = make_http_client()->call({.server = server.url()});
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().kind == Kind::unavailable);
    }
}

TEST_CASE("answers of every framing are understood") {
    CHECK(ask_scripted("HTTP/1.0 200 OK\r\n\r\nto the end").body == "to the end");
    CHECK(ask_scripted("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").body == "abc");
    CHECK(ask_scripted("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
              .body == "abcde");
    CHECK(ask_scripted("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz")
              .body == "z");
    CHECK(ask_scripted("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
    CHECK(ask_scripted("HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n").status == 500);
    CHECK(ask_scripted("220 smtp.example\r\n").body.starts_with("this is not an HTTP answer: "));
    CHECK(ask_scripted(std::string(100'000, 'x')).status == -1);
}

TEST_CASE("the server works on the daemon's own loop") {
    Folder folder;
    os::Loop loop;
    Recorder daemon;
    auto wire = make_http_server(loop, daemon);
    daemon.on_request = [&](auto const& request) { wire->reply(request.request, {.body = "yes"}); };
    std::vector<std::string> notes;
    REQUIRE(wire->listen({.file = folder.file("s")}, notes).ok());
    std::string got;
    std::thread asker([&] {
        auto answer = make_http_client()->call({.server = "unix://" + folder.file("s")});
        if (answer) got = answer->body;
        loop.post([&] { loop.stop(); });
    });
    loop.run();
    asker.join();
    CHECK(got == "yes");
}

TEST_CASE("the request is what a plain server expects") {
    Scripted server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(make_http_client()->call({.server = server.url(), .method = "GET", .target = "/x"}).ok());
    server.thread.join();
    CHECK(server.got ==
          "GET /x HTTP/1.1\r\nHost: " + text_of(server.address) + "\r\nConnection: close\r\n\r\n");
    server.thread = std::thread([] {});
}
