// core/queue_heap.h: a heap whose items know where they stand in it, so that any of them can be
// taken out, not only the first.
//
// Four children a node: the ranks lie in the array itself, so that sifting touches few cache lines
// and no item. An item that comes in order (the usual case of a queue) costs no move at all.

#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

namespace lares::queue {

/// Smallest first. `tie` makes ranks unique, so that order never depends on history.
struct Rank {
    std::int64_t value = 0;
    std::uint64_t tie = 0;
    auto operator<=>(Rank const&) const = default;
};

inline constexpr std::uint32_t nowhere = UINT32_MAX;

/// `slot` is the item's member that keeps its place; `nowhere` while it is in no heap.
template <class Item, std::uint32_t Item::* slot>
class Heap {
public:
    struct Entry {
        Rank rank;
        Item* item;
    };

    bool is_empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    Entry const& top() const { return entries_.front(); }
    /// In no order but that the first is the first.
    std::vector<Entry> const& entries() const { return entries_; }

    /// Puts it in, or moves it when it is in.
    void put(Item& item, Rank rank) {
        std::uint32_t at = item.*slot;
        if (at == nowhere) {
            at = static_cast<std::uint32_t>(entries_.size());
            entries_.push_back({rank, &item});
        } else {
            entries_[at].rank = rank;
        }
        sift(at);
    }

    /// It must be in.
    void take_out(Item& item) {
        std::uint32_t at = item.*slot;
        item.*slot = nowhere;
        Entry last = entries_.back();
        entries_.pop_back();
        if (at < entries_.size()) {
            entries_[at] = last;
            sift(at);
        }
        // What a burst has taken is given back, at a cost that the burst has paid for.
        if (entries_.capacity() > 1024 && entries_.size() < entries_.capacity() / 8)
            entries_.shrink_to_fit();
    }

private:
    void set(std::uint32_t at, Entry const& entry) {
        entries_[at] = entry;
        entry.item->*slot = at;
    }

    void sift(std::uint32_t at) {
        Entry moved = entries_[at];
        while (at > 0 && moved.rank < entries_[(at - 1) / 4].rank) {
            set(at, entries_[(at - 1) / 4]);
            at = (at - 1) / 4;
        }
        for (std::uint32_t child = best_child(at);
             child != nowhere && entries_[child].rank < moved.rank; child = best_child(at)) {
            set(at, entries_[child]);
            at = child;
        }
        set(at, moved);
    }

    std::uint32_t best_child(std::uint32_t at) const {
        auto first = std::size_t{4} * at + 1;
        if (first >= entries_.size()) return nowhere;
        auto best = first;
        for (auto i = first + 1; i < std::min(first + 4, entries_.size()); i++)
            if (entries_[i].rank < entries_[best].rank) best = i;
        return static_cast<std::uint32_t>(best);
    }

    std::vector<Entry> entries_;
};

}  // namespace lares::queue
