// net/client/websocket_frames.cc: RFC 6455, 5.2 to 5.5.

#include "net/client/websocket_frames.h"

#include <optional>

namespace lares::net {

namespace {

struct Head {
    Opcode opcode;
    bool is_last;
    std::size_t head_bytes, payload_bytes;
};

Error wrong(char const* words) {
    return {Error::Kind::io, std::string("the peer broke WebSocket's rules: ") + words};
}

std::uint64_t number(std::string_view bytes) {
    std::uint64_t out = 0;
    for (char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
    return out;
}

/// None: more bytes are needed.
Result<std::optional<Head>> read_head(std::string_view bytes) {
    if (bytes.size() < 2) return std::optional<Head>();
    auto first = static_cast<unsigned char>(bytes[0]),
         second = static_cast<unsigned char>(bytes[1]);
    if ((first & 0x70) != 0) return wrong("a reserved bit is set");
    if ((second & 0x80) != 0) return wrong("a server's frame is masked");
    auto const code = first & 0x0F;
    if ((code > 2 && code < 8) || code > 10) return wrong("a frame of no known kind");
    Head head{static_cast<Opcode>(code), (first & 0x80) != 0, 2, second & 0x7Fu};
    if (code >= 8 && (!head.is_last || head.payload_bytes > 125))
        return wrong("a control frame is long or cut");
    if (head.payload_bytes < 126) return std::optional(head);
    std::size_t const more = head.payload_bytes == 126 ? 2 : 8;
    if (bytes.size() < 2 + more) return std::optional<Head>();
    head.payload_bytes = number(bytes.substr(2, more));
    head.head_bytes += more;
    return std::optional(head);
}

}  // namespace

Result<bool> FrameReader::take_one(std::string_view& bytes,
                                   std::function<void(Opcode, std::string_view)> const& take) {
    auto head = TRY(read_head(bytes));
    if (!head) return false;
    if (head->payload_bytes > most_ || message_.size() + head->payload_bytes > most_)
        return wrong("a message is too long");
    if (bytes.size() - head->head_bytes < head->payload_bytes) return false;
    auto payload = bytes.substr(head->head_bytes, head->payload_bytes);
    bytes.remove_prefix(head->head_bytes + head->payload_bytes);
    if (head->opcode >= Opcode::close) {
        take(head->opcode, payload);
        return true;
    }
    bool const goes_on = head->opcode == Opcode::more;
    if (goes_on != (kind_ != Opcode::more)) return wrong("parts of messages are mixed");
    if (!goes_on && head->is_last) {
        take(head->opcode, payload);
        return true;
    }
    if (!goes_on) kind_ = head->opcode;
    message_.append(payload);
    if (!head->is_last) return true;
    take(kind_, message_);
    message_.clear();
    kind_ = Opcode::more;
    return true;
}

Result<> FrameReader::add(std::string_view bytes,
                          std::function<void(Opcode, std::string_view)> const& take) {
    std::string joined;
    if (!rest_.empty()) {
        rest_.append(bytes);
        joined.swap(rest_);
        bytes = joined;
    }
    for (;;) {
        bool const took = TRY(take_one(bytes, take));
        if (!took) break;
    }
    rest_.assign(bytes);
    return {};
}

std::string print_frame(Opcode opcode, std::string_view payload, std::string_view mask) {
    std::string out(1, static_cast<char>(0x80 | static_cast<int>(opcode)));
    auto put = [&](std::uint64_t value, int bytes) {
        while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
    };
    if (payload.size() < 126) {
        put(0x80 | payload.size(), 1);
    } else if (payload.size() < 65536) {
        put(0x80 | 126, 1);
        put(payload.size(), 2);
    } else {
        put(0x80 | 127, 1);
        put(payload.size(), 8);
    }
    out.append(mask);
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

}  // namespace lares::net
