// ports/sockets.h: listening sockets that the daemon opens for programs and hands to them.
//
// [socket:x] and fcgi-program. They stay open while their programs restart, and across the daemon's
// own death (the keeper holds them), so no connection is refused meanwhile.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace lares::ports {

enum class SocketId : std::uint32_t {};

struct SocketSpec {
    std::string name;  // of its section; what is kept across a restart of the daemon is found by it
    bool is_unix = false;
    std::string file;  // unix; absolute
    unsigned mode = 0700;
    long uid = -1, gid = -1;
    std::string host;  // inet; empty or "*": every address, IPv4 and IPv6
    int port = 0;      // 0: any
    int backlog = 0;   // 0: the kernel's maximum
};

class Sockets {
public:
    virtual ~Sockets() = default;
    /// conflict: something listens there. unavailable, denied, invalid: in words. One that a
    /// predecessor kept under the same name and address is taken over as it is.
    virtual Result<> open(SocketId, SocketSpec) = 0;
    /// Closes it; a unix socket's file is removed while it is still ours.
    virtual void close(SocketId) = 0;
    /// "tcp://127.0.0.1:4711" with the port it really has, or "unix:///path".
    virtual std::string address(SocketId) const = 0;
};

}  // namespace lares::ports
