// net/client/websocket_frames.h: WebSocket's frames (RFC 6455, 5), as a client reads and writes
// them.
//
// Pure: bytes in, messages out. Our own hundred lines rather than Beast's: libcurl already speaks
// TLS here, with the same authorities as everything else, and this way any bytes can be tried
// (tests/fuzz/capture_fuzz.cc).

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::net {

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class FrameReader {
public:
    /// @param most  bytes of one message; a longer one is an Error.
    explicit FrameReader(std::size_t most) : most_(most) {}

    /// Gives each message that became whole, and each control frame. The Error ends the connection.
    Result<> add(std::string_view bytes,
                 std::function<void(Opcode, std::string_view payload)> const& take);

private:
    Result<bool> take_one(std::string_view& bytes,
                          std::function<void(Opcode, std::string_view)> const& take);

    std::size_t most_;
    std::string rest_;     // of a frame that is not whole
    std::string message_;  // of frames that are followed by more
    Opcode kind_ = Opcode::more;
};

/// A whole message or control frame. @param mask  four bytes that nobody can foresee.
std::string print_frame(Opcode, std::string_view payload, std::string_view mask);

}  // namespace lares::net
