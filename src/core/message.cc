// core/message.cc: a message as JSON. Its members' names are kept in databases: only added to.

#include "core/message.h"

#include "text/json_fields.h"

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

std::string to_json(Message const& message) { return text::print_fields(message); }

Result<Message> from_json(std::string_view json) {
    return text::parse_fields<Message>(json, {.bytes = message_bytes});
}

}  // namespace lares::message
