// ports/http_client.h: one HTTP exchange with a running Lares, as the command line needs it.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lares::ports {

struct HttpCall {
    std::string server;  // "unix:///run/lares.sock", "http://host:port", "https://host:port"
    std::string cafile;  // https: PEM file of authorities; empty: the system's
    std::string method = "POST";
    std::string target = "/RPC2";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    Duration timeout{0};  // 0: none; a waited start may take as long as it takes
    int until = -1;       // a descriptor: once it can be read, the exchange ends (conflict)
};

struct HttpAnswer {
    int status = 0;
    std::string body;
};

class HttpClient {
public:
    virtual ~HttpClient() = default;
    /// not_found: the socket file is missing. unavailable: refused, or the peer closed early.
    /// denied: no permission on the socket file. io: anything else, in words.
    virtual Result<HttpAnswer> call(HttpCall const&) = 0;
    /// As call(), but hands each piece of the body to `take` as it comes; ends when the server
    /// does, or when `take` returns false. For statuses other than 200, body holds the answer
    /// instead.
    virtual Result<HttpAnswer> stream(HttpCall const&,
                                      std::function<bool(std::string_view)> const& take) = 0;
};

}  // namespace lares::ports
