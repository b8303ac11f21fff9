// delivery/send.h: one message through one channel: its form, the exchange, and what the answer
// means. Each kind stands in a file of its own, as a row of one table.

#pragma once

#include <span>
#include <string>

#include "core/channel.h"
#include "core/delivery.h"
#include "core/message.h"
#include "ports/post.h"

namespace lares::deliver {

class Sessions;

/// One try. `key`: the same for each try of one delivery ("lares-17-HOST"); it becomes Message-ID,
/// Idempotency-Key and the like. `now`: for Date headers and signatures.
struct Try {
    delivery::Id id = 0;
    int attempt = 1;
    std::string key;
    WallTime now{};
    /// Where an earlier try stopped: its answer's `provider`, as it was.
    std::string resume;
    /// Logins kept from one message to the next (delivery/sessions.h); null: each try logs in.
    Sessions* sessions = nullptr;
};

/// Never an Error: whatever happens is an Answer.
delivery::Answer send(channel::Channel const&, message::Message const&, Try const&, ports::Post&);

/// What `lares channel test` and the documents say of a kind.
struct KindRow {
    channel::Kind kind;
    std::string_view counts;  // "weighted characters", "graphemes", …
    int length;               // the service's own; 0: none
    bool can_repeat;          // the service knows a second try by its key
};
std::span<KindRow const> kinds();
KindRow const& row_of(channel::Kind);
/// Of this channel: an SMS gateway or a webhook may know a second try where another does not.
bool can_repeat(channel::Channel const&);

}  // namespace lares::deliver
