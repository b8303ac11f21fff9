// control/hmac.cc: two hashes, one inside the other.

#include "control/hmac.h"

namespace lares::control {

namespace {

constexpr std::size_t block_bytes = 64;

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string padded(std::string key, char with) {
    key.resize(block_bytes, '\0');
    for (char& c : key) c = static_cast<char>(c ^ with);
    return key;
}

}  // namespace

std::optional<std::string> decode_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        int high = digit_of(digits[i]), low = digit_of(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

std::string hmac_sha256_hex(Hash const& sha256, std::string_view key, std::string_view first,
                            std::string_view second) {
    auto bytes_of = [&](std::string_view text) { return decode_hex(sha256(text)).value_or(""); };
    std::string short_key = key.size() > block_bytes ? bytes_of(key) : std::string(key);
    std::string inner;
    inner.reserve(block_bytes + first.size() + second.size());
    inner.append(padded(short_key, 0x36)).append(first).append(second);
    return sha256(padded(std::move(short_key), 0x5c) + bytes_of(inner));
}

}  // namespace lares::control
