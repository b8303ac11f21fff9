// config/delivery_settings.h: channels, and who is told of what, as typed values.
//
// Part of config/settings.h, apart because it is a subject of its own.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/notify.h"
#include "config/work_settings.h"
#include "core/channel.h"
#include "text/diagnostic.h"

namespace lares::config {

/// A [channel:x].
struct ChannelSettings {
    channel::Channel channel;  // secrets resolved
    text::Place place;
    std::string file;
    std::vector<ClosedHours> quiet;  // nothing but what is critical goes out then
    std::string timezone;            // of them; "" the machine's
    bool operator==(ChannelSettings const&) const = default;
};

/// What [lares] says of messages.
struct AlertSettings {
    std::vector<Notify> notify;  // of everything that has no `notify` of its own
    Duration group_wait{30'000}, group_interval{300'000}, repeat{4 * 3'600'000LL};
    int flap_count = 5;  // openings within flap_span; 0: never
    Duration flap_span{3'600'000}, flap_quiet{1'800'000};
    std::string page_url;  // where people reach the page; in links of messages; empty: none
    std::string heartbeat_url;
    Duration heartbeat_every{60'000};
    Duration keep_messages{90 * 86'400'000LL};
    bool operator==(AlertSettings const&) const = default;
};

}  // namespace lares::config
