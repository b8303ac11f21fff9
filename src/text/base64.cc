// text/base64.cc: three bytes as four signs, one byte as two.

#include "text/base64.h"

#include <cstdint>

namespace lares::text {

std::string encode_base64(std::string_view bytes) {
    static constexpr char signs[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t three = 0;
        for (std::size_t i = at; i < at + 3; ++i)
            three = three << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u);
        for (int shift = 18; shift >= 0; shift -= 6) text += signs[three >> shift & 63];
    }
    for (std::size_t over = bytes.size() % 3, i = over; over != 0 && i < 3; ++i)
        text[text.size() - (3 - i)] = '=';
    return text;
}

std::string encode_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned char c : bytes) {
        text += digits[c >> 4];
        text += digits[c & 15];
    }
    return text;
}

}  // namespace lares::text
