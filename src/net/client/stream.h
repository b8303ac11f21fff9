// net/client/stream.h: ports::Streams on libcurl: endless answers of HTTP, and WebSockets.

#pragma once

#include <memory>

#include "ports/stream.h"

namespace lares::net {

/// For one thread. A net::ClientLibrary must live as long.
std::unique_ptr<ports::Streams> make_streams();

}  // namespace lares::net
