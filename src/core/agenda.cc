// core/agenda.cc: a heap with four children a node: half the levels, and one cache line each.

#include "core/agenda.h"

#include <algorithm>
#include <utility>

namespace lares::schedule {

namespace {
constexpr std::uint32_t children = 4;
}

void Agenda::put(Key key, Entry entry, std::int64_t after) {
    auto [known, is_new] = slots_.try_emplace(key, 0);
    if (is_new) {
        if (free_.empty()) {
            known->second = std::uint32_t(table_.size());
            table_.emplace_back();
        } else {
            known->second = free_.back();
            free_.pop_back();
        }
    }
    Slot& slot = table_[known->second];
    slot.entry = std::move(entry);
    slot.key = key;
    compute(known->second, after);
}

bool Agenda::drop(Key key) {
    auto const known = slots_.find(key);
    if (known == slots_.end()) return false;
    std::uint32_t const slot = known->second;
    set_time(slot, std::nullopt);
    table_[slot] = {};
    free_.push_back(slot);
    slots_.erase(known);
    return true;
}

void Agenda::clear() { *this = {}; }

std::optional<std::int64_t> Agenda::earliest() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at;
}

std::vector<Agenda::Taken> Agenda::take_due(std::int64_t now, std::size_t most) {
    std::vector<Taken> taken;
    while (!heap_.empty() && heap_.front().at <= now && taken.size() < most) {
        std::uint32_t const index = heap_.front().slot;
        Slot const& slot = table_[index];
        taken.push_back({slot.key, slot.next});
        compute(index, slot.next.at);
    }
    return taken;
}

std::optional<Due> Agenda::next_of(Key key) const {
    auto const known = slots_.find(key);
    if (known == slots_.end() || table_[known->second].place == nowhere) return std::nullopt;
    return table_[known->second].next;
}

void Agenda::recompute(std::int64_t after) {
    for (auto const& [key, slot] : slots_) compute(slot, after);
}

void Agenda::recompute(Key key, std::int64_t after) {
    auto const known = slots_.find(key);
    if (known != slots_.end()) compute(known->second, after);
}

void Agenda::rest(Key key) {
    auto const known = slots_.find(key);
    if (known != slots_.end()) set_time(known->second, std::nullopt);
}

std::vector<Agenda::Moved> Agenda::replace_zone(ZonePointer const& was, ZonePointer const& is,
                                                std::int64_t after) {
    std::vector<Moved> moved;
    auto time = [](std::optional<Due> const& due) {
        return due ? std::optional(due->at) : std::nullopt;
    };
    for (auto const& [key, index] : slots_) {
        Slot& slot = table_[index];
        if (slot.entry.zone != was) continue;
        auto const before = time(next_of(key));
        slot.entry.zone = is;
        compute(index, after);
        auto const now = time(next_of(key));
        if (now != before) moved.push_back({key, before, now});
    }
    std::ranges::sort(moved, {}, &Moved::key);
    return moved;
}

Agenda::Entry const* Agenda::find(Key key) const {
    auto const known = slots_.find(key);
    return known == slots_.end() ? nullptr : &table_[known->second].entry;
}

void Agenda::compute(std::uint32_t index, std::int64_t after) {
    Slot& slot = table_[index];
    auto const due = next_due(slot.entry.cron, *slot.entry.zone, after, slot.entry.dst);
    if (due) slot.next = *due;
    set_time(index, due ? std::optional(due->at + slot.entry.delay) : std::nullopt);
}

void Agenda::set_time(std::uint32_t index, std::optional<std::int64_t> at) {
    std::uint32_t const place = table_[index].place;
    if (!at) {
        if (place != nowhere) remove_node(place);
    } else if (place == nowhere) {
        heap_.push_back({*at, index});
        sift(std::uint32_t(heap_.size() - 1));
    } else {
        heap_[place].at = *at;
        sift(place);
    }
}

void Agenda::remove_node(std::uint32_t place) {
    table_[heap_[place].slot].place = nowhere;
    Node const last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    set_node(place, last);
    sift(place);
}

/// Equal instants go by key, so that the same calls give the same order.
bool Agenda::before(Node const& a, Node const& b) const {
    if (a.at != b.at) return a.at < b.at;
    return table_[a.slot].key < table_[b.slot].key;
}

void Agenda::set_node(std::uint32_t place, Node node) {
    heap_[place] = node;
    table_[node.slot].place = place;
}

/// Moves the node to where it belongs, up or down.
void Agenda::sift(std::uint32_t place) {
    Node const node = heap_[place];
    while (place > 0) {
        std::uint32_t const parent = (place - 1) / children;
        if (!before(node, heap_[parent])) break;
        set_node(place, heap_[parent]);
        place = parent;
    }
    auto const count = std::uint32_t(heap_.size());
    while (true) {
        std::uint32_t const first = place * children + 1;
        if (first >= count) break;
        std::uint32_t least = first;
        for (std::uint32_t child = first + 1; child < std::min(first + children, count); ++child)
            if (before(heap_[child], heap_[least])) least = child;
        if (!before(heap_[least], node)) break;
        set_node(place, heap_[least]);
        place = least;
    }
    set_node(place, node);
}

}  // namespace lares::schedule
