// control/access.h: who comes in, and as what: credentials and peers against a server and its
// accounts.
//
// Pure but for the hashes, which are handed in: this room has no crypto library. Comparisons take
// the same time whatever differs. Hashes of crypt(3) are slow by design: what has one is judged
// elsewhere, on a worker, and the Verdict says what to check there.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "control/operation.h"
#include "ports/event.h"

namespace lares::control {

/// A digest as lower-case hexadecimal digits.
using Hash = std::function<std::string(std::string_view)>;

struct Hashes {
    Hash sha1, sha256;
};

enum class Access {
    granted,
    denied,     // credentials are missing or wrong
    forbidden,  // no credentials could help
    malformed,  // the Authorization header cannot be read
    slow,       // granted if `password` fits `hash`
};

struct Verdict {
    Access access = Access::denied;
    Caller caller{Role::none, ""};  // if granted, or if `password` fits
    bool was_tried = false;         // credentials were given and are wrong
    // slow:
    std::string password, hash;
    Caller otherwise{Role::none, ""};  // what the peer may without the login
};

/// Judges who asks. `authorization` is the header, empty when none was sent.
///
/// A server's own user is admin. Without own user, accounts and peer_roles everyone is admin. With
/// accounts, an inet server lets nobody in without logging in; on a unix socket the peer's own role
/// holds for who does not log in, or wrongly.
Verdict judge_access(config::HttpServer const&, std::vector<config::Account> const&,
                     ports::Peer const&, std::string_view authorization, Hashes const&);

/// What the peer of a unix socket may by who it is.
Role peer_role(std::vector<config::PeerRule> const&, ports::Peer const&);

/// True when nobody is asked for anything there.
bool is_open_to_all(config::HttpServer const&, std::vector<config::Account> const&);

/// What follows "Bearer "; empty when the header is no such.
std::string bearer_of(std::string_view authorization);
/// "Basic ..." as a client would send it.
std::string basic_of(std::string_view name, std::string_view password);

/// RFC 4648, padding optional; none when a character does not belong.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace lares::control
