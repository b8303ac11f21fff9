// control/hook_test.cc: HMAC by the RFC's vectors, and who may call a hook.
//
// The hash is the real one: net's is not to be had here, so that a plain SHA-256 stands below.

#include "control/hook.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>

#include "control/hmac.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

/// FIPS 180-4, as plainly as it stands there.
std::string sha256(std::string_view text) {
    static constexpr std::array<std::uint32_t, 64> k = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2};
    std::array<std::uint32_t, 8> h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::string bytes(text);
    bytes += static_cast<char>(0x80);
    while (bytes.size() % 64 != 56) bytes += '\0';
    for (int i = 7; i >= 0; --i)
        bytes += static_cast<char>(static_cast<std::uint64_t>(text.size()) * 8 >> (8 * i));
    auto turn = [](std::uint32_t x, int n) { return x >> n | x << (32 - n); };
    for (std::size_t at = 0; at < bytes.size(); at += 64) {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t i = 0; i < 16; ++i)
            for (std::size_t j = 0; j < 4; ++j)
                w[i] = w[i] << 8 | static_cast<unsigned char>(bytes[at + 4 * i + j]);
        for (std::size_t i = 16; i < 64; ++i)
            w[i] = w[i - 16] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
                   w[i - 7] + (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
        auto v = h;
        for (std::size_t i = 0; i < 64; ++i) {
            auto a = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) +
                     ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
            auto b = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) +
                     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v = {a + b, v[0], v[1], v[2], v[3] + a, v[4], v[5], v[6]};
        }
        for (std::size_t i = 0; i < 8; ++i) h[i] += v[i];
    }
    std::string hex;
    for (auto word : h)
        for (int i = 28; i >= 0; i -= 4) hex += "0123456789abcdef"[word >> i & 15];
    return hex;
}

std::string hmac(std::string_view key, std::string_view text) {
    return hmac_sha256_hex(sha256, key, text);
}

WallTime const now{std::chrono::seconds(1'773'136'800)};

struct Caller_ {
    config::HookTrigger hook{.path = "/hook/x", .secret = "s3cret"};
    ports::HttpRequested request;

    Caller_() {
        request.method = "POST";
        request.target = "/hook/x";
        request.body = R"({"a":1})";
    }
    std::string judged(config::HookTrigger const* by) const {
        auto verdict = judge_hook(by, request, now, sha256);
        if (verdict.kind == HookVerdict::Kind::good) return "good " + verdict.once;
        return (verdict.kind == HookVerdict::Kind::refused ? "refused: " : "large: ") +
               verdict.words;
    }
    std::string judged() const { return judged(&hook); }
    void set(std::string name, std::string value) {
        request.headers = {{std::move(name), std::move(value)}};
    }
};

}  // namespace

TEST_CASE("HMAC-SHA256 gives what RFC 4231 says") {
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hmac(std::string(20, 0x0b), "Hi There") ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hmac("Jefe", "what do ya want for nothing?") ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    CHECK(
        hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hmac(std::string(131, '\xaa'),
               "This is a test using a larger than block-size key and a larger than block-size "
               "data. The key needs to be hashed before being used by the HMAC algorithm.") ==
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    CHECK(hmac_sha256_hex(sha256, "Jefe", "what do ya want ", "for nothing?") ==
          hmac("Jefe", "what do ya want for nothing?"));
}

TEST_CASE("a secret is taken from a header, a bearer token or the query") {
    Caller_ caller;
    CHECK(caller.judged() == "refused: it has no secret");
    caller.set("x-lares-secret", "s3cret");
    CHECK(caller.judged() == "good ");
    caller.set("x-lares-secret", "s3cre");
    CHECK(caller.judged() == "refused: its secret is wrong");
    caller.request.headers.clear();
    caller.request.authorization = "Bearer s3cret";
    CHECK(caller.judged() == "good ");
    caller.request.authorization = "Basic s3cret";
    CHECK(caller.judged() == "refused: it has no secret");
    caller.request.authorization.clear();
    caller.request.target = "/hook/x?secret=s3cret&x=1";
    CHECK(caller.judged() == "good ");
}

TEST_CASE("a hook that is not there, or has no secret, lets nobody in") {
    Caller_ caller;
    caller.set("x-lares-secret", "x");
    CHECK(caller.judged(nullptr) == "refused: there is no such hook");
    caller.hook.secret = "";
    caller.set("x-lares-secret", "");
    CHECK(caller.judged().starts_with("refused"));
}

TEST_CASE("GitHub's signature is of the body") {
    Caller_ caller;
    caller.hook.check = config::HookTrigger::Check::github;
    CHECK(caller.judged() == "refused: it has no signature that can be read");
    caller.set("x-hub-signature-256", "sha256=" + hmac("s3cret", caller.request.body));
    CHECK(caller.judged() == "good ");
    caller.request.headers.emplace_back("x-github-delivery", "72d3162e");
    CHECK(caller.judged() == "good 72d3162e");
    caller.request.body += " ";
    CHECK(caller.judged() == "refused: its signature is wrong");
    caller.set("x-hub-signature-256", "sha256=zz");
    CHECK(caller.judged().starts_with("refused"));
}

TEST_CASE("GitHub's published example is accepted") {
    Caller_ caller;
    caller.hook.check = config::HookTrigger::Check::github;
    caller.hook.secret = "It's a Secret to Everybody";
    caller.request.body = "Hello, World!";
    caller.set("x-hub-signature-256",
               "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    CHECK(caller.judged() == "good ");
}

TEST_CASE("a signature of a header of one's own is hex or base64") {
    Caller_ caller;
    caller.hook.check = config::HookTrigger::Check::hmac;
    caller.hook.header = "X-My-Signature";
    caller.hook.secret = "Jefe";
    caller.request.body = "what do ya want for nothing?";
    caller.set("x-my-signature",
               "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843");
    CHECK(caller.judged() == "good ");
    caller.set("x-my-signature", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    CHECK(caller.judged() == "good ");
    caller.set("x-my-signature", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEA=");
    CHECK(caller.judged() == "refused: its signature is wrong");
}

TEST_CASE("a dated call is taken within five minutes, once, and not without its date") {
    Caller_ caller;
    caller.hook.check = config::HookTrigger::Check::hmac;
    caller.hook.header = "X-Signature";
    auto send = [&](std::int64_t at) {
        auto stamp = std::to_string(at);
        caller.request.headers = {
            {"x-signature", hmac("s3cret", stamp + "." + caller.request.body)},
            {"x-lares-timestamp", stamp}};
        return caller.judged();
    };
    auto first = send(1'773'136'800);
    CHECK(first.starts_with("good signed "));
    CHECK(send(1'773'136'800) == first);
    CHECK(send(1'773'136'800 - 299).starts_with("good"));
    CHECK(send(1'773'136'800 + 299).starts_with("good"));
    CHECK(send(1'773'136'800 - 301) == "refused: its time is more than 5 min from ours");
    CHECK(send(1'773'136'800 + 301).starts_with("refused"));
    CHECK(send(-1).starts_with("refused"));
    send(1'773'136'000);
    caller.request.headers.pop_back();
    CHECK(caller.judged() == "refused: its signature is wrong");
    // Whoever moves the date into the body has a signature that fits it.
    send(1'773'136'000);
    caller.request.headers.pop_back();
    caller.request.body = "1773136000." + caller.request.body;
    CHECK(caller.judged() == "refused: its signature could be one of a dated call");
}

TEST_CASE("a date and a signature may stand in one header") {
    Caller_ caller;
    caller.hook.check = config::HookTrigger::Check::hmac;
    caller.hook.header = "Stripe-Signature";
    auto signature = hmac("s3cret", "1773136800." + caller.request.body);
    caller.set("stripe-signature", "t=1773136800,v1=" + signature + ",v0=x");
    CHECK(caller.judged().starts_with("good signed "));
    caller.set("stripe-signature", "t=1773136801,v1=" + signature);
    CHECK(caller.judged() == "refused: its signature is wrong");
    caller.set("stripe-signature", "v1=" + signature);
    CHECK(caller.judged().starts_with("refused"));
}

TEST_CASE("a body that is too large is told only to who knows the secret") {
    Caller_ caller;
    caller.hook.max_bytes = 3;
    CHECK(caller.judged().starts_with("refused"));
    caller.set("x-lares-secret", "s3cret");
    CHECK(caller.judged() == "large: its body has 7 bytes; it may have 3");
}

TEST_CASE("what a hook was sent becomes an object") {
    CHECK(hook_payload("application/json", " {\"a\": 1} ") == "{\"a\": 1}");
    CHECK(hook_payload("application/x-www-form-urlencoded; charset=utf-8", "a=1&b=x+y%22") ==
          R"({"a":"1","b":"x y\""})");
    CHECK(hook_payload("text/plain", "hello") == R"({"body":"hello"})");
    CHECK(hook_payload("application/json", "[1]") == R"({"body":"[1]"})");
    CHECK(hook_payload("application/json", "{broken") == R"({"body":"{broken"})");
    CHECK(hook_payload("", "") == "{}");
}
