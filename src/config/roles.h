// config/roles.h: who may do how much: the three roles, and the rules that give one to a peer of a
// unix socket.
//
// Values. How peer rules are read stands in config/peer_rules.h, what a role may do in the rows of
// control/operations.cc; who has proved to be whom is judged in control/access.h.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::config {

/// Looking, running programs, changing the daemon itself. Each may do what the one before may.
/// (`operator` alone is a word of C++.)
enum class Role { none, viewer, operator_, admin };

/// "viewer"
std::string_view role_name(Role);
/// viewer, operator or admin; invalid in words for anything else.
Result<Role> parse_role(std::string_view text);

/// One entry of `peer_roles`: whom it means, and what they may.
struct PeerRule {
    enum class Who { user, group, everyone };
    Who who = Who::everyone;
    unsigned id = 0;  // uid or gid
    Role role = Role::none;
    bool operator==(PeerRule const&) const = default;
};

/// Someone who may log in: a [user:x] section.
struct Account {
    std::string name;
    /// In clear, "{SHA}" and the SHA-1 in hexadecimal, or a hash of crypt(3) such as "$y$...";
    /// empty: not with a password.
    std::string password;
    /// "sha256:" and the SHA-256 of the token in hexadecimal; empty: not with a token.
    std::string token;
    Role role = Role::viewer;
    bool operator==(Account const&) const = default;
};

/// True for a hash that only crypt(3) can check, which is slow by design.
bool is_crypt_hash(std::string_view password);

}  // namespace lares::config
