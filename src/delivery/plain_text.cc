// delivery/plain_text.cc: the blocks of a message, one below the other.

#include "delivery/plain_text.h"

#include "delivery/mail_text.h"

namespace lares::deliver {

namespace {

void add_block(std::string& out, std::string_view block) {
    while (block.ends_with('\n')) block.remove_suffix(1);
    if (block.empty()) return;
    if (!out.empty()) out += '\n';
    out += block;
    out += '\n';
}

}  // namespace

std::string plain_text(message::Message const& message) {
    std::string out, fields;
    for (auto const& field : message.fields)
        fields += one_line(field.label) + ": " + field.value + "\n";
    add_block(out, message.text);
    add_block(out, fields);
    add_block(out, message.link);
    add_block(out, message.details);
    return out;
}

}  // namespace lares::deliver
