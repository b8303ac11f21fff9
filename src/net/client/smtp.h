// net/client/smtp.h: one mail to one server.

#pragma once

#include "net/client/curl_handle.h"
#include "ports/post.h"

namespace lares::net {

/// As ports::Post::mail(). A kept connection that the server has closed meanwhile is replaced by a
/// new one, once, and only if the mail was not handed over whole.
Result<ports::MailAnswer> smtp_call(CurlHandle&, ports::MailCall const&);

}  // namespace lares::net
