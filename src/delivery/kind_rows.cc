// delivery/kind_rows.cc: what is known of each kind without sending: for the outbox, the tests and
// the documents. Apart from send.cc, so that the daemon does not link what sends.

#include <algorithm>

#include "delivery/send.h"

namespace lares::deliver {

namespace {

using channel::Kind;

// Lengths and how they are counted: the services' own documents (docs/manual/channels.md).
// can_repeat: a second try reaches people once, because the service knows its key or refuses the
// same text; of a mail, whose Message-ID only its reader's program compares, SMTP wants it repeated
// all the same (RFC 5321, 4.5.4.1): twice is better than never. The others are left to a person:
// unsure.
// clang-format off
constexpr KindRow rows[] = {
    {Kind::mail,     "bytes",               0,     true},
    {Kind::sms,      "units of GSM-7 or UCS-2", 0, false},
    {Kind::telegram, "UTF-16 units",        4096,  false},
    {Kind::mastodon, "characters, URLs as 23", 500, true},
    {Kind::x,        "weighted characters", 280,   true},
    {Kind::bluesky,  "graphemes",           300,   true},
    {Kind::webhook,  "bytes",               0,     true},
    {Kind::command,  "bytes",               0,     false},
};
// clang-format on

}  // namespace

std::span<KindRow const> kinds() { return rows; }

KindRow const& row_of(Kind kind) { return *std::ranges::find(rows, kind, &KindRow::kind); }

}  // namespace lares::deliver
