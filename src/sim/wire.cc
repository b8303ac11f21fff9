// sim/wire.cc: keeps answers, and watches that each request gets exactly one.

#include "sim/wire.h"

#include <algorithm>

namespace lares::sim {

using ports::RequestId;

namespace {

constexpr Duration network_takes{1};
constexpr int first_free_port = 40'000;

Lane lane(RequestId id) { return {Lane::Of::request, static_cast<std::uint64_t>(id)}; }

}  // namespace

Result<> Wire::listen(ports::ListenSpec const& spec, std::vector<std::string>&) {
    if (failure_) return *std::exchange(failure_, std::nullopt);
    auto same = [&](ports::ListenSpec const& one) { return one.server == spec.server; };
    if (std::ranges::any_of(listeners_, same)) kernel_.complain("a server listens twice");
    listeners_.push_back(spec);
    return {};
}

int Wire::port_of(int server) const {
    for (auto const& one : listeners_)
        if (one.server == server) return one.port ? one.port : first_free_port + server;
    return 0;
}

RequestId Wire::request(ports::HttpRequested request) {
    RequestId id{next_request_++};
    exchanges_[id] = {};
    auto listens = [&](ports::ListenSpec const& one) { return one.server == request.server; };
    if (std::ranges::none_of(listeners_, listens)) return id;
    request.request = id;
    kernel_.note("request " + request.method + " " + request.target);
    kernel_.tell(lane(id), std::move(request));
    return id;
}

void Wire::hang_up(RequestId id) {
    Exchange& one = exchanges_.at(id);
    if (one.ended || one.peer_gone) return;
    one.peer_gone = true;
    kernel_.tell(lane(id), [this, id] { exchanges_.at(id).peer_gone_turn = kernel_.turn(); });
    kernel_.tell(lane(id), ports::HttpClosed{id});
}

void Wire::crash() {
    listeners_.clear();
    for (auto& [id, one] : exchanges_) one.ended = true;
}

Wire::Exchange* Wire::find_open(RequestId id, bool stream, char const* deed) {
    auto found = exchanges_.find(id);
    if (found == exchanges_.end()) {
        kernel_.complain(std::string(deed) + " for no request");
        return nullptr;
    }
    Exchange& one = found->second;
    bool allowed = stream ? one.is_stream && !one.ended : !one.reply;
    // In the turn in which the loop is told it may have decided already.
    if (one.peer_gone_turn && kernel_.turn() > one.peer_gone_turn) allowed = false;
    if (!allowed) kernel_.complain(std::string(deed) + " that nobody waits for");
    return allowed && !one.peer_gone ? &one : nullptr;
}

void Wire::reply(RequestId id, ports::HttpReply reply) {
    Exchange* one = find_open(id, /*stream=*/false, "a reply");
    if (!one) return;
    kernel_.note("reply " + std::to_string(reply.status));
    one->reply = std::move(reply);
    one->ended = true;
}

void Wire::open_stream(RequestId id, ports::HttpReply head) {
    Exchange* one = find_open(id, /*stream=*/false, "a stream");
    if (!one) return;
    one->streamed = head.body;
    one->reply = std::move(head);
    one->is_stream = true;
}

void Wire::stream_send(RequestId id, std::string_view bytes) {
    Exchange* one = find_open(id, /*stream=*/true, "a piece");
    if (!one) return;
    one->streamed += bytes;
    one->unsent += bytes.size();
    kernel_.after(network_takes, [this, id] { drain(id); });
}

void Wire::drain(RequestId id) {
    Exchange& one = exchanges_.at(id);
    if (!one.reads || one.unsent == 0 || one.peer_gone || one.ended) return;
    one.unsent = 0;
    kernel_.tell(lane(id), ports::StreamDrained{id});
}

void Wire::set_reads(RequestId id, bool reads) {
    exchanges_.at(id).reads = reads;
    drain(id);
}

void Wire::end_stream(RequestId id) {
    Exchange* one = find_open(id, /*stream=*/true, "an end");
    if (one) one->ended = true;
}

}  // namespace lares::sim
