// net/probes.cc: asking a program from outside whether it answers.
//
// Each probe tries its addresses in turn until one takes the connection; one timer bounds it all.
// As in net/session.h, handlers hold numbers and look the probe up.

#include "net/probes.h"

#include <netinet/in.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "net/address.h"
#include "net/probes_asio.h"
#include "net/socket.h"
#include "os/loop_asio.h"

namespace lares::net {

namespace {

using boost::asio::ip::tcp;
using boost::asio::posix::stream_descriptor;
using Serial = std::uint64_t;

/// "HTTP/1.1 200" is all we read of an answer.
constexpr std::size_t status_bytes = 12;

struct Probe {
    Probe(boost::asio::io_context& io, ports::ProbeId probe_id, ports::ProbeRequest asked)
        : id(probe_id), request(std::move(asked)), timer(io) {}

    bool is_http() const { return request.kind == ports::ProbeRequest::Kind::http; }

    ports::ProbeId id;
    ports::ProbeRequest request;
    boost::asio::steady_timer timer;
    Url url;
    std::vector<Address> addresses;
    std::size_t next_address = 0;
    std::optional<stream_descriptor> socket;
    std::string answer;
    std::string last_error = "no address";
};

std::string seconds_text(Duration span) {
    if (span.count() % 1'000 == 0) return std::to_string(span.count() / 1'000) + " s";
    return std::to_string(span.count()) + " ms";
}

std::string request_text(Url const& url) {
    return "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host +
           "\r\nUser-Agent: lares\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

/// The status in "HTTP/1.1 200"; none when that is not how an answer begins.
std::optional<int> status_of(std::string_view answer) {
    if (!answer.starts_with("HTTP/1.") || answer.size() < status_bytes || answer[8] != ' ')
        return {};
    int status = 0;
    for (char c : answer.substr(9, 3)) {
        if (!std::isdigit(static_cast<unsigned char>(c))) return {};
        status = status * 10 + (c - '0');
    }
    return status;
}

Address address_of(tcp::endpoint const& endpoint, int port) {
    tcp::endpoint with_port(endpoint.address(), static_cast<unsigned short>(port));
    Address address;
    std::memcpy(&address.storage, with_port.data(), with_port.size());
    address.length = static_cast<socklen_t>(with_port.size());
    return address;
}

class Prober final : public ports::Probes {
public:
    Prober(boost::asio::io_context& io, ports::Inbox& inbox)
        : io_(io), inbox_(inbox), resolver_(io) {}
    ~Prober() override { resolver_.cancel(); }

    void probe(ports::ProbeId id, ports::ProbeRequest request) override;
    void cancel(ports::ProbeId id) override;

private:
    Probe* find(Serial serial);
    /// A handler that calls `member` if the probe is still there and the wait was not cancelled.
    auto handler(Serial serial, void (Prober::*member)(Serial, Probe&));

    void begin(Serial serial, Probe& probe);
    void resolve(Serial serial, Probe const& probe);
    void resolved(std::string const& host, boost::system::error_code error,
                  tcp::resolver::results_type const& results);
    void connect_next(Serial serial, Probe& probe);
    int try_connect(Serial serial, Probe& probe, Address const& address);
    void connected(Serial serial, Probe& probe);
    void ask(Serial serial, Probe& probe);
    void read(Serial serial, Probe& probe);
    void time_over(Serial serial, Probe& probe);
    void done(Serial serial, bool ok, std::string why);

    boost::asio::io_context& io_;
    ports::Inbox& inbox_;
    tcp::resolver resolver_;
    std::unordered_map<Serial, std::unique_ptr<Probe>> probes_;
    std::unordered_map<ports::ProbeId, Serial> serials_;
    std::unordered_map<std::string, std::vector<Serial>> resolving_;  // who waits for a host
    Serial next_serial_ = 1;
};

Probe* Prober::find(Serial serial) {
    auto found = probes_.find(serial);
    return found == probes_.end() ? nullptr : found->second.get();
}

auto Prober::handler(Serial serial, void (Prober::*member)(Serial, Probe&)) {
    return [this, serial, member](boost::system::error_code error) {
        Probe* probe = error ? nullptr : find(serial);
        if (probe != nullptr) (this->*member)(serial, *probe);
    };
}

void Prober::probe(ports::ProbeId id, ports::ProbeRequest request) {
    cancel(id);
    Serial serial = next_serial_++;
    auto probe = std::make_unique<Probe>(io_, id, std::move(request));
    probe->timer.expires_after(probe->request.timeout);
    probe->timer.async_wait(handler(serial, &Prober::time_over));
    probes_.emplace(serial, std::move(probe));
    serials_.emplace(id, serial);
    // Not at once: the answer must not come from within this call.
    boost::asio::post(io_, [this, serial] {
        if (Probe* found = find(serial)) begin(serial, *found);
    });
}

void Prober::cancel(ports::ProbeId id) {
    auto found = serials_.find(id);
    if (found == serials_.end()) return;
    probes_.erase(found->second);
    serials_.erase(found);
}

void Prober::begin(Serial serial, Probe& probe) {
    auto url = probe.is_http() ? parse_url(probe.request.target) : Result<Url>(Url{});
    if (!probe.is_http()) {
        auto endpoint = parse_endpoint(probe.request.target);
        if (!endpoint) return done(serial, false, endpoint.error().what);
        url->endpoint = std::move(endpoint).take();
    }
    if (!url) return done(serial, false, url.error().what);
    probe.url = std::move(url).take();
    Endpoint const& endpoint = probe.url.endpoint;
    if (endpoint.is_unix()) {
        auto address = unix_address(endpoint.path);
        if (!address) return done(serial, false, address.error().what);
        probe.addresses = {*address};
    } else {
        probe.addresses = known_addresses(endpoint.host, endpoint.port);
    }
    if (probe.addresses.empty()) return resolve(serial, probe);
    connect_next(serial, probe);
}

/// Joins a lookup of the same host that is under way: with a dead name server, probes come faster
/// than their lookups end.
void Prober::resolve(Serial serial, Probe const& probe) {
    std::string const& host = probe.url.endpoint.host;
    auto [entry, is_new] = resolving_.try_emplace(host);
    auto& waiting = entry->second;
    std::erase_if(waiting, [this](Serial other) { return find(other) == nullptr; });
    waiting.push_back(serial);
    if (!is_new) return;
    resolver_.async_resolve(host, "", [this, host](boost::system::error_code error, auto results) {
        resolved(host, error, results);
    });
}

void Prober::resolved(std::string const& host, boost::system::error_code error,
                      tcp::resolver::results_type const& results) {
    if (error == boost::asio::error::operation_aborted) return;  // we are gone
    auto waiting = resolving_.extract(host);
    if (waiting.empty()) return;
    for (Serial serial : waiting.mapped()) {
        Probe* probe = find(serial);
        if (probe == nullptr) continue;
        if (error) {
            done(serial, false, "cannot resolve '" + host + "': " + error.message());
            continue;
        }
        for (auto const& entry : results)
            probe->addresses.push_back(address_of(entry.endpoint(), probe->url.endpoint.port));
        connect_next(serial, *probe);
    }
}

void Prober::connect_next(Serial serial, Probe& probe) {
    probe.socket.reset();
    while (probe.next_address < probe.addresses.size()) {
        int error = try_connect(serial, probe, probe.addresses[probe.next_address++]);
        if (error == 0) return;
        probe.last_error = errno_words(error);
    }
    done(serial, false, probe.last_error);
}

/// 0 when the connection is made or on its way.
int Prober::try_connect(Serial serial, Probe& probe, Address const& address) {
    Socket socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return errno;
    if (::connect(socket.get(), address.get(), address.length) != 0 && errno != EINPROGRESS)
        return errno;
    probe.socket.emplace(io_, socket.release());
    probe.socket->async_wait(stream_descriptor::wait_write, handler(serial, &Prober::connected));
    return 0;
}

void Prober::connected(Serial serial, Probe& probe) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(probe.socket->native_handle(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        probe.last_error = errno_words(error);
        return connect_next(serial, probe);
    }
    if (probe.is_http()) return ask(serial, probe);
    done(serial, true, "connected");
}

void Prober::ask(Serial serial, Probe& probe) {
    // A new socket takes a few hundred bytes at once; a part of them would be no request.
    std::string text = request_text(probe.url);
    auto sent = ::send(probe.socket->native_handle(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(text.size()))
        return done(serial, false, sent < 0 ? errno_words(errno) : "takes no request");
    probe.socket->async_wait(stream_descriptor::wait_read, handler(serial, &Prober::read));
}

void Prober::read(Serial serial, Probe& probe) {
    char buffer[status_bytes];
    auto count =
        ::recv(probe.socket->native_handle(), buffer, status_bytes - probe.answer.size(), 0);
    if (count == 0) return done(serial, false, "closed the connection without an answer");
    if (count < 0 && errno != EAGAIN && errno != EINTR)
        return done(serial, false, errno_words(errno));
    if (count > 0) probe.answer.append(buffer, static_cast<std::size_t>(count));
    if (probe.answer.size() < status_bytes) {
        probe.socket->async_wait(stream_descriptor::wait_read, handler(serial, &Prober::read));
        return;
    }
    auto status = status_of(probe.answer);
    if (!status) return done(serial, false, "the answer is not HTTP");
    done(serial, *status >= 200 && *status < 400, "status " + std::to_string(*status));
}

void Prober::time_over(Serial serial, Probe& probe) {
    done(serial, false, "no answer within " + seconds_text(probe.request.timeout));
}

void Prober::done(Serial serial, bool ok, std::string why) {
    auto found = probes_.find(serial);
    ports::ProbeId id = found->second->id;
    serials_.erase(id);
    probes_.erase(found);
    inbox_.push(ports::ProbeDone{id, ok, std::move(why)});
}

}  // namespace

std::unique_ptr<ports::Probes> make_probes(boost::asio::io_context& io, ports::Inbox& inbox) {
    return std::make_unique<Prober>(io, inbox);
}

std::unique_ptr<ports::Probes> make_probes(os::Loop& loop, ports::Inbox& inbox) {
    return make_probes(os::asio_context(loop), inbox);
}

}  // namespace lares::net
