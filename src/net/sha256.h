// net/sha256.h: SHA-256 (FIPS 180-4), for tokens and for what is remembered of checked passwords.
//
// The words are base/sha256.h's, which others need, too.

#pragma once

#include <string>
#include <string_view>

namespace lares::net {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace lares::net
