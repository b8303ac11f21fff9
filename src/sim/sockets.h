// sim/sockets.h: listening sockets in a world without a network: who has which address.

#pragma once

#include <map>
#include <set>
#include <string>

#include "ports/sockets.h"
#include "sim/kernel.h"

namespace lares::sim {

class Sockets final : public ports::Sockets {
public:
    explicit Sockets(Kernel& kernel) : kernel_(kernel) {}

    /// Somebody else listens there ("tcp://127.0.0.1:80", "unix:///x.sock"), or does no more.
    void occupy(std::string address) { taken_.insert(std::move(address)); }
    void leave(std::string const& address) { taken_.erase(address); }
    std::size_t open_count() const { return open_.size(); }

    Result<> open(ports::SocketId, ports::SocketSpec) override;
    void close(ports::SocketId) override;
    std::string address(ports::SocketId) const override;

private:
    Kernel& kernel_;
    std::set<std::string> taken_;
    std::map<ports::SocketId, std::string> open_;  // id: address
};

}  // namespace lares::sim
