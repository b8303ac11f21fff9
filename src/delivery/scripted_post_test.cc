// delivery/scripted_post_test.cc: the scripted world's HMAC, and the vectors that it is right.

#include "delivery/scripted_post_test.h"

#include <doctest/doctest.h>

#include <bit>

#include "base/sha256.h"
#include "text/base64.h"

namespace lares::deliver {

namespace {

std::string unhex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return bytes;
}

std::string big_endian(std::uint64_t number, int bytes) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(number >> shift & 255);
    return text;
}

std::string sha1(std::string text) {
    std::uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    std::uint64_t const bits = text.size() * 8;
    text += '\x80';
    while (text.size() % 64 != 56) text += '\0';
    text += big_endian(bits, 8);
    for (std::size_t block = 0; block < text.size(); block += 64) {
        std::uint32_t w[80];
        for (std::size_t i = 0; i < 80; ++i) {
            w[i] = 0;
            if (i < 16)
                for (std::size_t k = 0; k < 4; ++k)
                    w[i] = w[i] << 8 | static_cast<unsigned char>(text[block + 4 * i + k]);
            else
                w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        }
        auto [a, b, c, d, e] = h;
        for (std::size_t i = 0; i < 80; ++i) {
            std::uint32_t const f = i < 20   ? (b & c) | (~b & d)
                                    : i < 40 ? b ^ c ^ d
                                    : i < 60 ? (b & c) | (b & d) | (c & d)
                                             : b ^ c ^ d;
            std::uint32_t const k = i < 20   ? 0x5A827999
                                    : i < 40 ? 0x6ED9EBA1
                                    : i < 60 ? 0x8F1BBCDC
                                             : 0xCA62C1D6;
            std::uint32_t const next = std::rotl(a, 5) + f + e + k + w[i];
            e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    std::string digest;
    for (std::uint32_t each : h) digest += big_endian(each, 4);
    return digest;
}

}  // namespace

std::string ScriptedPost::hmac(Digest digest, std::string_view key, std::string_view bytes) {
    auto hash = [&](std::string const& text) {
        return digest == Digest::sha1 ? sha1(text) : unhex(sha256_hex(text));
    };
    std::string block(key.size() > 64 ? hash(std::string(key)) : std::string(key));
    block.resize(64, '\0');
    std::string inner, outer;
    for (char c : block) {
        inner += static_cast<char>(c ^ 0x36);
        outer += static_cast<char>(c ^ 0x5C);
    }
    return hash(outer + hash(inner + std::string(bytes)));
}

TEST_CASE("the scripted world's HMAC is that of RFC 2202 and RFC 4231") {
    ScriptedPost post;
    using enum ports::Post::Digest;
    auto hex = [&](ports::Post::Digest digest) {
        return text::encode_hex(post.hmac(digest, "Jefe", "what do ya want for nothing?"));
    };
    CHECK(hex(sha1) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(hex(sha256) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace lares::deliver
