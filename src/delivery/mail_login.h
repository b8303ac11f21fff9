// delivery/mail_login.h: the bearer token of an XOAUTH2 login, fresh from its service where the
// channel has a refresh token (RFC 6749, 6).

#pragma once

#include <string>

#include "base/result.h"
#include "core/channel.h"
#include "core/delivery.h"
#include "delivery/oauth2.h"
#include "ports/post.h"

namespace lares::deliver {

/// The channel's token, or one of its service, kept while it lasts; an empty one when the login is
/// by password. The Error is never about the mail, only about the channel.
Result<Access> bearer_of(channel::Channel const&, Try const&, ports::Post&);

/// The channel is blocked by that.
delivery::Answer login_answer(Error const&);

}  // namespace lares::deliver
