// net/client/public_address.cc: the registries as a table.

#include "net/client/public_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace lares::net {

namespace {

struct Range {
    std::uint32_t first;
    int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
    return a << 24 | b << 16 | c << 8;
}

// clang-format off
constexpr Range not_public[] = {
    {v4(0, 0, 0), 8},        // this network
    {v4(10, 0, 0), 8},       // private
    {v4(100, 64, 0), 10},    // carriers' own
    {v4(127, 0, 0), 8},      // loopback
    {v4(169, 254, 0), 16},   // link-local, and the metadata of clouds
    {v4(172, 16, 0), 12},    // private
    {v4(192, 0, 0), 24},     // protocol assignments
    {v4(192, 0, 2), 24},     // documentation
    {v4(192, 88, 99), 24},   // 6to4 relays
    {v4(192, 168, 0), 16},   // private
    {v4(198, 18, 0), 15},    // benchmarks
    {v4(198, 51, 100), 24},  // documentation
    {v4(203, 0, 113), 24},   // documentation
    {v4(224, 0, 0), 4},      // multicast
    {v4(240, 0, 0), 4},      // reserved, broadcast
};
// clang-format on

bool is_public_v4(std::uint32_t address) {
    for (auto const& range : not_public)
        if ((address ^ range.first) >> (32 - range.bits) == 0) return false;
    return true;
}

bool is_public_v6(std::array<unsigned char, 16> const& a) {
    if ((a[0] & 0xE0) != 0x20) return false;                // 2000::/3 is all there is
    if (a[0] == 0x20 && a[1] == 0x02) return false;         // 6to4
    if (a[0] != 0x20 || a[1] != 0x01) return a[0] != 0x3F;  // 3f00::/8: 3fff::/20 and no other
    if (a[2] == 0x0D && a[3] == 0xB8) return false;         // documentation
    return a[2] >= 0x02;                                    // 2001::/23: protocols, Teredo
}

}  // namespace

bool is_public(sockaddr const& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in in;
        std::memcpy(&in, &address, sizeof in);
        return is_public_v4(ntohl(in.sin_addr.s_addr));
    }
    if (address.sa_family != AF_INET6) return false;
    sockaddr_in6 in;
    std::memcpy(&in, &address, sizeof in);
    std::array<unsigned char, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return is_public_v6(bytes);
}

std::string print_address(sockaddr const& address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address.sa_family == AF_INET) {
        sockaddr_in in;
        std::memcpy(&in, &address, sizeof in);
        ::inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    } else if (address.sa_family == AF_INET6) {
        sockaddr_in6 in;
        std::memcpy(&in, &address, sizeof in);
        ::inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    }
    return text;
}

}  // namespace lares::net
