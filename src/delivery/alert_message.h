// delivery/alert_message.h: what an alert says to people: a notice's facts in words.

#pragma once

#include <string>

#include "core/alert.h"
#include "core/message.h"
#include "core/words.h"

namespace lares::deliver {

struct AlertContext {
    std::string language;  // "en", "de"
    std::string host;
    std::string page_url;           // empty: no links
    std::string acknowledge_token;  // of this alert
    std::string last_lines;         // of what failed; may be empty
    WallTime wall{};
    words::Overrides overrides;  // of who runs Lares; empty: our own words
};

/// Title: "[press-2] 'db' is FATAL (and 39 more)"; text: each problem on a line, what it led to,
/// how to acknowledge; details: the last lines.
message::Message alert_message(alert::Notice const&, AlertContext const&);

}  // namespace lares::deliver
