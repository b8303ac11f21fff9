// tests/fuzz/capture_fuzz.cc: any bytes a service may send to lares-capture.
//
// Lines, server-sent events and WebSocket frames, cut in any way; then every dialect, the matcher
// and the rows of an export. Besides not crashing: what is read does not depend on the cuts.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/columns.h"
#include "apps/capture/matcher.h"
#include "apps/capture/sse.h"
#include "net/client/websocket_frames.h"

using namespace lares;

namespace {

template <class Feed>
std::string in_pieces(std::string_view bytes, std::size_t piece, Feed feed) {
    std::string all;
    while (!bytes.empty()) {
        feed(bytes.substr(0, piece), all);
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    return all;
}

std::string events(std::string_view bytes, std::size_t piece) {
    capture::SseReader reader;
    return in_pieces(bytes, piece, [&](std::string_view part, std::string& all) {
        reader.add(part, [&](std::string_view message) { all.append(message) += '\n'; });
    });
}

std::string frames(std::string_view bytes, std::size_t piece) {
    net::FrameReader reader(1 << 16);
    bool is_over = false;
    return in_pieces(bytes, piece, [&](std::string_view part, std::string& all) {
        if (is_over) return;
        auto added = reader.add(
            part, [&](net::Opcode, std::string_view payload) { all.append(payload) += '\n'; });
        is_over = !added;
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
    std::size_t const piece = 1 + data[0] % 16;
    if (events(bytes, piece) != events(bytes, bytes.size() + 1)) std::abort();
    if (frames(bytes, piece) != frames(bytes, bytes.size() + 1)) std::abort();
    capture::Matcher matcher(
        *capture::parse_filter({.words = "a b, \"c d\", ä", .people = "1", .places = "0,0,1,1"}));
    for (auto const* each : {"jetstream", "mastodon", "x", "twitter", "lines"}) {
        auto const language = *capture::parse_language(each);
        capture::DialectReader reader(language);
        auto const& facts = reader.read(bytes);
        (void)matcher.match(facts);
        (void)capture::message_time(facts.time);
        (void)reader.key();
        (void)capture::post_row(language, bytes, "");
    }
    if (auto definition =
            capture::parse_filter({.words = std::string(bytes), .places = std::string(bytes)}))
        (void)capture::check_ceilings(*definition, capture::own_ceilings, "fuzz");
    (void)capture::without_tags(bytes);
    return 0;
}
