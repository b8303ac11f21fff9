// delivery/wire_form.h: what passes between the daemon (or an application) and lares-deliver, as
// lines of JSON; docs/formats/deliver.md has each byte.
//
//     {"id":17,"attempt":2,"key":"lares-17-host","channel":{…},"message":{…},"resume":"…"}
//     {"id":17,"attempt":2,"outcome":"sent","provider":"<…>","words":"250 2.0.0 Ok"}
//
// An answer is written to the receipts file and flushed to the disk before it is said, so that a
// daemon that was killed meanwhile reads it there. Secrets are in the channel: such a line goes
// through a pipe and nowhere else.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/channel.h"
#include "core/delivery.h"
#include "core/message.h"

namespace lares::deliver {

/// Of one line: a message of message::message_bytes, and its channel.
inline constexpr std::size_t order_bytes = 2u << 20;

struct Order {
    delivery::Id id = 0;
    int attempt = 1;
    std::string key;
    channel::Channel channel;
    message::Message message;
    std::string resume;
    bool operator==(Order const&) const = default;
};

/// One line each, without its end.
std::string print(Order const&);
/// invalid: it is no order; the words name the member.
Result<Order> parse_order(std::string_view line);
std::string print(delivery::Answer const&);
/// invalid: it is none, as the torn last line of a receipts file.
Result<delivery::Answer> parse_answer(std::string_view line);

}  // namespace lares::deliver
