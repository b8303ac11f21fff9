// core/queue_window.cc: slots of starts, oldest first; those that have left are dropped when
// somebody looks.

#include "core/queue_window.h"

#include <algorithm>

namespace lares::queue {

namespace {

constexpr int most_slots = 1024;

/// Starts closer together than this share a slot.
Duration grain(Rate const& rate) {
    return rate.count <= most_slots ? Duration(0) : rate.span / most_slots;
}

}  // namespace

bool is_limit(Rate const& rate) { return rate.count > 0 && rate.span.count() > 0; }

void Window::note(Rate const& rate, Instant at) {
    if (!is_limit(rate)) return;
    total_++;
    if (begin_ < slots_.size() && at - slots_.back().first <= grain(rate)) {
        slots_.back().last = std::max(slots_.back().last, at);
        slots_.back().count++;
        return;
    }
    slots_.push_back({at, at, 1});
}

void Window::take_back(Instant at) {
    for (std::size_t i = slots_.size(); i-- > begin_;) {
        Slot& slot = slots_[i];
        if (at < slot.first || at > slot.last) continue;
        total_--;
        if (--slot.count == 0) slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
    }
}

void Window::forget(Rate const& rate, Instant now) {
    while (begin_ < slots_.size() && now - slots_[begin_].last >= rate.span)
        total_ -= slots_[begin_++].count;
    // The front of the vector is cut off when it is half of it: once a slot on average.
    if (begin_ * 2 < slots_.size()) return;
    slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
}

Instant Window::free_at(Rate const& rate, Instant now) {
    if (!is_limit(rate)) return now;
    forget(rate, now);
    std::int64_t over = total_ - rate.count + 1;
    Instant at = now;
    for (std::size_t i = begin_; over > 0; i++) {
        over -= slots_[i].count;
        at = slots_[i].last + rate.span;
    }
    return at;
}

bool Window::is_idle(Rate const& rate, Instant now) {
    if (is_limit(rate)) forget(rate, now);
    return !is_limit(rate) || total_ == 0;
}

}  // namespace lares::queue
