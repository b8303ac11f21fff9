// os/sockets.h: ports::Sockets on Linux: listening sockets that programs share.
//
// Opened here, never accepted from here. Each is held in the FdStore as "socket/NAME", so that a
// successor of this daemon takes it over with the connections that wait in it.

#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "os/fd.h"
#include "os/fd_store.h"
#include "ports/sockets.h"

namespace lares::os {

class Sockets final : public ports::Sockets {
public:
    explicit Sockets(FdStore& store) : store_(store) {}

    Result<> open(ports::SocketId, ports::SocketSpec) override;
    void close(ports::SocketId) override;
    std::string address(ports::SocketId) const override;

    /// Of an open one, for the child; -1 when it is not open.
    int descriptor(ports::SocketId) const;

private:
    struct Open {
        ports::SocketSpec spec;
        Fd fd;
        dev_t device = 0;  // of a unix socket's file
        ino_t inode = 0;
    };

    FdStore& store_;
    std::map<ports::SocketId, Open> open_;
};

}  // namespace lares::os
