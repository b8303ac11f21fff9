// core/outbox_answers.cc: what becomes of a delivery, and of its channel, after the sender's word
// or a person's.

#include <algorithm>

#include "core/outbox_parts.h"
#include "core/queue.h"

namespace lares::outbox {

using delivery::Answer;
using delivery::Outcome;
using delivery::State;

namespace {

/// Of answers kept in memory: what a line of a list shows.
constexpr std::size_t most_words = 300;

Duration bounded(Duration retry_after) {
    return std::clamp(retry_after, Duration(0), longest_hold);
}

}  // namespace

Duration Outbox::Parts::wait(Limits const& limits, int errors) {
    queue::Retry const growing{.backoff_min = limits.first_wait,
                               .backoff_max = limits.longest_wait,
                               .jitter_percent = limits.jitter_percent};
    return queue::backoff(growing, errors, static_cast<unsigned>(random()));
}

/// Something came of it: no trouble any more.
void Outbox::Parts::works(Channel& channel) {
    channel.trouble.clear();
    channel.troubled.reset();
    channel.failures = 0;
}

/// From sending to waiting.
Change Outbox::Parts::back(Item& item, WallTime not_before, std::string words) {
    item.not_before = not_before;
    item.words = words.substr(0, most_words);
    note_answered(item);
    enter(item);
    touch(*item.channel);
    return {item.id, State::waiting, item.attempts, not_before, "", std::move(words)};
}

/// From sending to an end.
Change Outbox::Parts::finish(Item& item, State state, std::string words) {
    Change change{item.id, state, item.attempts, item.not_before, "", std::move(words)};
    note_answered(item);
    erase(item);
    return change;
}

Change Outbox::Parts::fail_later(Item& item, Duration at_least, std::string words, WallTime now) {
    item.errors++;
    auto span = std::max(wait(limits_of(*item.channel), item.errors), bounded(at_least));
    return back(item, now + span, std::move(words));
}

Change Outbox::Parts::unsure(Item& item, std::string words, WallTime now) {
    if (limits_of(*item.channel).can_repeat)
        return fail_later(item, Duration(0), std::move(words), now);
    return finish(item, State::unsure, std::move(words));
}

Change Outbox::Parts::limited(Item& item, Answer const& answer, WallTime now) {
    Channel& channel = *item.channel;
    if (item.hold == channel.hold) {
        channel.hold++;
        channel.limits_met++;
    }
    auto span = answer.retry_after.count() > 0 ? bounded(answer.retry_after)
                                               : wait(limits_of(channel), channel.limits_met);
    auto until = std::max(now + span, channel.limited.value_or(now));
    channel.limited = until;
    return back(item, until, answer.words);
}

Change Outbox::Parts::blocked(Item& item, Answer const& answer, WallTime now) {
    Channel& channel = *item.channel;
    // Several may have been under way when it began: that is one failure of the channel.
    if (item.hold == channel.hold || channel.trouble.empty()) {
        channel.hold++;
        channel.failures++;
        channel.troubled =
            now + std::max(wait(limits_of(channel), channel.failures), bounded(answer.retry_after));
    }
    channel.trouble =
        answer.words.empty() ? "it does not work" : answer.words.substr(0, most_words);
    item.passes++;
    return back(item, item.not_before, answer.words);
}

std::optional<Change> Outbox::answered(Answer const& answer, WallTime now) {
    Parts& parts = *parts_;
    parts.see(now);
    auto* item = parts.find(answer.id);
    if (!item || !item->is_sending || item->attempts != answer.attempt) return std::nullopt;
    if (answer.outcome != Outcome::blocked) parts.works(*item->channel);
    if (answer.outcome == Outcome::sent) item->channel->limits_met = 0;
    std::optional<Change> change;
    switch (answer.outcome) {
    case Outcome::sent:
        change = parts.finish(*item, State::sent, answer.words);
        break;
    case Outcome::refused:
        change = parts.finish(*item, State::failed, answer.words);
        break;
    case Outcome::later:
        change = parts.fail_later(*item, answer.retry_after, answer.words, now);
        break;
    case Outcome::limited:
        change = parts.limited(*item, answer, now);
        break;
    case Outcome::blocked:
        change = parts.blocked(*item, answer, now);
        break;
    case Outcome::unsure:
        change = parts.unsure(*item, answer.words, now);
        break;
    }
    if (change) change->provider = answer.provider;
    return change;
}

std::vector<Change> Outbox::sender_lost(WallTime now) {
    Parts& parts = *parts_;
    parts.see(now);
    std::vector<Id> lost;
    for (auto const& [id, item] : parts.items)
        if (item.is_sending) lost.push_back(id);
    std::ranges::sort(lost);
    std::vector<Change> changes;
    for (Id id : lost)
        changes.push_back(parts.unsure(*parts.find(id),
                                       "the sender ended before it said what came of this", now));
    return changes;
}

// ---- a person

std::optional<Change> Outbox::retry(Id id, WallTime now) {
    Parts& parts = *parts_;
    parts.see(now);
    auto* item = parts.find(id);
    if (!item || item->is_sending) return std::nullopt;
    Channel& channel = *item->channel;
    std::vector<Item*> hurried{item};
    if (item->thread)
        for (Id before : item->thread->ids)
            if (before < id) hurried.push_back(parts.find(before));
    for (auto* each : hurried) {
        parts.withdraw(*each);
        each->not_before = std::min(each->not_before, now);
        each->errors = 0;
        each->passes = -1;  // a channel in trouble is tried with these first
        each->since = std::max(each->since, now);
        parts.enter(*each);
    }
    channel.troubled.reset();
    parts.touch(channel);
    return Change{id, State::waiting, item->attempts, item->not_before, "", "tried again by hand"};
}

std::optional<Change> Outbox::drop(Id id, std::string words, WallTime now, State as) {
    Parts& parts = *parts_;
    parts.see(now);
    auto* item = parts.find(id);
    if (!item || item->is_sending) return std::nullopt;
    std::vector<Change> changes;
    parts.end(*item, as, std::move(words), changes);
    return changes.front();
}

}  // namespace lares::outbox
