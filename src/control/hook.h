// control/hook.h: calls of hook triggers (`http = /hook/name`): whether the caller knows the
// secret, and what becomes the payload.
//
// Pure but for the hash handed in. A stranger learns nothing: whatever is wrong, and whether there
// is such a hook at all, the answer is the same; the words are for our own log.

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "config/work_settings.h"
#include "control/access.h"
#include "ports/event.h"

namespace lares::control {

struct HookVerdict {
    enum class Kind { good, refused, too_large };
    Kind kind = Kind::refused;
    std::string words;  // why not
    std::string once;   // the caller's idempotency key, or the signature of a dated call; may be ""
};

/// Judges a POST. `hook` null: there is none; the work is the same, so that time tells nothing.
///
/// secret: in X-Lares-Secret, "Authorization: Bearer", or ?secret=. github: X-Hub-Signature-256.
/// hmac: the configured header holds HMAC-SHA256 of the body, in hex or base64, "sha256=" before it
/// or not. With X-Lares-Timestamp (seconds since 1970) the signature is of "TIMESTAMP.BODY", and so
/// it is with a header "t=TIMESTAMP,v1=HEX"; such a call is taken within five minutes of its time,
/// and once.
HookVerdict judge_hook(config::HookTrigger const* hook, ports::HttpRequested const&, WallTime now,
                       Hash const& sha256);

/// A JSON object as it is; a form as an object of its fields; anything else as {"body": text}.
std::string hook_payload(std::string_view content_type, std::string_view body);

/// The value of a header by its name in lower case; empty when it was not sent.
std::string_view header_of(ports::HttpRequested const&, std::string_view name);

}  // namespace lares::control
