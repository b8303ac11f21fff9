// core/outbox_parts.h: what the outbox is made of. Only core/outbox*.cc include this.
//
// Of each thread only its first delivery is offered to its channel, and none while one of it is
// sending: that is the whole of the order. An offered one is in `delayed` until its time has come,
// then in `ready`. Whatever may change when a channel has something to do touches it: the channel
// is then found in `due` under that instant, so that take() looks at no channel without cause and
// next() is a look at the first.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/outbox.h"

namespace lares::outbox {

using delivery::Id;

struct Channel;
struct Thread;

struct Item {
    Id id = 0;
    Channel* channel = nullptr;
    Thread* thread = nullptr;  // null: of its own
    WallTime not_before{}, expires{};
    WallTime since{};   // what give_up counts from
    int attempts = 0;   // begun
    int errors = 0;     // of them, what its wait grows by
    int passes = 0;     // tries in which the channel was in trouble: others are tried before it
    unsigned hold = 0;  // the channel's, when this was sent
    bool is_sending = false;
    enum class Place { none, delayed, ready } place = Place::none;
    std::string words;  // of the last answer
};

struct Thread {
    std::string name;
    std::set<Id> ids;
    int sending = 0;
    Item* offered = nullptr;
};

struct Channel {
    std::string name;
    std::optional<Limits> limits;  // none: not configured
    bool is_paused = false;
    std::size_t waiting = 0, sending = 0;
    std::map<std::string, Thread, std::less<>> threads;
    std::set<std::pair<WallTime, Id>> delayed;
    std::set<std::pair<int, Id>> ready;          // fewest passes first
    std::set<std::pair<WallTime, Id>> expiring;  // all that wait and expire
    std::set<std::pair<WallTime, Id>> aging;     // all that wait, by `since`
    std::set<std::pair<WallTime, Id>> tried;     // of them, those with attempts
    std::deque<WallTime> sent;                   // within the rate's span
    std::optional<WallTime> limited, troubled;   // held until
    std::optional<Hold> kept;                    // its budget is spent
    std::string trouble;
    int failures = 0;    // blocked, one after the other
    int limits_met = 0;  // limited, likewise
    unsigned hold = 0;   // counts the holds: answers to what was sent before one do not lengthen it
    std::optional<WallTime> due;  // its place in `due`

    bool is_idle() const { return waiting == 0 && sending == 0; }
};

struct Outbox::Parts {
    std::map<std::string, std::unique_ptr<Channel>, std::less<>> channels;
    std::unordered_map<Id, Item> items;
    std::set<std::pair<WallTime, std::string_view>> due;  // names of channels
    WallTime clock{};                                     // of the last call
    std::minstd_rand random;

    // outbox_places.cc
    Channel* find_channel(std::string_view) const;
    Channel& channel(std::string_view);
    Item* find(Id);
    void enter(Item&);     // among the waiting
    void withdraw(Item&);  // from among the waiting
    void offer(Item&);
    void unoffer(Item&);
    void refresh(Thread&);
    void erase(Item&);  // it must be in no place
    void touch(Channel&);
    void see(WallTime now);
    void shorten_waits(Channel&, WallTime latest);
    void note_sending(Item&);
    void note_answered(Item&);
    void sweep(Channel&);
    std::optional<WallTime> due_of(Channel const&) const;
    std::optional<WallTime> sends_at(Channel const&) const;
    std::optional<WallTime> gives_up_at(Channel const&) const;

    // outbox_take.cc
    void end(Item&, delivery::State, std::string words, std::vector<Change>&);
    void expire(Channel&, WallTime now, std::vector<Change>&);
    void give_up(Channel&, WallTime now, std::vector<Change>&);
    void send(Channel&, WallTime now, Admit const&, std::vector<Send>&);
    void begin(Item&, WallTime now);

    // outbox_answers.cc
    Change back(Item&, WallTime not_before, std::string words);
    Change fail_later(Item&, Duration at_least, std::string words, WallTime now);
    Change unsure(Item&, std::string words, WallTime now);
    Change finish(Item&, delivery::State, std::string words);
    Change limited(Item&, delivery::Answer const&, WallTime now);
    Change blocked(Item&, delivery::Answer const&, WallTime now);
    void works(Channel&);
    Duration wait(Limits const&, int errors);
};

/// Of a channel that is not configured (any more): careful.
Limits const& limits_of(Channel const&);
/// How many may be sending at once now.
std::size_t at_once(Channel const&);
/// When its rate lets one more go; epoch: now.
WallTime rate_free(Channel const&);

}  // namespace lares::outbox
