// core/outbox.h: which delivery goes out next, when, and what becomes of it: the outbox's
// decisions.
//
// Pure. Holds what is waiting and sending (bounded by `most`), grouped by channel. A channel that
// does not work holds nothing up but itself: it is tried with one delivery, another one and later
// each time, until one goes through. Order within a thread is kept: while one waits for its retry,
// those behind it wait.
//
// What one try came to, and what follows:
//
//     sent      an end
//     refused   an end: failed
//     later     waiting; its own wait doubles, and the service's Retry-After is kept
//     limited   waiting; all of the channel wait as Retry-After says (at most `longest_hold`);
//               this one's wait does not grow
//     blocked   waiting; the channel is in trouble: one is tried after a wait that doubles
//     unsure    as later where a second try is safe, else an end: unsure
//
// Nobody counts tries: a delivery ends as failed when `give_up` has passed since it was made and
// it, or its channel, was tried in vain. One that had only to wait (for the rate, for a pause, for
// a channel to be configured) is not given up, but expires when its words are no longer worth
// saying.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/channel.h"
#include "core/delivery.h"

namespace lares::outbox {

/// Deliveries held at once; some 400 bytes each. The rest stay in the store: the caller puts in the
/// order of ids, stops when is_full(), and goes on, where it stopped, when size() has fallen to
/// half. While older ones lie in the store newer ones must not be put: threads keep their order.
inline constexpr std::size_t most = 100'000;
/// A Retry-After beyond this is taken for a mistake.
inline constexpr Duration longest_hold{24 * 3'600'000LL};
/// Sends that a rate's window can hold; a rate of more counts as this many.
inline constexpr int most_in_rate = 100'000;

/// What a channel allows (from channel::Channel).
struct Limits {
    channel::Rate rate;
    int at_once = 1;
    Duration first_wait{30'000}, longest_wait{3'600'000};  // between tries; doubles, with jitter
    int jitter_percent = 20;
    Duration give_up{72 * 3'600'000LL};
    bool can_repeat = false;  // a second try after `unsure` is safe (idempotency key, Message-ID)
    bool operator==(Limits const&) const = default;
};

/// One that is to be handed to the sender now; `attempt` counts from 1.
struct Send {
    delivery::Id id;
    std::string channel;
    int attempt;
    bool operator==(Send const&) const = default;
};
/// What must be written about one. provider: empty: as it was.
struct Change {
    delivery::Id id;
    delivery::State state;
    int attempts;
    WallTime not_before;
    std::string provider, words;
    bool operator==(Change const&) const = default;
};
struct ChannelStanding {
    std::size_t waiting = 0, sending = 0;
    std::optional<WallTime> held_until;  // rate, Retry-After, or trouble; none: it is not held
    std::string trouble;                 // empty: it works
    int failures = 0;                    // tries of the channel in vain, one after the other
    bool is_paused = false;
    std::string kept;  // why it may not send though it works; empty: it may
};

/// What keeps a channel from sending though it works: its budget is spent.
struct Hold {
    WallTime until;     // asked again then, or after lift()
    std::string words;  // why, for people
};
/// Asked of each before it begins to be sent; with a Hold, it and all of its channel wait.
using Admit = std::function<std::optional<Hold>(delivery::Id)>;

class Outbox {
public:
    explicit Outbox(unsigned seed);
    ~Outbox();
    Outbox(Outbox&&) noexcept;
    Outbox& operator=(Outbox&&) noexcept;

    /// Adds or changes a channel. A delivery of a channel that is not here waits until it is. One
    /// that was in trouble is tried at once: what it needed may have been mended.
    void set_channel(std::string const& name, Limits const&);
    /// What waits for it goes on waiting; what is sending is answered still.
    void drop_channel(std::string_view name);
    /// Nothing more begins; nothing is given up meanwhile.
    void pause(std::string_view channel, bool is_paused);

    /// One that is waiting, or (after a crash) sending; ends, what is here and what is beyond
    /// `most` are ignored. Its message is not kept. give_up counts from `created`, or from the
    /// `not_before` of one that has not been tried.
    void put(delivery::Delivery const&);
    bool is_full() const;
    /// Everything that may go out now, at most what each channel allows at once; each is `sending`
    /// from here on. Commit that before handing it over. Also `changes`: what expired or gave up.
    std::vector<Send> take(WallTime now, std::vector<Change>& changes, Admit const& = {});
    /// What kept the channel may be over: it is asked again.
    void lift(std::string_view channel);
    /// The sender's word; nothing for one that is not sending or of another attempt.
    std::optional<Change> answered(delivery::Answer const&, WallTime now);
    /// The sender is gone without a word about these (all that are sending): back to waiting where
    /// the channel can repeat, as after `later` (it may have been this message that ended it), else
    /// unsure. After a crash: once the receipts have been answered.
    std::vector<Change> sender_lost(WallTime now);
    /// A person: at once, whatever its own waits, those before it in its thread and the channel's
    /// trouble say (a rate, a Retry-After and a pause hold on); give_up counts anew. Of one that
    /// had ended: put() it as waiting first. Nothing for one that is sending.
    std::optional<Change> retry(delivery::Id, WallTime now);
    /// Never; nothing for one that is sending: it may be sent already.
    /// `as`: dropped, or gathered: it goes out as part of another.
    std::optional<Change> drop(delivery::Id, std::string words, WallTime now,
                               delivery::State as = delivery::State::dropped);

    /// When take() has something new; none: not before something else happens.
    std::optional<WallTime> next(WallTime now) const;
    ChannelStanding standing(std::string_view channel) const;
    /// Why this one has not gone out, in words; none: it is not here.
    std::optional<std::string> why(delivery::Id, WallTime now) const;
    std::size_t size() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace lares::outbox
