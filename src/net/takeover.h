// net/takeover.h: listening sockets that a predecessor opened and the keeper held meanwhile.
//
// Whoever connected while no daemon lived waits in their queues; nobody was refused. Internal to
// net/.

#pragma once

#include <string>
#include <vector>

#include "net/listen.h"
#include "net/listener_store.h"

namespace lares::net {

struct KeptUnixListener {
    UnixListener listener;
    std::string name;  // in the store
};
/// The socket of the same file, if that is still the file it was bound to; it then has the owner
/// and mode that are asked for now. An empty socket: there is none, open one.
KeptUnixListener take_unix_listener(ListenerStore& store, ports::ListenSpec const& spec);
/// @returns the name in the store.
std::string keep_unix_listener(ListenerStore& store, UnixListener const& listener);

struct KeptInetListeners {
    InetListeners listeners;
    std::vector<std::string> names;  // parallel to its sockets
};
/// All sockets of the same host and port, as configured. No socket: there is none, open them.
KeptInetListeners take_inet_listeners(ListenerStore& store, ports::ListenSpec const& spec);
/// @returns their names in the store.
std::vector<std::string> keep_inet_listeners(ListenerStore& store, ports::ListenSpec const& spec,
                                             InetListeners const& listeners);

}  // namespace lares::net
