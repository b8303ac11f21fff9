// base/sha256.h: SHA-256 (FIPS 180-4), at once or piece by piece.
//
// Our own, 60 lines: the one library that has it costs the daemon a megabyte, and is loaded only
// where there is TLS. For tokens, payloads, and what hot folders compare.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lares {

class Sha256 {
public:
    Sha256();
    void add(std::string_view bytes);
    /// 64 lower-case hexadecimal digits of all that was added. Call once.
    std::string hex();

private:
    std::array<std::uint32_t, 8> state_;
    std::string rest_;  // less than a block
    std::uint64_t bytes_ = 0;
};

/// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace lares
