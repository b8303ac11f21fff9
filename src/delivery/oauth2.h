// delivery/oauth2.h: access tokens from refresh tokens (RFC 6749, 6), kept while they last.
//
// Services such as X give a new refresh token with each and take the old one never again: it comes
// back in `rotated` and must be kept, or nobody gets in any more.

#pragma once

#include <string>

#include "base/result.h"
#include "core/channel.h"
#include "core/delivery.h"
#include "delivery/send.h"
#include "ports/post.h"

namespace lares::deliver {

struct Access {
    std::string token;
    std::string rotated;  // the new refresh token; empty: the old one stays good
    bool operator==(Access const&) const = default;
};
enum class Freshness { as_kept, new_one };

/// With `token_url` of the channel, else `usual_url`. `new_one`: the kept token was not taken. The
/// Error of a service that does not want us any more is denied, all else as the port has it.
Result<Access> access_token(channel::Channel const&, std::string const& usual_url, Freshness,
                            Try const&, ports::Post&);

}  // namespace lares::deliver
