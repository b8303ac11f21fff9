// core/agenda.h: all schedules of a house, and which of them is due next.
//
// Pure; 100,000 of them take some 17 MB. A heap of instants in front of a table of entries: what is
// due is found without looking at what is not. Whoever holds it asks earliest() for one alarm, and
// never wakes before it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/schedule.h"
#include "core/zone.h"
#include "text/cron.h"

namespace lares::schedule {

using ZonePointer = std::shared_ptr<Zone const>;

class Agenda {
public:
    /// Whatever the holder calls its schedules by.
    using Key = std::uint64_t;

    struct Entry {
        text::Cron cron;
        ZonePointer zone;
        Dst dst = Dst::vixie;
        std::int32_t delay = 0;  // seconds after each due instant: jitter
    };
    struct Taken {
        Key key;
        Due due;  // due.at is the instant by the clock, without the delay
        bool operator==(Taken const&) const = default;
    };
    /// A next run that became another.
    struct Moved {
        Key key;
        std::optional<std::int64_t> was, is;
    };

    /// Adds or replaces; its first run is after `after`.
    void put(Key, Entry, std::int64_t after);
    bool drop(Key);
    void clear();

    /// When take_due() has something to give; delays included. none: never.
    std::optional<std::int64_t> earliest() const;
    /// Takes what is due at `now`, in order of time, then of key; each is due anew after itself, so
    /// that one that is behind comes again. At most `most`.
    std::vector<Taken> take_due(std::int64_t now, std::size_t most = SIZE_MAX);
    /// The next run of one, without its delay; none: never, or no such key.
    std::optional<Due> next_of(Key) const;

    /// Forgets what is due and counts on from `after`: after a step of the clock or a downtime,
    /// when what was missed() has been dealt with.
    void recompute(std::int64_t after);
    void recompute(Key, std::int64_t after);
    /// Not due until it is recomputed: whoever holds it cannot take it now.
    void rest(Key);
    /// `was` became `is` (tzdata was updated): those of its runs that move.
    std::vector<Moved> replace_zone(ZonePointer const& was, ZonePointer const& is,
                                    std::int64_t after);

    Entry const* find(Key) const;
    std::size_t size() const { return slots_.size(); }

private:
    struct Slot {
        Entry entry;
        Key key = 0;
        Due next;
        std::uint32_t place = nowhere;  // in the heap
    };
    struct Node {
        std::int64_t at;
        std::uint32_t slot;
    };
    static constexpr std::uint32_t nowhere = UINT32_MAX;

    void compute(std::uint32_t slot, std::int64_t after);
    void set_time(std::uint32_t slot, std::optional<std::int64_t> at);
    void remove_node(std::uint32_t place);
    void sift(std::uint32_t place);
    bool before(Node const& a, Node const& b) const;
    void set_node(std::uint32_t place, Node node);

    std::vector<Slot> table_;
    std::vector<std::uint32_t> free_;
    std::vector<Node> heap_;  // of those that run again
    std::unordered_map<Key, std::uint32_t> slots_;
};

}  // namespace lares::schedule
