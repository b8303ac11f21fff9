// delivery/webhook_body.h: the bodies of webhooks: JSON of ours, and what known services want.
//
// Pure. docs/manual/channels.md has the members of our JSON; they are only added to.

#pragma once

#include <string>

#include "base/result.h"
#include "core/channel.h"
#include "core/message.h"
#include "delivery/send.h"
#include "ports/post.h"

namespace lares::deliver {

/// A body and what goes with it, for one recipient (a room, a topic; empty: whoever has the URL).
/// URL and credentials are the channel's; only `method` and `path` of it may be others.
struct Hook {
    std::string method, path;  // path: added to the URL
    std::string body, content_type;
};
/// invalid: the message does not fit.
Result<Hook> hook_of(channel::Channel const&, message::Message const&, Try const&,
                     std::string const& recipient);

/// "t=1318622958,v1=HEX": HMAC-SHA256 over "1318622958.BODY". The time is signed with it, so that a
/// receiver can refuse what is old.
std::string signature(std::string const& secret, std::string const& body, WallTime now,
                      ports::Post&);

}  // namespace lares::deliver
