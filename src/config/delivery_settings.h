// config/delivery_settings.h: channels, who is told of what, and budgets, as typed values.
//
// Part of config/settings.h, apart because it is a subject of its own.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/notify.h"
#include "config/work_settings.h"
#include "core/alert_kinds.h"
#include "core/channel.h"
#include "text/diagnostic.h"

namespace lares::config {

/// When what a channel has to say is gathered in one message.
struct Digest {
    Duration every{0};   // since 1970 in the channel's zone: 1h is each full hour; 0: see at_minute
    int at_minute = -1;  // of each day; -1 and every 0: nothing is gathered
    alert::Severity at_once =
        alert::Severity::error;  // what is as grave, or graver, goes out by itself
    bool is_on() const { return every.count() > 0 || at_minute >= 0; }
    bool operator==(Digest const&) const = default;
};

/// A [channel:x].
struct ChannelSettings {
    channel::Channel channel;  // secrets resolved
    text::Place place;
    std::string file;
    std::vector<ClosedHours> quiet;  // nothing but what is critical goes out then
    std::string timezone;            // of them and of the digest; "" the machine's
    Digest digest;
    bool operator==(ChannelSettings const&) const = default;
};

/// What [lares] says of messages.
struct AlertSettings {
    std::vector<Notify> notify;  // of everything that has no `notify` of its own
    Duration group_wait{30'000}, group_interval{300'000}, repeat{4 * 3'600'000LL};
    int flap_count = 5;  // openings within flap_span; 0: never
    Duration flap_span{3'600'000}, flap_quiet{1'800'000};
    std::string language = "en";
    std::string page_url;  // where people reach the page; in links of messages; empty: none
    std::string heartbeat_url;
    Duration heartbeat_every{60'000};
    std::vector<std::string> letter_to;  // channels
    std::string letter_at;               // a cron expression
    text::Cron letter_cron;
    std::string letter_timezone;
    std::string templates;                         // a directory; empty: our own words
    std::map<std::string, std::string> own_words;  // "alert.failed.de": the text
    Duration keep_messages{90 * 86'400'000LL};
    bool operator==(AlertSettings const&) const = default;
};

/// A [budget:x].
struct BudgetSettings {
    struct Price {
        std::string name;           // of what is bought: "message", "sms", "post"
        std::int64_t micros = 0;    // of the currency, for one
        std::int32_t from_day = 0;  // days since 1970 from which it holds; 0: always
        bool operator==(Price const&) const = default;
    };
    std::string name;
    text::Place place;
    std::string file;
    std::int64_t limit_micros = 0;  // or whole things, when there is no currency: in millionths too
    std::string currency;           // "USD"; empty: it counts things
    enum class Period { hour, day, week, month } period = Period::month;
    std::string timezone;
    std::vector<Price> prices;
    std::vector<int> thresholds{80, 100};  // percent
    std::vector<Notify> notify;
    bool hard = true;  // at the limit nothing more is spent
    bool operator==(BudgetSettings const&) const = default;
};

}  // namespace lares::config
