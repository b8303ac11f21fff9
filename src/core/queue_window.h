// core/queue_window.h: how many starts lie within the last so many seconds, and when there is room
// for the next.
//
// A sliding window, not a bucket that refills: "10 a minute" means that no minute, wherever it
// begins, holds more than 10. A start at t leaves the window at t + span.

#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "core/queue.h"

namespace lares::queue {

bool is_limit(Rate const&);

class Window {
public:
    void note(Rate const&, Instant at);
    /// Forgets one that was noted for `at`; nothing when it has left the window.
    void take_back(Instant at);
    /// When one more fits; `now` when it does now.
    Instant free_at(Rate const&, Instant now);
    /// Whether nothing is left in it.
    bool is_idle(Rate const&, Instant now);

private:
    /// Of large counts, starts that lie close together are kept as one, which leaves with its last:
    /// so a window never holds more than some 1,000 of these, and never lets too many start.
    struct Slot {
        Instant first, last;
        int count;
    };
    void forget(Rate const&, Instant now);

    std::vector<Slot> slots_;  // from begin_ on
    std::size_t begin_ = 0;
    std::int64_t total_ = 0;
};

}  // namespace lares::queue
