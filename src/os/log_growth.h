// os/log_growth.h: who wants to hear that a log grew.
//
// Asked on the loop's thread, told on the log thread. Asking takes effect at once, not when the log
// thread gets to it: who asks first and reads then misses nothing.

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "ports/event.h"

namespace lares::os {

class LogGrowth {
public:
    using Action = std::function<void()>;

    /// Remembers `grew` for the next growth. Returns what is to be called now: `grew` itself when
    /// the log grew since somebody was told last (he may have read before that), or the oldest of
    /// too many who wait.
    Action ask(ports::ChannelId, Action grew);
    /// Takes those who wait for this log. Costs one load when nobody ever asked.
    std::vector<Action> grown(ports::ChannelId);
    void forget(ports::ChannelId);

private:
    struct Followers {
        std::vector<Action> waiting;
        bool grown_since_told = false;
    };
    std::mutex mutex_;
    std::unordered_map<ports::ChannelId, Followers> followed_;
    std::atomic<std::size_t> followed_count_{0};
};

}  // namespace lares::os
