// core/message_fields.cc: a message as JSON, from the listing of its members.

#include "core/message_fields.h"

#include "text/json_fields.h"

namespace lares::message {

std::string to_json(Message const& message) { return text::print_fields(message); }

Result<Message> from_json(std::string_view json) {
    return text::parse_fields<Message>(json, {.bytes = message_bytes});
}

}  // namespace lares::message
