// text/base64.h: bytes as base64 (RFC 4648) and as hexadecimal digits, in one line.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lares::text {

std::string encode_base64(std::string_view bytes);
/// Lower case.
std::string encode_hex(std::string_view bytes);
/// The bytes that hexadecimal digits of either case mean; none when they are no pairs of digits.
std::optional<std::string> decode_hex(std::string_view digits);

}  // namespace lares::text
