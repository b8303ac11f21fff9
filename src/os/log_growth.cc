// os/log_growth.cc: keeping and telling the followers.

#include "os/log_growth.h"

#include <utility>

#include "base/limits.h"

namespace lares::os {

LogGrowth::Action LogGrowth::ask(ports::ChannelId channel, Action grew) {
    std::lock_guard lock(mutex_);
    Followers& followers = followed_[channel];
    followed_count_ = followed_.size();
    if (std::exchange(followers.grown_since_told, false)) return grew;
    followers.waiting.push_back(std::move(grew));
    if (followers.waiting.size() <= limits::http_connections) return {};
    Action oldest = std::move(followers.waiting.front());
    followers.waiting.erase(followers.waiting.begin());
    return oldest;
}

std::vector<LogGrowth::Action> LogGrowth::grown(ports::ChannelId channel) {
    if (followed_count_ == 0) return {};
    std::lock_guard lock(mutex_);
    auto found = followed_.find(channel);
    if (found == followed_.end()) return {};
    found->second.grown_since_told = found->second.waiting.empty();
    return std::exchange(found->second.waiting, {});
}

void LogGrowth::forget(ports::ChannelId channel) {
    std::lock_guard lock(mutex_);
    followed_.erase(channel);
    followed_count_ = followed_.size();
}

}  // namespace lares::os
