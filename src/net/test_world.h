// net/test_world.h: a server, its daemon and raw peers on one thread, for the tests of net/.
//
// Nothing here sleeps: whoever waits turns the loop until what it waits for holds, or gives up
// after some seconds.

#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http_server_asio.h"
#include "net/socket.h"
#include "ports/event.h"
#include "ports/wire.h"

namespace lares::net::test {

class Folder {
public:
    Folder() {
        std::string name = "/tmp/lares-net-XXXXXX";
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file(std::string const& name) const { return path + "/" + name; }

    std::string path;
};

/// The daemon's side: keeps what comes, or answers it at once.
class Recorder : public ports::Inbox {
public:
    void push(ports::Event event) override {
        if (auto* request = std::get_if<ports::HttpRequested>(&event)) {
            requests.push_back(*request);
            if (on_request) on_request(*request);
        } else if (auto* drained = std::get_if<ports::StreamDrained>(&event)) {
            drains.push_back(drained->request);
            if (on_drained) on_drained(drained->request);
        } else if (auto* closed = std::get_if<ports::HttpClosed>(&event)) {
            closes.push_back(closed->request);
        } else if (auto* probe = std::get_if<ports::ProbeDone>(&event)) {
            probes.push_back(*probe);
        }
    }

    std::function<void(ports::HttpRequested const&)> on_request;
    std::function<void(ports::RequestId)> on_drained;
    std::vector<ports::HttpRequested> requests;
    std::vector<ports::RequestId> drains;
    std::vector<ports::RequestId> closes;
    std::vector<ports::ProbeDone> probes;
};

inline bool turn_until(boost::asio::io_context& io, std::function<bool()> const& holds,
                       std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        io.restart();
        io.run_one_for(std::chrono::milliseconds(2));
    }
    return true;
}

/// A peer that sends any bytes it likes.
class RawPeer {
public:
    RawPeer(boost::asio::io_context& io, Address const& address) : io_(io) {
        auto opened = open_socket(address.family());
        REQUIRE(opened.ok());
        socket_ = std::move(opened).take();
        int code = ::connect(socket_.get(), address.get(), address.length);
        REQUIRE((code == 0 || errno == EINPROGRESS));
    }

    /// Sends all, unless the other side closes; returns how much went.
    std::size_t send(std::string_view bytes) {
        std::size_t sent = 0;
        turn_until(io_, [&] {
            auto count =
                ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (count > 0) sent += static_cast<std::size_t>(count);
            receive_some();
            return sent == bytes.size() || is_closed;
        });
        return sent;
    }
    bool receive_until(std::function<bool()> const& holds) {
        return turn_until(io_, [&] {
            receive_some();
            return holds();
        });
    }
    /// Waits until `text` has come; then forgets everything up to its end.
    bool receive(std::string_view text) {
        bool came = receive_until([&] { return got.find(text) != std::string::npos || is_closed; });
        auto at = got.find(text);
        if (at != std::string::npos) got.erase(0, at + text.size());
        return came && at != std::string::npos;
    }
    bool receive_end() {
        return receive_until([&] { return is_closed; });
    }
    void receive_some() {
        char buffer[65'536];
        auto count = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (count > 0) got.append(buffer, static_cast<std::size_t>(count));
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != ENOTCONN)) is_closed = true;
        was_reset = was_reset || (count < 0 && errno == ECONNRESET);
    }
    void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
    void leave() { socket_ = Socket(); }

    std::string got;
    bool is_closed = false;
    bool was_reset = false;

private:
    boost::asio::io_context& io_;
    Socket socket_;
};

/// A server on a unix socket and on a loopback port.
class World {
public:
    explicit World(HttpTimes times = {}) : wire(make_http_server(io, daemon, times)) {
        std::vector<std::string> notes;
        REQUIRE(wire->listen({.server = 0, .file = file()}, notes).ok());
        REQUIRE(wire->listen({.server = 1, .is_unix = false, .host = "127.0.0.1"}, notes).ok());
    }

    std::string file() const { return folder.file("s.sock"); }
    int port() const { return wire->port_of(1); }
    RawPeer unix_peer() { return RawPeer(io, unix_address(file()).take()); }
    RawPeer inet_peer() { return RawPeer(io, known_addresses("127.0.0.1", port())[0]); }
    bool turn_until(std::function<bool()> const& holds) { return test::turn_until(io, holds); }
    /// Answers every request with `reply`, from within the push.
    void answer_all(ports::HttpReply reply) {
        daemon.on_request = [this, reply](auto const& request) {
            wire->reply(request.request, reply);
        };
    }

    Folder folder;
    boost::asio::io_context io;
    Recorder daemon;
    std::unique_ptr<ports::Wire> wire;
};

}  // namespace lares::net::test
