// core/outbox.h: which delivery goes out next, when, and what becomes of it: the outbox's
// decisions.
//
// Pure. Holds what is waiting and sending (bounded by `most`), grouped by channel. A channel that
// does not work holds nothing up but itself: it is tried with one delivery, later each time, until
// one goes through. Order within a thread is kept: while one waits for its retry, those behind it
// wait.

#pragma once

#include <cstddef>
#include <cstdint>
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
/// What must be written about one.
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
    std::optional<WallTime> held_until;  // rate, Retry-After, or trouble
    std::string trouble;                 // empty: it works
    int failures = 0;                    // one after the other
    bool is_paused = false;
};

class Outbox {
public:
    explicit Outbox(unsigned seed);
    ~Outbox();
    Outbox(Outbox&&) noexcept;
    Outbox& operator=(Outbox&&) noexcept;

    /// Adds or changes a channel. A delivery of a channel that is not here waits until it is.
    void set_channel(std::string const& name, Limits const&);
    void drop_channel(std::string_view name);
    void pause(std::string_view channel, bool is_paused);

    /// One that is waiting, or (after a crash) sending; ends are ignored. Its message is not kept.
    void put(delivery::Delivery const&);
    /// Everything that may go out now, at most what each channel allows at once; each is `sending`
    /// from here on. Commit that before handing it over. Also `changes`: what expired or gave up.
    std::vector<Send> take(WallTime now, std::vector<Change>& changes);
    /// The sender's word; nothing for one that is not sending or of another attempt.
    std::optional<Change> answered(delivery::Answer const&, WallTime now);
    /// The sender is gone without a word about these (all that are sending): back to waiting where
    /// the channel can repeat, else unsure.
    std::vector<Change> sender_lost(WallTime now);
    /// A person: at once, whatever the waits say; or never.
    std::optional<Change> retry(delivery::Id, WallTime now);
    std::optional<Change> drop(delivery::Id, std::string words, WallTime now);

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
