// net/listen.h: sockets that listen, opened and given up as supervisord does (spec §1.8).
//
// A unix socket is bound under a temporary name and linked into place, so that the final name never
// shows a socket that is not ready, and two daemons that start together cannot both have it.
// Internal to net/.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/socket.h"
#include "ports/wire.h"

namespace lares::net {

struct UnixListener {
    Socket socket;
    std::string file;
    std::uint64_t device = 0, inode = 0;  // of the file, to know it again
};

/// conflict: something listens there. A file nobody answers behind is replaced, with the note
/// "Unlinking stale socket FILE". invalid: the path is too long. Else kinds and words of
/// socket_error().
Result<UnixListener> open_unix_listener(ports::ListenSpec const& spec,
                                        std::vector<std::string>& notes);

/// True when nothing stands at the file's name any more.
bool has_vanished(UnixListener const& listener);

/// Unlinks the file if it is still the one that was linked.
void remove_socket_file(UnixListener const& listener);

struct InetListeners {
    std::vector<Socket> sockets;  // one an address
    int port = 0;
};

/// host "" or "*": every address, one dual socket; a name: every address it has that this machine
/// can bind. May wait for a name server unless host is numeric or "localhost".
Result<InetListeners> open_inet_listeners(std::string const& host, int port);

}  // namespace lares::net
