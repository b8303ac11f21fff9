// core/outbox_take.cc: what goes out now, and what never will.

#include <algorithm>

#include "core/in_words.h"
#include "core/outbox_parts.h"

namespace lares::outbox {

using delivery::State;

/// It is sending from here on, and no longer among the waiting.
void Outbox::Parts::note_sending(Item& item) {
    item.is_sending = true;
    item.hold = item.channel->hold;
    item.channel->sending++;
    if (!item.thread) return;
    item.thread->sending++;
    refresh(*item.thread);
}

void Outbox::Parts::note_answered(Item& item) {
    item.is_sending = false;
    item.channel->sending--;
    if (!item.thread) return;
    item.thread->sending--;
    refresh(*item.thread);
}

void Outbox::Parts::begin(Item& item, WallTime now) {
    Channel& channel = *item.channel;
    withdraw(item);
    item.attempts++;
    note_sending(item);
    auto const& rate = limits_of(channel).rate;
    if (rate.count <= 0) return channel.sent.clear();
    channel.sent.push_back(now);
    while (channel.sent.size() > static_cast<std::size_t>(std::min(rate.count, most_in_rate)))
        channel.sent.pop_front();
}

void Outbox::Parts::send(Channel& channel, WallTime now, Admit const& admit,
                         std::vector<Send>& sends) {
    auto allows = [&](std::optional<WallTime> at) { return at && *at <= now; };
    while (allows(sends_at(channel))) {
        while (!channel.delayed.empty() && channel.delayed.begin()->first <= now) {
            Item& item = *find(channel.delayed.begin()->second);
            unoffer(item);
            channel.ready.insert({item.passes, item.id});
            item.place = Item::Place::ready;
        }
        Item& item = *find(channel.ready.begin()->second);
        channel.kept = admit ? admit(item.id) : std::nullopt;
        if (channel.kept) {
            // Never asked twice at one instant, whatever the answer says.
            channel.kept->until = std::max(channel.kept->until, now + Duration(1));
            return;
        }
        begin(item, now);
        sends.push_back({item.id, channel.name, item.attempts});
    }
}

void Outbox::Parts::end(Item& item, State state, std::string words, std::vector<Change>& changes) {
    changes.push_back({item.id, state, item.attempts, item.not_before, "", std::move(words)});
    withdraw(item);
    erase(item);
}

void Outbox::Parts::expire(Channel& channel, WallTime now, std::vector<Change>& changes) {
    while (!channel.expiring.empty() && channel.expiring.begin()->first <= now) {
        Item& item = *find(channel.expiring.begin()->second);
        std::string words = "no longer worth saying";
        if (!item.words.empty()) words += "; the last answer was: " + item.words;
        bool was_last = channel.waiting == 1 && channel.sending == 0;
        end(item, State::expired, std::move(words), changes);
        if (was_last) return;  // the channel may be gone
    }
}

void Outbox::Parts::give_up(Channel& channel, WallTime now, std::vector<Change>& changes) {
    for (auto at = gives_up_at(channel); at && *at <= now; at = gives_up_at(channel)) {
        auto const& in_vain = channel.trouble.empty() ? channel.tried : channel.aging;
        Item& item = *find(in_vain.begin()->second);
        auto words = "given up after " + in_words(limits_of(channel).give_up);
        auto const& last = item.words.empty() ? channel.trouble : item.words;
        if (!last.empty()) words += ": " + last;
        end(item, State::failed, std::move(words), changes);
    }
}

std::vector<Send> Outbox::take(WallTime now, std::vector<Change>& changes, Admit const& admit) {
    Parts& parts = *parts_;
    parts.see(now);
    std::vector<Send> sends;
    // A channel that was dealt with is touched, which takes it out of what is due by now.
    while (!parts.due.empty() && parts.due.begin()->first <= now) {
        std::string const name(parts.due.begin()->second);
        parts.expire(*parts.find_channel(name), now, changes);
        auto* channel = parts.find_channel(name);
        if (!channel) continue;
        parts.give_up(*channel, now, changes);
        parts.send(*channel, now, admit, sends);
        parts.touch(*channel);
    }
    return sends;
}

}  // namespace lares::outbox
