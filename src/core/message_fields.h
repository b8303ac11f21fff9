// core/message_fields.h: a message's members by name, for text/json_fields.h: in messages that are
// kept, and in those that are on their way. The names are kept in databases: only added to.

#pragma once

#include "core/message.h"

namespace lares::message {

template <class Each>
void each_field(Each& each, Attachment& file) {
    each("name", file.name);
    each("type", file.type);
    each("path", file.path);
}

template <class Each>
void each_field(Each& each, Field& field) {
    each("label", field.label);
    each("value", field.value);
    each("priority", field.priority);
}

template <class Each>
void each_field(Each& each, Message& message) {
    each("title", message.title);
    each("text", message.text);
    each("html", message.html);
    each("fields", message.fields);
    each("link", message.link);
    each("tags", message.tags);
    each("details", message.details);
    each("files", message.files);
    each("language", message.language);
    each("severity", message.severity);
    each("to", message.to);
    each("reply_to", message.reply_to);
    each("in_reply_to", message.in_reply_to);
    each("unsubscribe", message.unsubscribe);
}

}  // namespace lares::message
