// net/sha256.h: SHA-256 (FIPS 180-4), for tokens and for what is remembered of checked passwords.
//
// Our own, 60 lines: the one library that has it costs the daemon a megabyte, and is loaded only
// where there is TLS (net/tls.h).

#pragma once

#include <string>
#include <string_view>

namespace lares::net {

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace lares::net
