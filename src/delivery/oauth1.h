// delivery/oauth1.h: signatures of OAuth 1.0a (RFC 5849) by HMAC-SHA1, as X wants them.
//
// Pure but for the HMAC of the port. A body of JSON is no part of the signature; one of a form is.

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "ports/post.h"
#include "text/query.h"

namespace lares::deliver {

struct OAuth1 {
    std::string consumer_key, consumer_secret, token, token_secret;
};
struct OAuth1Call {
    std::string method, url;  // without its query
    text::Fields query, form;
    std::string nonce;
    WallTime now{};
};

/// What is signed: METHOD & URL & all parameters, sorted.
std::string base_string(OAuth1 const&, OAuth1Call const&);
/// The value of the header Authorization.
std::string authorization(OAuth1 const&, OAuth1Call const&, ports::Post&);

}  // namespace lares::deliver
