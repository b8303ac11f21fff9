// net/client/web.h: one HTTP exchange. Redirects are answers, and the answer's size is bounded.

#pragma once

#include "net/client/curl_handle.h"
#include "ports/post.h"

namespace lares::net {

/// As ports::Post::call().
Result<ports::WebAnswer> web_call(CurlHandle&, ports::WebCall const&);
/// As web_call(), with a body that is not read: what comes before it is the answer. The connection
/// ends with it where there was a body.
Result<ports::WebAnswer> web_head(CurlHandle&, ports::WebCall const&);

}  // namespace lares::net
