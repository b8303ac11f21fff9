// core/message.h: what is to be told to people, before a channel gives it its form.
//
// Plain values. The daemon and the applications make them; delivery/ turns one into a mail, a post
// or a call within the length that its channel allows. Words are UTF-8.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::message {

/// Of one message as JSON; attachments are files beside it.
inline constexpr std::size_t message_bytes = 1 << 20;

/// A file that goes along. It must lie still until the delivery has ended: the outbox copies what
/// people give it into its spool first.
struct Attachment {
    std::string name;  // as the reader sees it, without '/'
    std::string type;  // "text/plain; charset=utf-8"; empty: from the name, or octet-stream
    std::string path;  // absolute
    bool operator==(Attachment const&) const = default;
};

/// One labelled value, such as "host: press-2".
struct Field {
    std::string label, value;
    /// Where length is short the lowest goes first; equal ones from the last. The text itself
    /// has 50.
    int priority = 10;
    bool operator==(Field const&) const = default;
};

struct Message {
    std::string title;  // one line; subject of a mail
    std::string text;   // lines end with '\n'
    std::string html;   // for channels that know it; empty: none
    std::vector<Field> fields;
    std::string link;               // whole URL; never cut
    std::vector<std::string> tags;  // without '#'; never cut
    std::string details;  // the last lines of output, a trace: whole only where there is room
    std::vector<Attachment> files;
    std::string language;  // "en", "de"; empty: the channel's
    std::string severity;  // "info", "warning", "error", "critical"; empty: info
    /// Recipients instead of the channel's own (addresses, phone numbers, chat ids); empty: those.
    std::vector<std::string> to;
    std::string reply_to;     // mail
    std::string in_reply_to;  // what this continues, as the provider named it; may be empty
    std::string unsubscribe;  // URL or mailto: of List-Unsubscribe; empty: none
    bool operator==(Message const&) const = default;
};

/// As the store keeps it: JSON, only what is not empty.
std::string to_json(Message const&);
/// invalid: it is none, or a known key has a value of another type; unknown keys are left out.
Result<Message> from_json(std::string_view);

}  // namespace lares::message
