// control/access.cc: Basic credentials, decoded and compared.

#include "control/access.h"

#include <algorithm>
#include <cstdint>

namespace lares::control {

namespace {

constexpr std::string_view hash_mark = "{SHA}";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string low(text);
    std::ranges::transform(low, low.begin(), [](char c) { return lower(c); });
    return low;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::uint32_t> six_bits(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return std::nullopt;
}

bool is_password(std::string_view wanted, std::string_view given, Sha1 const& sha1) {
    if (!wanted.starts_with(hash_mark)) return equal_in_constant_time(wanted, given);
    return equal_in_constant_time(lower(wanted.substr(hash_mark.size())), sha1(given));
}

}  // namespace

Access judge_access(config::HttpServer const& server, std::string_view authorization,
                    Sha1 const& sha1) {
    if (server.username.empty()) return Access::granted;
    auto space = std::min(authorization.find(' '), authorization.size());
    if (lower(authorization.substr(0, space)) != "basic") return Access::denied;
    auto credentials = decode_base64(trimmed(authorization.substr(space)));
    if (!credentials) return Access::malformed;
    auto colon = credentials->find(':');
    if (colon == credentials->npos) return Access::malformed;
    std::string_view all = *credentials;
    // Both are compared, so that a wrong name takes as long as a wrong password.
    bool name = equal_in_constant_time(server.username, all.substr(0, colon));
    bool password = is_password(server.password, all.substr(colon + 1), sha1);
    return name && password ? Access::granted : Access::denied;
}

std::optional<std::string> decode_base64(std::string_view text) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        auto six = six_bits(c);
        if (!six) return std::nullopt;
        held = (held << 6 | *six) & 0xFFFF;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>(held >> bits & 0xFF));
    }
    return bytes;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    unsigned char difference = a.size() != b.size();
    for (std::size_t i = 0; i < b.size(); ++i)
        difference |= static_cast<unsigned char>((i < a.size() ? a[i] : 0) ^ b[i]);
    return difference == 0;
}

}  // namespace lares::control
