// net/client/stream_socket.h: a WebSocket on a connection that libcurl made, with its TLS.

#pragma once

#include <string_view>

#include "ports/stream.h"

namespace lares::net {

/// As ports::Streams::open(), of a "ws://" or "wss://" URL.
Result<ports::OpenedStream> open_socket_stream(ports::StreamCall const&);

/// "Name: value" of an answer's head; what is no such line is passed over.
void add_header(ports::Headers&, std::string_view line);

}  // namespace lares::net
