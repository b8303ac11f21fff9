// net/socket.h: a descriptor with an owner, addresses, and errno in words.
//
// What server, client and probes share of the socket interface. Every descriptor made here is
// close-on-exec and non-blocking. Internal to net/.

#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lares::net {

/// Owns a descriptor and closes it.
class Socket {
public:
    Socket() = default;
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(other.release()) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Socket();

    int get() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }
    explicit operator bool() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

/// An address of any family, as the kernel wants it.
struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    int family() const { return storage.ss_family; }
    sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
};

/// A non-blocking stream socket of the address's family.
Result<Socket> open_socket(int family);

/// invalid when the path is empty, has a NUL, or is longer than a unix address can hold (107
/// bytes).
Result<Address> unix_address(std::string const& path);

/// The addresses of a numeric host or of "localhost" (which is always this machine, RFC 6761),
/// without asking anybody; empty for other names.
std::vector<Address> known_addresses(std::string const& host, int port);

/// known_addresses(), or what the resolver says, which may wait for a name server. not_found with
/// the resolver's words. `passive`: for listening; an empty host is then every address.
enum class Use { connect, listen };
Result<std::vector<Address>> resolve(std::string const& host, int port, Use use);

/// "127.0.0.1:4711" or "[::1]:4711".
std::string text_of(Address const& address);

/// "connection refused": the C library's English words, without their capital.
std::string errno_words(int number);
/// "errno.EACCES (13)", as supervisord names what kept a socket from being opened (spec §1.8).
std::string errno_name(int number);
/// denied for EACCES and EPERM, conflict for EADDRINUSE, else unavailable; what is errno_name().
Error socket_error(int number);

}  // namespace lares::net
