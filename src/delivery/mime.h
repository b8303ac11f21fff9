// delivery/mime.h: a message as the bytes of a mail: RFC 5322 and MIME (RFC 2045 to 2047).
//
// Pure. Whatever the fields hold, no byte of them can begin a header, end the headers or close a
// part: names and titles are one line, texts are encoded, files are base64. Lines end with CRLF;
// dots are not doubled.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "delivery/mailbox.h"

namespace lares::deliver {

struct MailFile {
    std::string name;
    std::string type;  // "text/plain; charset=utf-8"; what is none becomes application/octet-stream
    std::string bytes;
};

struct Mail {
    Mailbox from;
    std::vector<Mailbox> to, reply_to;
    std::string title, text;
    std::string html;         // empty: none
    std::string message_id;   // with its brackets
    std::string continues;    // Message-IDs with spaces between them, the last the nearest
    std::string unsubscribe;  // an https:, http: or mailto: URL
    std::string severity;     // "error" and "critical" are of high importance
    std::string language;     // "de"
    std::vector<std::string> tags;
    std::vector<MailFile> files;
    WallTime date{};
};

std::string mime(Mail const&);

/// "<lares-17-host@example.org>": the same for one key and domain, whatever their bytes.
std::string message_id(std::string_view key, std::string_view domain);
/// By the end of the name: "text/plain; charset=utf-8" for "a.log".
std::string_view type_of(std::string_view file_name);

}  // namespace lares::deliver
