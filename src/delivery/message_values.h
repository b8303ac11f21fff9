// delivery/message_values.h: what a template of a body may name: the message, its channel, its key.

#pragma once

#include "core/channel.h"
#include "core/message.h"
#include "delivery/send.h"
#include "text/template.h"
#include "text/value.h"

namespace lares::deliver {

/// title, text, html, details, link, tags, field.LABEL, fields (label, value), severity, language,
/// to, reply_to, in_reply_to, channel, from, key, id, attempt, time (ISO, UTC), and the channel's
/// user, password and token for gateways that want them in the body.
text::Struct values_of(channel::Channel const&, message::Message const&, Try const&);

/// By what the first sign of a body's template says it is: JSON, XML, else a form.
text::Target target_of(std::string_view body);
std::string_view content_type_of(text::Target);

/// "2026-11-28T03:41:40.123Z".
std::string iso_with_milliseconds(WallTime);

}  // namespace lares::deliver
