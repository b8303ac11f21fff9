// control/guarded_wire.h: every answer with the headers that tell browsers to be careful with it.
//
// Stands between the faces and the wire, so that no route can forget them. An answer that sets one
// of them itself keeps its own.

#pragma once

#include <string>
#include <vector>

#include "ports/wire.h"

namespace lares::control {

class GuardedWire final : public ports::Wire {
public:
    explicit GuardedWire(ports::Wire& wire) : wire_(wire) {}

    Result<> listen(ports::ListenSpec const& spec, std::vector<std::string>& notes) override {
        return wire_.listen(spec, notes);
    }
    int port_of(int server) const override { return wire_.port_of(server); }
    Result<> renew_certificates(int server) override { return wire_.renew_certificates(server); }
    std::vector<std::string> remake_files(std::vector<std::string>& notes) override {
        return wire_.remake_files(notes);
    }
    void close_listeners() override { wire_.close_listeners(); }
    void reply(ports::RequestId request, ports::HttpReply reply) override;
    void open_stream(ports::RequestId request, ports::HttpReply head) override;
    void stream_send(ports::RequestId request, std::string_view bytes) override {
        wire_.stream_send(request, bytes);
    }
    void end_stream(ports::RequestId request) override { wire_.end_stream(request); }

private:
    ports::Wire& wire_;
};

}  // namespace lares::control
