// text/base64.cc: three bytes become four letters.

#include "text/base64.h"

namespace lares::text {

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto byte = [&](std::size_t i) {
            return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
        };
        unsigned group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        out += letters[group >> 18];
        out += letters[group >> 12 & 63];
        out += at + 1 < bytes.size() ? letters[group >> 6 & 63] : '=';
        out += at + 2 < bytes.size() ? letters[group & 63] : '=';
    }
    return out;
}

}  // namespace lares::text
