// net/client/public_address.h: which addresses belong to the public Internet.
//
// Pure. IANA's registries of special-purpose addresses (RFC 6890 and later), strictly: what is not
// known to be public is not.

#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

namespace lares::net {

/// IPv6 addresses that carry an IPv4 one (mapped, 6to4, Teredo, NAT64) are not: who means that
/// address may say so.
bool is_public(sockaddr const& address);
/// "127.0.0.1", "::1"; empty for another family.
std::string print_address(sockaddr const& address);

}  // namespace lares::net
