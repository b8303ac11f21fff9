// ports/wire.h: the HTTP server as the daemon sees it: whole requests in, answers out.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ports/event.h"

namespace lares::ports {

struct HttpReply {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length
    std::string body;
    /// It goes out so much later: for answers to wrong passwords.
    Duration hold{0};
};

struct ListenSpec {
    int server = 0;  // comes back in HttpRequested
    bool is_unix = true;
    std::string file;  // unix: bound under a temporary name, then linked into place
    unsigned mode = 0700;
    long uid = -1, gid = -1;
    std::string host;  // inet; empty or "*": every address, IPv4 and IPv6
    int port = 0;      // 0: any; see port_of
    // inet: PEM files of a server that speaks TLS; an empty certificate: it does not.
    std::string certificate, key, client_ca;
};

class Wire {
public:
    virtual ~Wire() = default;
    /// conflict: another server answers there. unavailable, denied: could not be opened, in words
    /// ("errno.EACCES (13)"). A stale socket file (nobody answers) is replaced; `notes` says so.
    virtual Result<> listen(ListenSpec const&, std::vector<std::string>& notes) = 0;
    virtual int port_of(int server) const = 0;  // the port an inet server really has
    /// Reads the files of a TLS server again, for the connections to come; those there are go on.
    /// When the files do not fit, those of before stay in use, and the Error says why.
    virtual Result<> renew_certificates(int server) = 0;
    /// Makes unix sockets whose file has vanished anew; what stands there instead is left alone.
    /// Gives the files it made.
    virtual std::vector<std::string> remake_files(std::vector<std::string>& notes) = 0;
    /// Closes all listeners, removes socket files that are still ours.
    virtual void close_listeners() = 0;

    virtual void reply(RequestId, HttpReply) = 0;
    /// A chunked answer without end. StreamDrained follows each stream_send once it went out.
    virtual void open_stream(RequestId, HttpReply head) = 0;
    virtual void stream_send(RequestId, std::string_view bytes) = 0;
    virtual void end_stream(RequestId) = 0;
};

}  // namespace lares::ports
