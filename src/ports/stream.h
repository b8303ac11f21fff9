// ports/stream.h: one endless answer of a service, as it comes: HTTP or WebSocket.
//
// Blocking, on a thread of the caller's. Nothing here connects again: when and how is decided by
// who reads (apps/capture).

#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "ports/post.h"

namespace lares::ports {

struct StreamCall {
    std::string url;  // http, https, ws, wss
    std::string method = "GET";
    Headers headers;
    std::string body;
    std::string ca_file;            // PEM of authorities; empty: the system's
    Duration open_timeout{30'000};  // until the head of the answer is there
    int until = -1;                 // a descriptor: once it can be read, everything ends
};

class Stream {
public:
    enum class Got { bytes, nothing, ended, interrupted };

    virtual ~Stream() = default;
    /// Appends what came to `out`: the body as it is; of a WebSocket each message, with ends of
    /// lines within it replaced by spaces, and one behind it. `nothing`: the time is over. Pings
    /// are answered on the way. Errors: io, the connection broke; `out` may have some bytes then,
    /// too.
    virtual Result<Got> read(std::string& out, Duration wait) = 0;
};

struct OpenedStream {
    int status = 0;    // 200, 101; another one: there is no stream
    Headers headers;   // names in lower case
    std::string body;  // of a refusal, its beginning
    std::unique_ptr<Stream> stream;
};

class Streams {
public:
    virtual ~Streams() = default;
    /// unavailable: no connection. denied: the certificate. invalid: the URL. conflict:
    /// interrupted.
    virtual Result<OpenedStream> open(StreamCall const&) = 0;
};

}  // namespace lares::ports
