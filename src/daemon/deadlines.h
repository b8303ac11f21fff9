// daemon/deadlines.h: what is due when, for many timers and few changes a turn.
//
// The loop sleeps until earliest(); nothing polls. A key has one deadline at most; setting it again
// replaces it. Pure bookkeeping, no clock.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/time.h"

namespace lares::daemon {

class Deadlines {
public:
    using Key = std::uint64_t;

    void set(Key key, std::optional<Instant> at);
    std::optional<Instant> earliest() const;
    /// Takes one key that is due at `now`; none when none is.
    std::optional<Key> take_due(Instant now);

private:
    std::set<std::pair<Instant, Key>> order_;
    std::unordered_map<Key, Instant> at_;
};

}  // namespace lares::daemon
