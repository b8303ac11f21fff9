// net/http_client.cc: one HTTP exchange over a blocking wait.
//
// Sockets are non-blocking and every wait is a poll() with what is left of the time.

#include "net/http_client.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <optional>

#include "net/address.h"
#include "net/response_reader.h"
#include "net/socket.h"
#include "net/tls.h"

namespace lares::net {

namespace {

using std::chrono::steady_clock;

/// What is left of a call's time.
class Deadline {
public:
    explicit Deadline(Duration timeout, int until) : timeout_(timeout), until_(until) {
        if (timeout > Duration(0)) end_ = steady_clock::now() + timeout;
    }
    void lift() { end_.reset(); }
    /// Becomes readable when the caller wants no more; -1: never.
    int until() const { return until_; }
    /// For poll(): -1 without end; rounded up, so that 0 means it is over.
    int left_ms() const {
        if (!end_) return -1;
        auto left = std::chrono::ceil<Duration>(*end_ - steady_clock::now()).count();
        return static_cast<int>(std::clamp<Duration::rep>(left, 0, 1'000'000'000));
    }
    Error error() const {
        std::string number = std::to_string(timeout_.count() / 1'000);
        if (timeout_.count() % 1'000 != 0)
            number += "." + std::to_string(1'000 + timeout_.count() % 1'000).substr(1);
        return {Error::Kind::io, "no answer within " + number + " s"};
    }

private:
    Duration timeout_;
    int until_;
    std::optional<steady_clock::time_point> end_;
};

Error call_error(int number) {
    Error::Kind kind = Error::Kind::io;
    if (number == ENOENT) kind = Error::Kind::not_found;
    if (number == EACCES || number == EPERM) kind = Error::Kind::denied;
    if (number == ECONNREFUSED || number == ECONNRESET || number == EPIPE)
        kind = Error::Kind::unavailable;
    return {kind, errno_words(number)};
}

Result<> wait_for(Socket const& socket, short events, Deadline const& deadline) {
    pollfd wanted[] = {{.fd = socket.get(), .events = events, .revents = 0},
                       {.fd = deadline.until(), .events = POLLIN, .revents = 0}};
    for (;;) {
        int count = ::poll(wanted, std::size(wanted), deadline.left_ms());
        if (wanted[1].revents != 0) return Error{Error::Kind::conflict, "interrupted"};
        if (count > 0) return {};
        if (count == 0) return deadline.error();
        if (errno != EINTR) return call_error(errno);
    }
}

/// A unix server whose queue is full cannot be waited for with poll(): ask again in a moment.
Result<> wait_for_queue(Deadline const& deadline) {
    if (deadline.left_ms() == 0) return deadline.error();
    ::poll(nullptr, 0, 10);
    return {};
}

Result<Socket> connect(Address const& address, Deadline const& deadline) {
    auto opened = open_socket(address.family());
    if (!opened) return Error{Error::Kind::io, opened.error().what};
    Socket socket = std::move(opened).take();
    while (::connect(socket.get(), address.get(), address.length) != 0) {
        if (errno == EINPROGRESS) break;
        if (errno != EAGAIN && errno != EINTR) return call_error(errno);
        TRY(wait_for_queue(deadline));
    }
    TRY(wait_for(socket, POLLOUT, deadline));
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) return call_error(error);
    return socket;
}

Result<std::vector<Address>> addresses_of(Endpoint const& endpoint) {
    if (endpoint.is_unix()) return std::vector<Address>{TRY(unix_address(endpoint.path))};
    auto found = resolve(endpoint.host, endpoint.port, Use::connect);
    // not_found is for socket files.
    if (!found) return Error{Error::Kind::io, found.error().what};
    return found;
}

/// The first of the server's addresses that takes the connection.
Result<Socket> connect_to(Endpoint const& endpoint, Deadline const& deadline) {
    auto addresses = TRY(addresses_of(endpoint));
    Error last{Error::Kind::io, "no address"};
    for (auto const& address : addresses) {
        auto socket = connect(address, deadline);
        if (socket) return socket;
        last = std::move(socket).error();
    }
    return last;
}

std::string request_text(ports::HttpCall const& call, std::string const& host) {
    std::string text = call.method + " " + call.target +
                       " HTTP/1.1\r\nHost: " + (host.empty() ? "localhost" : host) +
                       "\r\nConnection: close\r\n";
    for (auto const& [name, value] : call.headers) text += name + ": " + value + "\r\n";
    if (!call.body.empty() || call.method != "GET")
        text += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
    return text + "\r\n" + call.body;
}

/// A connection to a server, clear or sealed.
class Line {
public:
    Line(Socket socket) : socket_(std::move(socket)) {}

    /// Shakes hands as a client that knows the server as `host`.
    Result<> begin_tls(std::string const& cafile, std::string const& host,
                       Deadline const& deadline);
    Result<> send(std::string_view bytes, Deadline const& deadline);
    /// Waits for some bytes; there may be none in clear yet.
    struct Piece {
        std::string bytes;
        bool is_end = false;
    };
    Result<Piece> receive(Deadline const& deadline);

private:
    Result<Piece> receive_raw(Deadline const& deadline);

    Socket socket_;
    TlsLibraryPointer library_;
    std::unique_ptr<TlsStream> tls_;
    std::string early_;  // came with the end of the handshake
};

/// Stops without an error when the server takes no more: its answer says why.
Result<> send_all(Socket const& socket, std::string_view bytes, Deadline const& deadline) {
    while (!bytes.empty()) {
        auto count = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            TRY(wait_for(socket, POLLOUT, deadline));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};
        } else if (errno != EINTR) {
            return call_error(errno);
        }
    }
    return {};
}

Result<Line::Piece> Line::receive_raw(Deadline const& deadline) {
    Piece piece{.bytes = std::string(64 << 10, '\0')};
    for (;;) {
        auto count = ::recv(socket_.get(), piece.bytes.data(), piece.bytes.size(), 0);
        if (count >= 0) {
            piece.bytes.resize(static_cast<std::size_t>(count));
            piece.is_end = count == 0;
            return piece;
        }
        if (errno == EAGAIN)
            TRY(wait_for(socket_, POLLIN, deadline));
        else if (errno != EINTR)
            return call_error(errno);
    }
}

Result<> Line::begin_tls(std::string const& cafile, std::string const& host,
                         Deadline const& deadline) {
    library_ = TRY(load_tls_library());
    auto context = TRY(TlsContext::for_client(*library_, cafile));
    tls_ = std::make_unique<TlsStream>(context, host);
    for (;;) {
        TRY(send_all(socket_, tls_->take_output(), deadline));
        if (tls_->state() == TlsStream::State::broken) return Error{Error::Kind::io, tls_->words()};
        if (tls_->state() != TlsStream::State::shaking) return {};
        auto piece = TRY(receive_raw(deadline));
        if (piece.is_end)
            return Error{Error::Kind::unavailable, "the server closed during the TLS handshake"};
        tls_->feed(piece.bytes, early_);
    }
}

Result<> Line::send(std::string_view bytes, Deadline const& deadline) {
    if (!tls_) return send_all(socket_, bytes, deadline);
    tls_->seal(bytes);
    return send_all(socket_, tls_->take_output(), deadline);
}

Result<Line::Piece> Line::receive(Deadline const& deadline) {
    if (!tls_) return receive_raw(deadline);
    if (!early_.empty()) return Piece{std::exchange(early_, {})};
    auto sealed = TRY(receive_raw(deadline));
    Piece piece{.is_end = sealed.is_end};
    tls_->feed(sealed.bytes, piece.bytes);
    if (tls_->state() == TlsStream::State::broken) return Error{Error::Kind::io, tls_->words()};
    piece.is_end |= tls_->state() == TlsStream::State::ended;
    return piece;
}

Result<> read_answer(Line& line, ResponseReader& reader, Deadline& deadline, bool is_stream) {
    while (reader.state() == ResponseReader::State::reading) {
        if (is_stream && reader.has_head()) deadline.lift();
        auto piece = TRY(line.receive(deadline));
        if (!piece.bytes.empty()) reader.feed(piece.bytes);
        if (!piece.is_end || reader.state() != ResponseReader::State::reading) continue;
        reader.end();
        if (reader.state() == ResponseReader::State::refused)
            return Error{Error::Kind::unavailable, reader.words()};
    }
    if (reader.state() == ResponseReader::State::refused)
        return Error{Error::Kind::io, reader.words()};
    return {};
}

Result<ports::HttpAnswer> exchange(ports::HttpCall const& call, ResponseReader::Take const* take) {
    Deadline deadline(call.timeout, call.until);
    auto url = TRY(parse_url(call.server));
    if (call.target.empty() || call.target.find_first_of(" \r\n") != std::string::npos)
        return Error{Error::Kind::invalid, "'" + call.target + "' cannot be asked of a server"};
    Line line(TRY(connect_to(url.endpoint, deadline)));
    if (url.is_tls) TRY(line.begin_tls(call.cafile, url.endpoint.host, deadline));
    TRY(line.send(request_text(call, url.host), deadline));
    ResponseReader reader(
        call.method == "HEAD" ? ResponseReader::Body::none : ResponseReader::Body::as_announced,
        take);
    TRY(read_answer(line, reader, deadline, /*is_stream=*/take != nullptr));
    return ports::HttpAnswer{reader.status(), std::move(reader.body())};
}

class BlockingClient final : public ports::HttpClient {
public:
    Result<ports::HttpAnswer> call(ports::HttpCall const& call) override {
        return exchange(call, nullptr);
    }
    Result<ports::HttpAnswer> stream(ports::HttpCall const& call,
                                     std::function<bool(std::string_view)> const& take) override {
        return exchange(call, &take);
    }
};

}  // namespace

std::unique_ptr<ports::HttpClient> make_http_client() { return std::make_unique<BlockingClient>(); }

}  // namespace lares::net
