// control/hmac.cc: two hashes, one inside the other.

#include "control/hmac.h"

#include "text/base64.h"

namespace lares::control {

namespace {

constexpr std::size_t block_bytes = 64;

std::string padded(std::string key, char with) {
    key.resize(block_bytes, '\0');
    for (char& c : key) c = static_cast<char>(c ^ with);
    return key;
}

}  // namespace

std::string hmac_sha256_hex(Hash const& sha256, std::string_view key, std::string_view first,
                            std::string_view second) {
    auto bytes_of = [&](std::string_view text) {
        return text::decode_hex(sha256(text)).value_or("");
    };
    std::string short_key = key.size() > block_bytes ? bytes_of(key) : std::string(key);
    std::string inner;
    inner.reserve(block_bytes + first.size() + second.size());
    inner.append(padded(short_key, 0x36)).append(first).append(second);
    return sha256(padded(std::move(short_key), 0x5c) + bytes_of(inner));
}

}  // namespace lares::control
