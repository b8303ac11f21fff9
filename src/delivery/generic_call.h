// delivery/generic_call.h: one HTTP exchange from templates: gateways and webhooks of any make.

#pragma once

#include <string>

#include "base/result.h"
#include "core/channel.h"
#include "core/delivery.h"
#include "core/message.h"
#include "delivery/send.h"
#include "ports/post.h"
#include "text/value.h"

namespace lares::deliver {

/// URL, headers and, when it has one, body of the channel, filled with `values`; basic
/// authentication where there is a user, a bearer where there is a token, each only when no
/// template names it. invalid: a template is wrong.
Result<ports::WebCall> generic_call(channel::Channel const&, text::Struct const& values);

/// By status; a 2xx without the channel's `success` in its body is refused. `provider`: "id",
/// "message_id" or "message.id" of an object of JSON.
delivery::Answer generic_answer(channel::Channel const&, ports::WebAnswer const&, Try const&);

bool has_header(ports::WebCall const&, std::string_view name);

}  // namespace lares::deliver
