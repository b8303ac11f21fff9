// core/outbox_words.cc: why one has not gone out, and how its channel is.

#include <algorithm>

#include "core/in_words.h"
#include "core/outbox_parts.h"

namespace lares::outbox {

namespace {

std::string in(WallTime at, WallTime now) { return "in " + in_words(at - now); }

/// What keeps the channel; empty: nothing.
std::string channel_words(Channel const& channel, WallTime now) {
    auto const& name = channel.name;
    if (!channel.limits) return "no channel '" + name + "' is configured";
    if (channel.is_paused) return "channel '" + name + "' is paused";
    if (!channel.trouble.empty()) {
        auto words = "channel '" + name + "' does not work: " + channel.trouble;
        if (channel.troubled && *channel.troubled > now)
            words += "; the next try is " + in(*channel.troubled, now);
        return words;
    }
    if (channel.limited && *channel.limited > now)
        return "the service of channel '" + name +
               "' takes nothing before that: " + in(*channel.limited, now);
    if (channel.kept && channel.kept->until > now)
        return channel.kept->words + "; asked again " + in(channel.kept->until, now);
    if (auto free = rate_free(channel); free > now)
        return "rate of channel '" + name + "': " + std::to_string(channel.limits->rate.count) +
               " in " + in_words(channel.limits->rate.span) + "; the next goes out " +
               in(free, now);
    if (channel.sending >= at_once(channel))
        return std::to_string(channel.sending) + " of channel '" + name + "' are being sent";
    return "";
}

}  // namespace

ChannelStanding Outbox::standing(std::string_view name) const {
    ChannelStanding standing;
    auto const* channel = parts_->find_channel(name);
    if (!channel) return standing;
    standing.waiting = channel->waiting;
    standing.sending = channel->sending;
    standing.trouble = channel->trouble;
    standing.failures = channel->failures;
    standing.is_paused = channel->is_paused;
    WallTime until = rate_free(*channel);
    if (channel->limited) until = std::max(until, *channel->limited);
    if (channel->troubled) until = std::max(until, *channel->troubled);
    if (channel->kept && channel->kept->until > parts_->clock) {
        until = std::max(until, channel->kept->until);
        standing.kept = channel->kept->words;
    }
    if (until > parts_->clock) standing.held_until = until;
    return standing;
}

std::optional<std::string> Outbox::why(Id id, WallTime now) const {
    auto const* item = parts_->find(id);
    if (!item) return std::nullopt;
    if (item->is_sending) return "being sent, try " + std::to_string(item->attempts);
    if (auto words = channel_words(*item->channel, now); !words.empty()) return words;
    if (auto const* thread = item->thread; thread && thread->offered != item) {
        auto first = thread->ids.empty() || thread->sending > 0 ? 0 : *thread->ids.begin();
        return first == 0 ? "one before it in its thread is being sent"
                          : "waits for delivery " + std::to_string(first) + " of its thread";
    }
    if (item->not_before <= now) return "its turn comes now";
    if (item->words.empty()) return "not to go out yet: " + in(item->not_before, now);
    return "tried again " + in(item->not_before, now) + ": " + item->words;
}

}  // namespace lares::outbox
