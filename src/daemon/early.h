// daemon/early.h: requests about work that come while the database is still being opened.
//
// That takes some milliseconds after a start. Who asks about jobs then is answered when it is open,
// or when it is known that it cannot be; everything else is answered at once.

#pragma once

#include <utility>
#include <vector>

#include "ports/event.h"

namespace lares::daemon {

/// Whether a request is about tasks, jobs, folders or the journal.
bool is_about_work(ports::HttpRequested const&);

class EarlyRequests {
public:
    /// False when it is not about work, or too many wait: it is answered as it is.
    bool hold(ports::HttpRequested& request);
    void closed(ports::RequestId);
    std::vector<ports::HttpRequested> take() { return std::exchange(held_, {}); }
    bool any() const { return !held_.empty(); }

private:
    std::vector<ports::HttpRequested> held_;
};

}  // namespace lares::daemon
