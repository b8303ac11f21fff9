// net/address.h: what people write for the other end of a connection, taken apart.
//
// Pure: nothing is looked up here; net/socket.h does that.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::net {

/// Where to connect to: a path, or a host (a name or a numeric address, without brackets) and port.
struct Endpoint {
    std::string path;  // not empty: a unix socket, and the rest means nothing
    std::string host;
    int port = 0;

    bool is_unix() const { return !path.empty(); }
    bool operator==(Endpoint const&) const = default;
};

/// "host:port", "[::1]:80" or "/path/of.sock". invalid in words otherwise.
Result<Endpoint> parse_endpoint(std::string_view text);

struct Url {
    Endpoint endpoint;
    std::string host;    // as it stood, with its port: for the Host header; empty for unix
    std::string target;  // path and query; "/" when none was given
    bool is_tls = false;

    bool operator==(Url const&) const = default;
};

/// "http://host[:port][/path]" (port 80 by default), https:// alike (443), or
/// "unix:///path/of.sock". The scheme is recognised in any case; a fragment is cut off;
/// user:password@ is refused.
Result<Url> parse_url(std::string_view text);

}  // namespace lares::net
