// net/listener_store.h: where listening sockets are kept beyond the end of this process.
//
// Behind it stands the keeper (bin/ connects them). Names: "listen/FILE?DEVICE:INODE" and
// "listen/HOST:PORT?FAMILY:PORT", the first PORT as configured (0: any), the second as it is.

#pragma once

#include <string>

#include "net/socket.h"

namespace lares::net {

class ListenerStore {
public:
    virtual ~ListenerStore() = default;
    /// Holds a duplicate until drop().
    virtual void keep(std::string const& name, int fd) = 0;
    virtual void drop(std::string const& name) = 0;
    struct Found {
        std::string name;
        Socket socket;  // empty: none
    };
    /// One that a predecessor kept and nobody took yet, whose name begins so. It stays kept.
    virtual Found take(std::string const& prefix) = 0;
};

/// Keeps nothing.
ListenerStore& no_listener_store();

/// After all of Wire::listen(): closes what a predecessor left and nobody asked for again.
void drop_unwanted_listeners(ListenerStore& store);

}  // namespace lares::net
