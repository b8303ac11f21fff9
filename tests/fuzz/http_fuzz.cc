// tests/fuzz/http_fuzz.cc: any bytes a peer may send to the HTTP server, cut in any way.
//
// The first byte says in which pieces the rest is fed. Besides not crashing: what is kept stays
// bounded, and the requests read do not depend on the cuts.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "net/request_reader.h"

using lares::net::Request;
using lares::net::RequestReader;
using State = lares::net::RequestReader::State;

namespace {

struct Reading {
    std::vector<Request> requests;
    State end = State::empty;
};

Reading read(std::string_view bytes, std::size_t piece) {
    RequestReader reader;
    Reading reading;
    while (!bytes.empty()) {
        auto part = bytes.substr(0, piece);
        reader.feed(part);
        bytes.remove_prefix(part.size());
        while (reader.state() == State::whole) reading.requests.push_back(reader.take());
        reader.take_wish_to_continue();
        if (reader.announced_bytes() > lares::limits::http_body_bytes) std::abort();
        if (reader.waiting_bytes() > lares::limits::http_header_bytes) std::abort();
    }
    reading.end = reader.state();
    return reading;
}

bool is_same(Request const& a, Request const& b) {
    return a.method == b.method && a.target == b.target && a.body == b.body && a.host == b.host &&
           a.authorization == b.authorization && a.keep_alive == b.keep_alive;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    std::string_view bytes(reinterpret_cast<char const*>(data + 1), size - 1);
    Reading at_once = read(bytes, bytes.size());
    Reading in_pieces = read(bytes, 1 + data[0] % 64);
    // A header in pieces is looked at when it is whole, so only a fault may show later.
    bool shows_later = at_once.end == State::refused && in_pieces.end == State::half_read;
    if (at_once.end != in_pieces.end && !shows_later) std::abort();
    if (at_once.requests.size() != in_pieces.requests.size()) std::abort();
    for (std::size_t i = 0; i < at_once.requests.size(); ++i)
        if (!is_same(at_once.requests[i], in_pieces.requests[i])) std::abort();
    return 0;
}
