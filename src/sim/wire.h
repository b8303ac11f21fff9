// sim/wire.h: an HTTP server without a network: requests are put in, answers are kept.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/wire.h"
#include "sim/kernel.h"

namespace lares::sim {

class Wire final : public ports::Wire {
public:
    struct Exchange {
        std::optional<ports::HttpReply> reply;  // or the head of a stream
        bool is_stream = false;
        std::string streamed;
        bool ended = false;  // nothing more comes
        bool peer_gone = false;
        int peer_gone_turn = 0;  // in which the loop was told
        bool reads = true;       // a stream's peer takes what is sent
        std::size_t unsent = 0;
    };

    explicit Wire(Kernel& kernel) : kernel_(kernel) {}

    /// Puts a request in; `request.request` is filled in. Refused, and never told, when nobody
    /// listens there: is_answered() stays false for ever.
    ports::RequestId request(ports::HttpRequested request);
    /// The client goes away before, or in, its answer.
    void hang_up(ports::RequestId);
    /// The client stops, or goes on, reading a stream.
    void set_reads(ports::RequestId, bool reads);

    Exchange const& exchange(ports::RequestId id) const { return exchanges_.at(id); }
    bool is_answered(ports::RequestId id) const { return exchanges_.at(id).reply.has_value(); }
    /// Every client finds its connection closed.
    void crash();
    std::vector<ports::ListenSpec> const& listeners() const { return listeners_; }
    /// The next listen() fails like this.
    void fail_next_listen(Error error) { failure_ = std::move(error); }

    Result<> listen(ports::ListenSpec const&, std::vector<std::string>& notes) override;
    Result<> renew_certificates(int) override { return {}; }
    std::vector<std::string> remake_files(std::vector<std::string>&) override { return {}; }
    int port_of(int server) const override;
    void close_listeners() override { listeners_.clear(); }
    void reply(ports::RequestId, ports::HttpReply) override;
    void open_stream(ports::RequestId, ports::HttpReply head) override;
    void stream_send(ports::RequestId, std::string_view bytes) override;
    void end_stream(ports::RequestId) override;

private:
    /// The exchange, if the daemon may still send to it; complains if it must not.
    Exchange* find_open(ports::RequestId, bool stream, char const* deed);
    void drain(ports::RequestId);

    Kernel& kernel_;
    std::map<ports::RequestId, Exchange> exchanges_;
    std::vector<ports::ListenSpec> listeners_;
    std::optional<Error> failure_;
    std::uint64_t next_request_ = 1;
};

}  // namespace lares::sim
