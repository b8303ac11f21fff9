// control/guarded_wire.cc: which headers, and adding those that are missing.

#include "control/guarded_wire.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace lares::control {

namespace {

// What is no page loads nothing, runs nothing, stands in no frame, and is what its type says.
constexpr std::pair<std::string_view, std::string_view> guards[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},
};

void guard(ports::HttpReply& reply) {
    auto has = [&](std::string_view name) {
        return std::ranges::any_of(reply.headers,
                                   [&](auto const& header) { return header.first == name; });
    };
    for (auto const& [name, value] : guards)
        if (!has(name)) reply.headers.emplace_back(name, value);
}

}  // namespace

void GuardedWire::reply(ports::RequestId request, ports::HttpReply reply) {
    guard(reply);
    wire_.reply(request, std::move(reply));
}

void GuardedWire::open_stream(ports::RequestId request, ports::HttpReply head) {
    guard(head);
    wire_.open_stream(request, std::move(head));
}

}  // namespace lares::control
