// net/http_server.cc: listeners, and who gets in when the house is full.

#include "net/http_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>

#include "base/limits.h"
#include "net/http_server_asio.h"
#include "net/listen.h"
#include "net/session.h"
#include "net/takeover.h"
#include "os/loop_asio.h"

namespace lares::net {

namespace {

using boost::asio::posix::stream_descriptor;

struct Listener {
    Listener(boost::asio::io_context& io, Socket from, int server_index, int inet_port)
        : socket(io, from.release()), server(server_index), port(inet_port) {}

    stream_descriptor socket;
    int server;
    int port;                               // 0: unix
    std::optional<UnixListener> unix_file;  // its file; the socket is the one above
    std::string kept;                       // its name in the store
    ports::ListenSpec spec;                 // unix: to make it again
    bool is_waiting = false;
};

using ListenerId = std::uint64_t;

class HttpServer final : public ports::Wire {
public:
    HttpServer(boost::asio::io_context& io, ports::Inbox& inbox, ListenerStore& store,
               HttpTimes times)
        : io_(io), store_(store), times_(times), pause_(io), table_(io, inbox, times) {}
    ~HttpServer() override { close_listeners(); }

    Result<> listen(ports::ListenSpec const& spec, std::vector<std::string>& notes) override {
        return spec.is_unix ? listen_unix(spec, notes) : listen_inet(spec);
    }

    int port_of(int server) const override {
        for (auto const& [id, listener] : listeners_)
            if (listener.server == server && listener.port != 0) return listener.port;
        return 0;
    }

    Result<> renew_certificates(int server) override {
        auto found = https_.find(server);
        if (found == https_.end()) return {};
        auto context = TRY(make_context(found->second.spec));
        found->second.context = std::move(context);
        return {};
    }

    std::vector<std::string> remake_files(std::vector<std::string>& notes) override;

    void close_listeners() override {
        for (auto const& [id, listener] : listeners_) {
            if (listener.unix_file) remove_socket_file(*listener.unix_file);
            store_.drop(listener.kept);
        }
        listeners_.clear();
        https_.clear();
        pause_.cancel();
    }

    void reply(ports::RequestId request, ports::HttpReply reply) override {
        table_.with_request(request, [&](Session& session) { session.reply(request, reply); });
    }
    void open_stream(ports::RequestId request, ports::HttpReply head) override {
        table_.with_request(request, [&](Session& session) { session.open_stream(head); });
    }
    void stream_send(ports::RequestId request, std::string_view bytes) override {
        table_.with_request(request, [&](Session& session) { session.stream_send(bytes); });
    }
    void end_stream(ports::RequestId request) override {
        table_.with_request(request, [](Session& session) { session.end_stream(); });
    }

private:
    enum class Accepted { one, none, starved };
    struct Https {
        ports::ListenSpec spec;
        TlsContext context;
    };

    Result<TlsContext> make_context(ports::ListenSpec const& spec) {
        if (!tls_library_) tls_library_ = TRY(load_tls_library());
        return TlsContext::for_server(*tls_library_, spec.certificate, spec.key, spec.client_ca);
    }

    Result<> listen_unix(ports::ListenSpec const& spec, std::vector<std::string>& notes) {
        auto [opened, name] = take_unix_listener(store_, spec);
        if (!opened.socket) {
            opened = TRY(open_unix_listener(spec, notes));
            name = keep_unix_listener(store_, opened);
        }
        Listener& listener = add(std::move(opened.socket), spec.server, /*port=*/0);
        listener.unix_file = std::move(opened);
        listener.kept = name;
        listener.spec = spec;
        return {};
    }

    Result<> listen_inet(ports::ListenSpec const& spec) {
        std::optional<TlsContext> context;
        if (!spec.certificate.empty()) context = TRY(make_context(spec));
        auto [opened, names] = take_inet_listeners(store_, spec);
        if (opened.sockets.empty()) {
            opened = TRY(open_inet_listeners(spec.host, spec.port));
            names = keep_inet_listeners(store_, spec, opened);
        }
        if (context) https_.emplace(spec.server, Https{spec, std::move(*context)});
        for (std::size_t i = 0; i < names.size(); i++)
            add(std::move(opened.sockets[i]), spec.server, opened.port).kept = names[i];
        return {};
    }

    Listener& add(Socket socket, int server, int port) {
        ListenerId id = next_listener_++;
        Listener& listener =
            listeners_.try_emplace(id, io_, std::move(socket), server, port).first->second;
        wait(id, listener);
        return listener;
    }

    void wait(ListenerId id, Listener& listener);
    void accept_some(ListenerId id);
    static Socket accept_from(Listener& listener, Address& from);
    Accepted accept_one(Listener& listener);
    Accepted accept_failed();
    void admit(Listener const& listener, Socket socket, Address const& from);
    void turn_away(Socket socket, ports::Peer peer, bool is_tls);
    void pause();

    boost::asio::io_context& io_;
    ListenerStore& store_;
    HttpTimes times_;
    boost::asio::steady_timer pause_;
    Socket spare_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    std::map<ListenerId, Listener> listeners_;
    ListenerId next_listener_ = 1;
    TlsLibraryPointer tls_library_;  // null until the first certificate; outlives the sessions
    std::map<int, Https> https_;     // by server
    SessionTable table_;
};

/// The peer's further groups, as they were when it connected.
std::vector<unsigned> groups_of(Socket const& socket) {
    std::vector<unsigned> groups(32);
    socklen_t length = static_cast<socklen_t>(groups.size() * sizeof groups[0]);
    int failed = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
    if (failed != 0 && errno == ERANGE) {  // length says now how much there is
        groups.resize(length / sizeof groups[0]);
        failed = ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
    }
    groups.resize(failed != 0 ? 0 : length / sizeof groups[0]);
    return groups;
}

ports::Peer unix_peer(Socket const& socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &length);
    return {.is_unix = true,
            .pid = credentials.pid,
            .uid = credentials.uid,
            .gid = credentials.gid,
            .groups = groups_of(socket),
            .address = {}};
}

ports::Peer inet_peer(Socket const& socket, Address const& from) {
    int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return {.is_unix = false, .pid = 0, .uid = 0, .address = text_of(from)};
}

std::vector<std::string> HttpServer::remake_files(std::vector<std::string>& notes) {
    std::vector<std::string> made;
    for (auto& [id, listener] : listeners_) {
        if (!listener.unix_file || !has_vanished(*listener.unix_file)) continue;
        auto opened = open_unix_listener(listener.spec, notes);
        if (!opened) {
            notes.push_back("the socket '" + listener.spec.file +
                            "' has vanished and cannot be made again: " + opened.error().what);
            continue;
        }
        // The old one goes, when whoever had found it is in.
        for (int count = 0; count < backlog && accept_one(listener) == Accepted::one;) ++count;
        store_.drop(listener.kept);
        listener.kept = keep_unix_listener(store_, *opened);
        boost::system::error_code ignored;
        listener.socket.close(ignored);
        listener.socket.assign(opened->socket.release(), ignored);
        listener.unix_file = std::move(*opened);
        made.push_back(listener.spec.file);
        wait(id, listener);
    }
    return made;
}

void HttpServer::wait(ListenerId id, Listener& listener) {
    listener.is_waiting = true;
    listener.socket.async_wait(stream_descriptor::wait_read,
                               [this, id](boost::system::error_code error) {
                                   if (!error) accept_some(id);
                               });
}

void HttpServer::accept_some(ListenerId id) {
    auto found = listeners_.find(id);
    if (found == listeners_.end()) return;  // closed meanwhile
    Listener& listener = found->second;
    listener.is_waiting = false;
    auto accepted = Accepted::one;
    for (int count = 0; count < accepts_per_turn && accepted == Accepted::one; ++count)
        accepted = accept_one(listener);
    // A newcomer we cannot take stays in the kernel's queue and the listener stays readable:
    // without a pause the loop would spin.
    if (accepted == Accepted::starved) return pause();
    wait(id, listener);
}

Socket HttpServer::accept_from(Listener& listener, Address& from) {
    from.length = sizeof from.storage;
    return Socket(::accept4(listener.socket.native_handle(),
                            reinterpret_cast<sockaddr*>(&from.storage), &from.length,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
}

// A descriptor is kept back: when programs have taken all others, whoever looks after the house
// must still be heard, or nobody could stop them.
HttpServer::Accepted HttpServer::accept_one(Listener& listener) {
    if (!spare_) spare_ = Socket(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    Address from;
    Socket socket = accept_from(listener, from);
    if (!socket && errno == EMFILE && spare_) {
        spare_ = Socket();
        socket = accept_from(listener, from);
    }
    if (!socket) return accept_failed();
    admit(listener, std::move(socket), from);
    return Accepted::one;
}

HttpServer::Accepted HttpServer::accept_failed() {
    if (errno == EAGAIN) return Accepted::none;
    bool is_starved = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (!is_starved) return Accepted::one;  // this one left again; the next may be there
    if (table_.drop_oldest_inet(SessionTable::Victims::idle)) return Accepted::one;
    return Accepted::starved;
}

void HttpServer::pause() {
    pause_.expires_after(times_.accept_again);
    pause_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        for (auto& [id, listener] : listeners_)
            if (!listener.is_waiting) accept_some(id);
    });
}

void HttpServer::admit(Listener const& listener, Socket socket, Address const& from) {
    bool is_unix = listener.unix_file.has_value();
    auto peer = is_unix ? unix_peer(socket) : inet_peer(socket, from);
    // The machine's own people get in even when strangers hold every place with half a request.
    auto victims = is_unix ? SessionTable::Victims::and_half_read : SessionTable::Victims::idle;
    if (table_.count() >= static_cast<std::size_t>(limits::http_connections) &&
        !table_.drop_oldest_inet(victims))
        return turn_away(std::move(socket), std::move(peer), https_.contains(listener.server));
    auto https = https_.find(listener.server);
    auto tls = https == https_.end() ? nullptr : std::make_unique<TlsStream>(https->second.context);
    table_.add(std::move(socket), listener.server, std::move(peer), std::move(tls));
}

void HttpServer::turn_away(Socket socket, ports::Peer peer, bool is_tls) {
    table_.push_later(ports::HttpRefused{std::move(peer), 503, "too many connections are open"});
    std::string out;
    if (is_tls) return;  // no handshake, no words
    append_reply(out,
                 {.status = 503,
                  .headers = {{"Content-Type", "text/plain;charset=utf-8"}, {"Retry-After", "1"}},
                  .body = "too many connections are open, try again\n"},
                 {.is_http11 = true, .keep_alive = false, .is_head = false}, table_.date());
    // Closing with its request unread would reset the connection under the answer.
    [[maybe_unused]] auto count = ::recv(socket.get(), table_.scratch(), read_bytes, MSG_DONTWAIT);
    count = ::send(socket.get(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket.get(), SHUT_WR);
}

}  // namespace

std::unique_ptr<ports::Wire> make_http_server(boost::asio::io_context& io, ports::Inbox& inbox,
                                              HttpTimes times, ListenerStore& store) {
    return std::make_unique<HttpServer>(io, inbox, store, times);
}

std::unique_ptr<ports::Wire> make_http_server(os::Loop& loop, ports::Inbox& inbox,
                                              ListenerStore& store) {
    return make_http_server(os::asio_context(loop), inbox, HttpTimes{}, store);
}

}  // namespace lares::net
