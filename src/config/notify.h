// config/notify.h: who is told of what: one line of `notify =`.

#pragma once

#include <string>
#include <vector>

#include "base/time.h"

namespace lares::config {

/// One line of `notify =`: "mail then 10min sms then 30min phone: failure, late".
struct Notify {
    struct Step {
        Duration after{0};  // the one before, while nobody has acknowledged
        std::string channel;
        bool operator==(Step const&) const = default;
    };
    std::vector<Step> ladder;
    std::vector<std::string> kinds;  // of core/alert_kinds.h, or "all"; empty: the usual ones
    bool operator==(Notify const&) const = default;
};

}  // namespace lares::config
