// delivery/spending.h: what sending a message buys, in units that a [budget:x] has prices of.
//
// Pure. It is what is reserved before a message goes out; what it came to in the end the service
// says, or the number of parts that it took (core/delivery.h, Answer).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/channel.h"
#include "core/message.h"

namespace lares::deliver {

struct Spending {
    std::string unit;  // "sms" (a part to one number), "post", "post_with_link", "message"
    std::int64_t count = 1;
    bool operator==(Spending const&) const = default;
};

/// Of an SMS its parts, to each number; of X its posts, those with a link apart, because they cost
/// more; of all others one message. Never empty: what cannot be sent is one.
std::vector<Spending> spending_of(channel::Channel const&, message::Message const&);

/// Whether `units` of an Answer counts what spending_of() counts.
bool has_units(channel::Kind);

/// "post" for "post_with_link", "message" for any other: the price to take when there is none of
/// that name; empty: no other.
std::string_view broader_unit(std::string_view unit);

}  // namespace lares::deliver
