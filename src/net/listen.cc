// net/listen.cc: opening sockets to listen on.

#include "net/listen.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "net/http_limits.h"

namespace lares::net {

namespace {

/// Unlinks a temporary name when the work is over, whichever way.
class Temporary {
public:
    explicit Temporary(std::string file) : file_(std::move(file)) {}
    Temporary(Temporary const&) = delete;
    Temporary& operator=(Temporary const&) = delete;
    ~Temporary() { ::unlink(file_.c_str()); }
    std::string const& file() const { return file_; }

private:
    std::string file_;
};

/// `<file>.<pid>`, or a short name beside it when that would be too long for a socket.
std::string temporary_name(std::string const& file) {
    std::string name = file + "." + std::to_string(::getpid());
    if (unix_address(name)) return name;
    return file.substr(0, file.rfind('/') + 1) + "." + std::to_string(::getpid());
}

/// Whoever listens there, even one too busy to answer, accepts the connection or has a full queue.
bool is_answered(Address const& address) {
    auto socket = open_socket(AF_UNIX);
    if (!socket) return true;  // not knowing, we take nobody's place
    if (::connect(socket->get(), address.get(), address.length) == 0) return true;
    return errno == EAGAIN || errno == EACCES || errno == EPERM;
}

Result<Socket> bind_unix(ports::ListenSpec const& spec, std::string const& file) {
    auto address = TRY(unix_address(file));
    auto socket = TRY(open_socket(AF_UNIX));
    struct stat found{};
    // In a container our pid may be that of the daemon that died here.
    if (::lstat(file.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(file.c_str());
    // The file takes its first mode from the socket, so that it is never open to all (Linux).
    ::fchmod(socket.get(), spec.mode & 0700);
    if (::bind(socket.get(), address.get(), address.length) != 0) return socket_error(errno);
    return socket;
}

Result<> set_owner_and_mode(ports::ListenSpec const& spec, std::string const& file) {
    auto uid = spec.uid < 0 ? static_cast<uid_t>(-1) : static_cast<uid_t>(spec.uid);
    auto gid = spec.gid < 0 ? static_cast<gid_t>(-1) : static_cast<gid_t>(spec.gid);
    if ((spec.uid >= 0 || spec.gid >= 0) && ::chown(file.c_str(), uid, gid) != 0)
        return socket_error(errno);
    if (::chmod(file.c_str(), spec.mode) != 0) return socket_error(errno);
    return {};
}

/// Gives `file` its final name unless that exists. Some file systems (shared folders of containers)
/// have no hard links.
int put_in_place(std::string const& file, std::string const& name) {
    if (::link(file.c_str(), name.c_str()) == 0) return 0;
    if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK) return errno;
    if (::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0)
        return 0;
    return errno;
}

/// Frees the final name if nobody answers behind it.
Result<> remove_stale(std::string const& name, std::vector<std::string>& notes) {
    struct stat found{};
    if (::lstat(name.c_str(), &found) != 0) return {};  // gone meanwhile
    if (!S_ISSOCK(found.st_mode))
        return Error{Error::Kind::unavailable, "'" + name + "' exists and is not a socket"};
    if (is_answered(TRY(unix_address(name)))) return socket_error(EADDRINUSE);
    notes.push_back("Unlinking stale socket " + name);
    if (::unlink(name.c_str()) != 0 && errno != ENOENT) return socket_error(errno);
    return {};
}

Result<Socket> listen_at(Address const& address) {
    auto socket = TRY(open_socket(address.family()));
    int on = 1, off = 0;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.family() == AF_INET6) {
        bool every = IN6_IS_ADDR_UNSPECIFIED(
            &reinterpret_cast<sockaddr_in6 const*>(address.get())->sin6_addr);
        int* only_ipv6 = every ? &off : &on;
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, only_ipv6, sizeof *only_ipv6);
    }
    if (::bind(socket.get(), address.get(), address.length) != 0) return socket_error(errno);
    if (::listen(socket.get(), backlog) != 0) return socket_error(errno);
    return socket;
}

int port_of(Socket const& socket) {
    Address address;
    address.length = sizeof address.storage;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length);
    if (address.family() == AF_INET6)
        return ntohs(reinterpret_cast<sockaddr_in6 const*>(address.get())->sin6_port);
    return ntohs(reinterpret_cast<sockaddr_in const*>(address.get())->sin_port);
}

void set_port(Address& address, int port) {
    auto in_order = htons(static_cast<std::uint16_t>(port));
    if (address.family() == AF_INET6)
        reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = in_order;
    else
        reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = in_order;
}

Result<InetListeners> listen_everywhere(int port) {
    InetListeners opened;
    for (char const* host : {"::", "0.0.0.0"}) {
        auto addresses = known_addresses(host, port);
        auto socket = addresses.empty() ? Result<Socket>(socket_error(EAFNOSUPPORT))
                                        : listen_at(addresses[0]);
        // Without IPv6 in the kernel or the container, IPv4 alone is every address.
        bool is_last = opened.port == 0 && std::string_view(host) == "0.0.0.0";
        if (!socket && !is_last && socket.error().kind == Error::Kind::unavailable) continue;
        if (!socket) return socket.error();
        opened.port = port_of(*socket);
        opened.sockets.push_back(std::move(socket).take());
        return opened;
    }
    return socket_error(EAFNOSUPPORT);
}

}  // namespace

Result<UnixListener> open_unix_listener(ports::ListenSpec const& spec,
                                        std::vector<std::string>& notes) {
    TRY(unix_address(spec.file));
    Temporary temporary(temporary_name(spec.file));
    auto socket = TRY(bind_unix(spec, temporary.file()));
    TRY(set_owner_and_mode(spec, temporary.file()));
    if (::listen(socket.get(), backlog) != 0) return socket_error(errno);
    int error = put_in_place(temporary.file(), spec.file);
    // More than once only if others come and go meanwhile.
    for (int tries = 0; error == EEXIST && tries < 3; ++tries) {
        TRY(remove_stale(spec.file, notes));
        error = put_in_place(temporary.file(), spec.file);
    }
    if (error != 0) return socket_error(error == EEXIST ? EADDRINUSE : error);
    struct stat placed{};
    ::lstat(spec.file.c_str(), &placed);
    return UnixListener{std::move(socket), spec.file, placed.st_dev, placed.st_ino};
}

bool has_vanished(UnixListener const& listener) {
    struct stat found{};
    return ::lstat(listener.file.c_str(), &found) != 0 && errno == ENOENT;
}

void remove_socket_file(UnixListener const& listener) {
    struct stat found{};
    if (::lstat(listener.file.c_str(), &found) != 0) return;
    if (found.st_dev == listener.device && found.st_ino == listener.inode)
        ::unlink(listener.file.c_str());
}

Result<InetListeners> open_inet_listeners(std::string const& host, int port) {
    if (host.empty() || host == "*") return listen_everywhere(port);
    auto addresses = TRY(resolve(host, port, Use::listen));
    InetListeners opened;
    Error first = socket_error(EADDRNOTAVAIL);
    for (auto& address : addresses) {
        if (opened.port != 0) set_port(address, opened.port);  // port 0: the same for all
        auto socket = listen_at(address);
        if (socket) {
            opened.port = port_of(*socket);
            opened.sockets.push_back(std::move(socket).take());
            continue;
        }
        // "localhost" where there is no IPv6 is not an error; a port in use is.
        if (socket.error().kind != Error::Kind::unavailable) return socket.error();
        if (opened.sockets.empty()) first = socket.error();
    }
    if (opened.sockets.empty()) return first;
    return opened;
}

}  // namespace lares::net
