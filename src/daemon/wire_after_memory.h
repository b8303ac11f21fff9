// daemon/wire_after_memory.h: done before said: what an answer tells of is in the memory first.
//
// Stands between the HTTP face and the real wire. A daemon that dies right after an answer is
// followed by one that knows what was promised.

#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ports/wire.h"

namespace lares::daemon {

class WireAfterMemory final : public ports::Wire {
public:
    /// @param note  writes what is not written yet; cheap when there is nothing.
    WireAfterMemory(ports::Wire& wire, std::function<void()> note)
        : wire_(wire), note_(std::move(note)) {}

    Result<> listen(ports::ListenSpec const& spec, std::vector<std::string>& notes) override {
        return wire_.listen(spec, notes);
    }
    int port_of(int server) const override { return wire_.port_of(server); }
    Result<> renew_certificates(int server) override { return wire_.renew_certificates(server); }
    std::vector<std::string> remake_files(std::vector<std::string>& notes) override {
        return wire_.remake_files(notes);
    }
    void close_listeners() override { wire_.close_listeners(); }
    void reply(ports::RequestId request, ports::HttpReply reply) override {
        note_();
        wire_.reply(request, std::move(reply));
    }
    void open_stream(ports::RequestId request, ports::HttpReply head) override {
        wire_.open_stream(request, std::move(head));
    }
    void stream_send(ports::RequestId request, std::string_view bytes) override {
        wire_.stream_send(request, bytes);
    }
    void end_stream(ports::RequestId request) override { wire_.end_stream(request); }

private:
    ports::Wire& wire_;
    std::function<void()> note_;
};

}  // namespace lares::daemon
