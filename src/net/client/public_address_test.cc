// net/client/public_address_test.cc: the edges of each range.

#include "net/client/public_address.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <cstring>

using namespace lares;

namespace {

bool is_public(char const* text) {
    sockaddr_storage storage{};
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        storage.ss_family = AF_INET;
    } else {
        REQUIRE(::inet_pton(AF_INET6, text, &v6->sin6_addr) == 1);
        storage.ss_family = AF_INET6;
    }
    auto const& address = reinterpret_cast<sockaddr const&>(storage);
    CHECK(net::print_address(address) == text);
    return net::is_public(address);
}

}  // namespace

TEST_CASE("an address is public unless a registry says otherwise, to the last of each range") {
    for (auto const* each : {"0.0.0.0",
                             "0.255.255.255",
                             "10.0.0.0",
                             "10.255.255.255",
                             "100.64.0.0",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.0",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.7",
                             "192.88.99.1",
                             "192.168.0.0",
                             "192.168.255.255",
                             "198.18.0.0",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.9",
                             "224.0.0.1",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:8.8.8.8",
                             "64:ff9b::808:808",
                             "fc00::1",
                             "fd12::1",
                             "fe80::1",
                             "ff02::1",
                             "2001::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002:a00::1",
                             "3fff::1"}) {
        CAPTURE(each);
        CHECK_FALSE(is_public(each));
    }
    for (auto const* each :
         {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",       "100.63.255.255",
          "100.128.0.0",     "126.255.255.255", "128.0.0.0",      "169.253.255.255",
          "169.255.0.0",     "172.15.255.255",  "172.32.0.0",     "192.0.1.0",
          "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",
          "223.255.255.255", "2001:200::1",     "2600::1",        "2a00:1450::1",
          "2001:db9::1"}) {
        CAPTURE(each);
        CHECK(is_public(each));
    }
    sockaddr other{};
    other.sa_family = AF_UNIX;
    CHECK_FALSE(net::is_public(other));
}
