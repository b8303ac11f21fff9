// sim/sockets.cc: one listener an address.

#include "sim/sockets.h"

#include <algorithm>

namespace lares::sim {

Result<> Sockets::open(ports::SocketId id, ports::SocketSpec spec) {
    std::string address = spec.is_unix ? "unix://" + spec.file
                                       : "tcp://" + spec.host + ":" + std::to_string(spec.port);
    if (open_.contains(id)) kernel_.complain("socket '" + spec.name + "' is opened twice");
    bool is_ours =
        std::ranges::any_of(open_, [&](auto const& entry) { return entry.second == address; });
    if (is_ours || taken_.contains(address))
        return Error{Error::Kind::conflict, "bind: address already in use"};
    open_.emplace(id, address);
    return {};
}

void Sockets::close(ports::SocketId id) {
    if (open_.erase(id) == 0) kernel_.complain("a socket is closed that is not open");
}

std::string Sockets::address(ports::SocketId id) const {
    auto found = open_.find(id);
    return found == open_.end() ? "" : found->second;
}

}  // namespace lares::sim
