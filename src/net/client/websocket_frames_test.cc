// net/client/websocket_frames_test.cc: frames in any pieces, and peers that break the rules.

#include "net/client/websocket_frames.h"

#include <doctest/doctest.h>

namespace lares::net {

namespace {

std::string read(std::string const& bytes, std::size_t piece) {
    FrameReader reader(70'000);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        auto added =
            reader.add(bytes.substr(at, piece), [&](Opcode code, std::string_view payload) {
                out +=
                    std::to_string(int(code)) + ":" +
                    (payload.size() > 50 ? std::to_string(payload.size()) : std::string(payload)) +
                    " ";
            });
        if (!added) return out + added.error().what;
    }
    return out;
}
std::string bytes(std::initializer_list<int> list) {
    std::string out;
    for (int each : list) out += static_cast<char>(each);
    return out;
}

}  // namespace

TEST_CASE("messages come whole in whatever pieces, with control frames between their parts") {
    std::string stream = bytes({0x81, 5}) + "hello" + bytes({0x01, 2}) + "ab" + bytes({0x89, 1}) +
                         "p" + bytes({0x00, 0}) + bytes({0x80, 1}) + "c" +
                         bytes({0x82, 126, 1, 0}) + std::string(256, 'x') +
                         bytes({0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}) + std::string(65536, 'y') +
                         bytes({0x88, 2, 3, 0xE8});
    for (std::size_t piece : {1u, 2u, 3u, 7u, 100u, 100'000u})
        CHECK(read(stream, piece) == "1:hello 9:p 1:abc 2:256 1:65536 8:\x03\xE8 ");
}

TEST_CASE("a peer that breaks the rules ends the connection") {
    auto breaks = [](std::string const& stream) {
        return read(stream, 1000).find("broke WebSocket's rules") != std::string::npos;
    };
    CHECK(breaks(bytes({0xC1, 0})));                                 // reserved bit
    CHECK(breaks(bytes({0x81, 0x81, 1, 2, 3, 4, 5})));               // masked
    CHECK(breaks(bytes({0x83, 0})));                                 // unknown kind
    CHECK(breaks(bytes({0x09, 0})));                                 // cut ping
    CHECK(breaks(bytes({0x89, 126, 0, 126})));                       // long ping
    CHECK(breaks(bytes({0x80, 1}) + "x"));                           // goes on with nothing
    CHECK(breaks(bytes({0x01, 1}) + "x" + bytes({0x81, 1}) + "y"));  // begins within another
    CHECK(breaks(bytes({0x81, 127, 0, 0, 0, 0, 0, 2, 0, 0})));       // too long
    CHECK(breaks(bytes({0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255})));
    CHECK(!breaks(bytes({0x81, 0})));
}

TEST_CASE("what is written is masked, and reads back") {
    CHECK(print_frame(Opcode::text, "Hello", bytes({0x37, 0xfa, 0x21, 0x3d})) ==
          bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51,
                 0x58}));  // RFC 6455, 5.7
    CHECK(print_frame(Opcode::text, std::string(126, 'x'), std::string(4, '\0')).substr(0, 4) ==
          bytes({0x81, 0xFE, 0, 126}));
}

}  // namespace lares::net
