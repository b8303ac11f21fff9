// daemon/deadlines.cc: a set ordered by time and an index by key.

#include "daemon/deadlines.h"

namespace lares::daemon {

void Deadlines::set(Key key, std::optional<Instant> at) {
    auto known = at_.find(key);
    if (known != at_.end()) {
        if (at && known->second == *at) return;
        order_.erase({known->second, key});
        at_.erase(known);
    }
    if (!at) return;
    at_.emplace(key, *at);
    order_.emplace(*at, key);
}

std::optional<Instant> Deadlines::earliest() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
}

std::optional<Deadlines::Key> Deadlines::take_due(Instant now) {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    Key key = order_.begin()->second;
    order_.erase(order_.begin());
    at_.erase(key);
    return key;
}

}  // namespace lares::daemon
