// core/outbox_places.cc: where each delivery stands, and when each channel has something to do.

#include "core/outbox.h"

#include <algorithm>
#include <utility>

#include "core/outbox_parts.h"

namespace lares::outbox {

// ---- channels

Limits const& limits_of(Channel const& channel) {
    static Limits const unknown{};
    return channel.limits ? *channel.limits : unknown;
}

std::size_t at_once(Channel const& channel) {
    if (!channel.trouble.empty()) return 1;
    return static_cast<std::size_t>(std::max(limits_of(channel).at_once, 1));
}

WallTime rate_free(Channel const& channel) {
    auto const& rate = limits_of(channel).rate;
    if (rate.count <= 0 || rate.span.count() <= 0) return {};
    auto most_sent = static_cast<std::size_t>(std::min(rate.count, most_in_rate));
    if (channel.sent.size() < most_sent) return {};
    return channel.sent[channel.sent.size() - most_sent] + rate.span;
}

Channel* Outbox::Parts::find_channel(std::string_view name) const {
    auto found = channels.find(name);
    return found == channels.end() ? nullptr : found->second.get();
}

Channel& Outbox::Parts::channel(std::string_view name) {
    auto found = channels.find(name);
    if (found == channels.end()) {
        found = channels.emplace(std::string(name), std::make_unique<Channel>()).first;
        found->second->name = name;
    }
    return *found->second;
}

/// One that is neither configured nor needed is forgotten, so that names do not pile up.
void Outbox::Parts::sweep(Channel& channel) {
    if (channel.limits || channel.is_paused || !channel.is_idle()) return;
    if (channel.due) due.erase({*channel.due, channel.name});
    channels.erase(channels.find(channel.name));
}

// ---- places of deliveries

Item* Outbox::Parts::find(Id id) {
    auto found = items.find(id);
    return found == items.end() ? nullptr : &found->second;
}

void Outbox::Parts::offer(Item& item) {
    item.channel->delayed.insert({item.not_before, item.id});
    item.place = Item::Place::delayed;
}

void Outbox::Parts::unoffer(Item& item) {
    if (item.place == Item::Place::delayed) item.channel->delayed.erase({item.not_before, item.id});
    if (item.place == Item::Place::ready) item.channel->ready.erase({item.passes, item.id});
    item.place = Item::Place::none;
}

/// Its first is offered, while none of it is sending.
void Outbox::Parts::refresh(Thread& thread) {
    Item* first = nullptr;
    if (thread.sending == 0 && !thread.ids.empty()) first = find(*thread.ids.begin());
    if (thread.offered == first) return;
    if (thread.offered) unoffer(*thread.offered);
    thread.offered = first;
    if (first) offer(*first);
}

void Outbox::Parts::enter(Item& item) {
    Channel& channel = *item.channel;
    channel.waiting++;
    if (item.expires != WallTime{}) channel.expiring.insert({item.expires, item.id});
    channel.aging.insert({item.since, item.id});
    if (item.attempts > 0) channel.tried.insert({item.since, item.id});
    if (!item.thread) return offer(item);
    item.thread->ids.insert(item.id);
    refresh(*item.thread);
}

void Outbox::Parts::withdraw(Item& item) {
    Channel& channel = *item.channel;
    channel.waiting--;
    channel.expiring.erase({item.expires, item.id});
    channel.aging.erase({item.since, item.id});
    channel.tried.erase({item.since, item.id});
    if (!item.thread) return unoffer(item);
    item.thread->ids.erase(item.id);
    refresh(*item.thread);
}

void Outbox::Parts::erase(Item& item) {
    Channel& channel = *item.channel;
    if (item.thread && item.thread->ids.empty() && item.thread->sending == 0)
        channel.threads.erase(channel.threads.find(item.thread->name));
    items.erase(item.id);
    touch(channel);
    sweep(channel);
}

// ---- when

std::optional<WallTime> Outbox::Parts::sends_at(Channel const& channel) const {
    if (!channel.limits || channel.is_paused || channel.sending >= at_once(channel))
        return std::nullopt;
    if (channel.ready.empty() && channel.delayed.empty()) return std::nullopt;
    auto at = channel.ready.empty() ? channel.delayed.begin()->first : WallTime{};
    at = std::max(at, rate_free(channel));
    if (channel.limited) at = std::max(at, *channel.limited);
    if (channel.troubled) at = std::max(at, *channel.troubled);
    if (channel.kept) at = std::max(at, channel.kept->until);
    return at;
}

/// The oldest that was tried in vain; in trouble all are.
std::optional<WallTime> Outbox::Parts::gives_up_at(Channel const& channel) const {
    if (!channel.limits || channel.is_paused) return std::nullopt;
    auto const& in_vain = channel.trouble.empty() ? channel.tried : channel.aging;
    if (in_vain.empty()) return std::nullopt;
    return in_vain.begin()->first + channel.limits->give_up;
}

std::optional<WallTime> Outbox::Parts::due_of(Channel const& channel) const {
    auto at = sends_at(channel);
    auto sooner = [&](std::optional<WallTime> other) {
        if (other && (!at || *other < *at)) at = other;
    };
    if (!channel.expiring.empty()) sooner(channel.expiring.begin()->first);
    sooner(gives_up_at(channel));
    return at;
}

void Outbox::Parts::touch(Channel& channel) {
    auto at = due_of(channel);
    if (at == channel.due) return;
    if (channel.due) due.erase({*channel.due, channel.name});
    channel.due = at;
    if (at) due.insert({*at, channel.name});
}

/// Looks at the clock. When it was set back, no wait of ours may last longer for that.
void Outbox::Parts::see(WallTime now) {
    auto before = std::exchange(clock, now);
    if (now >= before) return;
    for (auto& [name, channel] : channels) {
        auto const& limits = limits_of(*channel);
        for (auto& at : channel->sent) at = std::min(at, now);
        if (channel->limited) channel->limited = std::min(*channel->limited, now + longest_hold);
        if (channel->troubled)
            channel->troubled = std::min(*channel->troubled, now + limits.longest_wait);
        if (channel->kept) channel->kept->until = std::min(channel->kept->until, now);
        shorten_waits(*channel, now + limits.longest_wait);
        touch(*channel);
    }
}

/// Of those that were tried: the others' times are what their makers asked for.
void Outbox::Parts::shorten_waits(Channel& channel, WallTime latest) {
    std::vector<Item*> late;
    for (auto of = channel.delayed.rbegin(); of != channel.delayed.rend() && of->first > latest;
         ++of)
        if (auto* item = find(of->second); item->attempts > 0) late.push_back(item);
    for (auto* item : late) {
        unoffer(*item);
        item->not_before = latest;
        offer(*item);
    }
}

// ---- calls

Outbox::Outbox(unsigned seed) : parts_(std::make_unique<Parts>()) { parts_->random.seed(seed); }
Outbox::~Outbox() = default;
Outbox::Outbox(Outbox&&) noexcept = default;
Outbox& Outbox::operator=(Outbox&&) noexcept = default;

void Outbox::set_channel(std::string const& name, Limits const& limits) {
    Channel& channel = parts_->channel(name);
    channel.limits = limits;
    channel.troubled.reset();
    parts_->touch(channel);
}

void Outbox::drop_channel(std::string_view name) {
    auto* channel = parts_->find_channel(name);
    if (!channel) return;
    channel->limits.reset();
    parts_->works(*channel);
    parts_->touch(*channel);
    parts_->sweep(*channel);
}

void Outbox::lift(std::string_view name) {
    auto* channel = parts_->find_channel(name);
    if (!channel || !channel->kept) return;
    channel->kept.reset();
    parts_->touch(*channel);
}

void Outbox::pause(std::string_view name, bool is_paused) {
    Channel& channel = parts_->channel(name);
    channel.is_paused = is_paused;
    parts_->touch(channel);
    parts_->sweep(channel);
}

void Outbox::put(delivery::Delivery const& delivery) {
    if (delivery::is_end(delivery.state) || is_full()) return;
    auto [at, is_new] = parts_->items.try_emplace(delivery.id);
    if (!is_new) return;
    Item& item = at->second;
    Channel& channel = parts_->channel(delivery.channel);
    item.id = delivery.id;
    item.channel = &channel;
    item.not_before = delivery.not_before;
    item.expires = delivery.expires;
    item.attempts = item.errors = std::max(delivery.attempts, 0);
    item.since = delivery.created;
    if (item.attempts == 0) item.since = std::max(item.since, delivery.not_before);
    if (!delivery.thread.empty()) {
        item.thread = &channel.threads[delivery.thread];
        item.thread->name = delivery.thread;
    }
    if (delivery.state == delivery::State::sending)
        parts_->note_sending(item);
    else
        parts_->enter(item);
    parts_->touch(channel);
}

std::optional<WallTime> Outbox::next(WallTime now) const {
    if (parts_->due.empty()) return std::nullopt;
    return std::max(parts_->due.begin()->first, now);
}

std::size_t Outbox::size() const { return parts_->items.size(); }
bool Outbox::is_full() const { return size() >= most; }

}  // namespace lares::outbox
