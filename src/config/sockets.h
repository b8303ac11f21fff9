// config/sockets.h: [socket:x] sections, and the programs that name them.

#pragma once

#include "config/reader.h"

namespace lares::config {

/// Every [socket:x] section.
std::vector<Socket> read_sockets(Context&);

/// Reports programs that name a socket there is none of.
void check_sockets(Context&, Settings const&);

/// The socket of a [fcgi-program:x], which read_program() has found sound; its name is
/// "fcgi-program:x".
Socket fastcgi_socket(World const&, Program const&);

/// "tcp://HOST:PORT", "unix:///PATH", "HOST:PORT" or "PORT" put into a Socket.
Result<Socket> parse_listen(std::string_view text);

}  // namespace lares::config
