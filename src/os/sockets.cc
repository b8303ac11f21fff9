// os/sockets.cc: socket, bind, listen; and finding again what a predecessor had open.

#include "os/sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "os/system_error.h"

namespace lares::os {

namespace {

using ports::SocketSpec;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Error failed(std::string const& what, int number) {
    auto error = system_error(what, {}, number);
    if (number == EADDRINUSE) error.kind = Error::Kind::conflict;
    return error;
}

Result<Address> unix_address(std::string const& file) {
    Address address;
    auto* path = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (file.size() >= sizeof path->sun_path)
        return Error{Error::Kind::invalid, "the path '" + file + "' is longer than " +
                                               std::to_string(sizeof path->sun_path - 1) +
                                               " bytes, which a unix socket's may be"};
    path->sun_family = AF_UNIX;
    std::memcpy(path->sun_path, file.data(), file.size());
    address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + file.size() + 1);
    return address;
}

/// What `host` means on this machine; of every address IPv6 comes first, because it takes IPv4 in.
Result<std::vector<Address>> inet_addresses(SocketSpec const& spec) {
    bool every = spec.host.empty() || spec.host == "*";
    std::vector<Address> found;
    for (char const* host : {every ? "::" : spec.host.c_str(), every ? "0.0.0.0" : nullptr}) {
        if (host == nullptr) break;
        addrinfo hints{}, *list = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
        int error = ::getaddrinfo(host, std::to_string(spec.port).c_str(), &hints, &list);
        if (error != 0)
            return Error{Error::Kind::unavailable,
                         "host '" + spec.host + "' cannot be found: " + gai_strerror(error)};
        std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
        for (auto* each = list; each != nullptr; each = each->ai_next) {
            Address address;
            std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
            address.length = each->ai_addrlen;
            found.push_back(address);
        }
    }
    return found;
}

int backlog_of(SocketSpec const& spec) { return spec.backlog > 0 ? spec.backlog : SOMAXCONN; }

Result<Fd> listen_at(Address const& address, SocketSpec const& spec) {
    Fd fd(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return failed("socket", errno);
    int on = 1, off = 0;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool every = spec.host.empty() || spec.host == "*";
    if (address.get()->sa_family == AF_INET6)
        ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, every ? &off : &on, sizeof on);
    if (::bind(fd.get(), address.get(), address.length) != 0) return failed("bind", errno);
    if (::listen(fd.get(), backlog_of(spec)) != 0) return failed("listen", errno);
    return fd;
}

Result<Fd> open_inet(SocketSpec const& spec) {
    Error first{Error::Kind::unavailable, "host '" + spec.host + "' has no address here"};
    bool has_failed = false;
    for (auto const& address : TRY(inet_addresses(spec))) {
        auto fd = listen_at(address, spec);
        if (fd) return fd;
        // "localhost" where there is no IPv6 is no error; a port in use is.
        if (fd.error().kind == Error::Kind::conflict) return fd;
        if (!has_failed) first = fd.error();
        has_failed = true;
    }
    return first;
}

/// Whoever listens there accepts the connection, or has a full queue.
bool is_answered(Address const& address) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return true;  // not knowing, we take nobody's place
    if (::connect(fd.get(), address.get(), address.length) == 0) return true;
    return errno != ECONNREFUSED && errno != ENOENT;
}

Result<> remove_stale(std::string const& file, Address const& address) {
    struct stat found{};
    if (::lstat(file.c_str(), &found) != 0) return {};
    if (!S_ISSOCK(found.st_mode))
        return Error{Error::Kind::unavailable, "'" + file + "' exists and is not a socket"};
    if (is_answered(address)) return failed("bind", EADDRINUSE);
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failed("unlink", errno);
    return {};
}

Result<Fd> open_unix(SocketSpec const& spec) {
    auto address = TRY(unix_address(spec.file));
    TRY(remove_stale(spec.file, address));
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return failed("socket", errno);
    // The file takes its first mode from the socket, so that it is never open to all (Linux).
    ::fchmod(fd.get(), spec.mode & 0700);
    if (::bind(fd.get(), address.get(), address.length) != 0) return failed("bind", errno);
    auto undo = [&](char const* what) {
        auto error = failed(what, errno);
        ::unlink(spec.file.c_str());
        return error;
    };
    auto uid = spec.uid < 0 ? static_cast<uid_t>(-1) : static_cast<uid_t>(spec.uid);
    auto gid = spec.gid < 0 ? static_cast<gid_t>(-1) : static_cast<gid_t>(spec.gid);
    if ((spec.uid >= 0 || spec.gid >= 0) && ::chown(spec.file.c_str(), uid, gid) != 0)
        return undo("chown");
    if (::chmod(spec.file.c_str(), spec.mode) != 0) return undo("chmod");
    if (::listen(fd.get(), backlog_of(spec)) != 0) return undo("listen");
    return fd;
}

Address own_address(int fd) {
    Address address;
    address.length = sizeof address.storage;
    if (::getsockname(fd, address.get(), &address.length) != 0) address = {};
    return address;
}

int port_of(Address const& address) {
    if (address.get()->sa_family == AF_INET6)
        return ntohs(reinterpret_cast<sockaddr_in6 const*>(address.get())->sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in const*>(address.get())->sin_port);
}

std::string host_of(Address const& address) {
    char text[NI_MAXHOST];
    if (::getnameinfo(address.get(), address.length, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) != 0)
        return "";
    std::string host = text;
    return host.find(':') == host.npos ? host : "[" + host + "]";
}

/// Whether the socket a predecessor kept is the one that is wanted now.
bool is_at(int fd, SocketSpec const& spec) {
    auto own = own_address(fd);
    if (spec.is_unix) {
        struct stat found{};
        auto const* path = reinterpret_cast<sockaddr_un const*>(own.get());
        return own.get()->sa_family == AF_UNIX && spec.file == path->sun_path &&
               ::lstat(spec.file.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
    }
    auto addresses = inet_addresses(spec);
    if (!addresses) return false;
    for (auto const& address : *addresses) {
        bool same_port = spec.port == 0 || port_of(own) == spec.port;
        if (same_port && own.get()->sa_family == address.get()->sa_family &&
            host_of(own) == host_of(address))
            return true;
    }
    return false;
}

}  // namespace

Result<> Sockets::open(ports::SocketId id, SocketSpec spec) {
    std::string kept = "socket/" + spec.name;
    Fd fd = store_.take(kept);
    bool is_ours = fd && is_at(fd.get(), spec);
    if (is_ours) {
        ::listen(fd.get(), backlog_of(spec));  // another backlog takes effect
    } else {
        if (fd) store_.drop(kept);
        fd.reset();
        fd = TRY(spec.is_unix ? open_unix(spec) : open_inet(spec));
        TRY(store_.keep(kept, fd.get()));
    }
    Open opened{.spec = std::move(spec), .fd = std::move(fd)};
    struct stat found{};
    if (opened.spec.is_unix && ::lstat(opened.spec.file.c_str(), &found) == 0) {
        opened.device = found.st_dev;
        opened.inode = found.st_ino;
    }
    open_.insert_or_assign(id, std::move(opened));
    return {};
}

void Sockets::close(ports::SocketId id) {
    auto found = open_.find(id);
    if (found == open_.end()) return;
    auto const& spec = found->second.spec;
    struct stat now{};
    bool ours = spec.is_unix && ::lstat(spec.file.c_str(), &now) == 0 &&
                now.st_dev == found->second.device && now.st_ino == found->second.inode;
    if (ours) ::unlink(spec.file.c_str());
    store_.drop("socket/" + spec.name);
    open_.erase(found);
}

std::string Sockets::address(ports::SocketId id) const {
    auto found = open_.find(id);
    if (found == open_.end()) return "";
    if (found->second.spec.is_unix) return "unix://" + found->second.spec.file;
    auto own = own_address(found->second.fd.get());
    return "tcp://" + host_of(own) + ":" + std::to_string(port_of(own));
}

int Sockets::descriptor(ports::SocketId id) const {
    auto found = open_.find(id);
    return found == open_.end() ? -1 : found->second.fd.get();
}

}  // namespace lares::os
