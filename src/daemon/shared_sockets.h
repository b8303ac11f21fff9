// daemon/shared_sockets.h: which listening sockets are open for programs: those of [socket:x]
// always, that of a [fcgi-program:x] while one of its processes is up.
//
// What is open and what is wanted are compared by what the configuration says of them, so that a
// socket nobody changed stays open through a reload.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "ports/sockets.h"

namespace lares::daemon {

class SharedSockets {
public:
    explicit SharedSockets(ports::Sockets& sockets) : sockets_(sockets) {}

    /// Closes what is not among `wanted` or is wanted otherwise, then opens what is missing. Goes
    /// on after a failure; the Errors name the sockets.
    std::vector<Error> set_wanted(std::vector<config::Socket> const& wanted);
    /// Of that name, opened when it is not. not_found: nobody wants one of that name.
    Result<ports::SocketId> open(std::string_view name);
    /// Until the next open().
    void close(std::string_view name);
    bool is_open(std::string_view name) const;
    /// "tcp://127.0.0.1:4711"; empty when it is not open.
    std::string address(std::string_view name) const;
    void close_all();

private:
    struct Known {
        config::Socket socket;
        std::optional<ports::SocketId> id;
    };

    ports::Sockets& sockets_;
    std::map<std::string, Known, std::less<>> known_;
    std::uint32_t last_id_ = 0;
};

}  // namespace lares::daemon
