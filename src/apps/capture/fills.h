// apps/capture/fills.h: which stretches of an account's posts were had, and which were not.
//
// A fill goes from the newest post of its first page (top) down to the newest post from before
// (floor). Until it gets there, what lies between low and floor is missing, and the next job goes
// on with it. A fill that got there is joined with the one below. Where a service gives no older
// posts than it does, the stretch below is a gap for good, with the reason in words.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/capture/database.h"
#include "apps/capture/timeline.h"
#include "base/result.h"

namespace lares::capture {

struct Fill {
    std::int64_t id = 0;  // 0: not stored yet
    std::string capture, top;
    TimelinePlace place;
    std::string state = "open";  // open, whole, gap
    std::string words;           // of a gap: why
    std::int64_t posts = 0;
};

/// Of one account, oldest first.
Result<std::vector<Fill>> fills_of(Database&, std::string const& capture,
                                   std::string const& account);
/// What was had lasts already: this comes after it.
Result<> save_fill(Database&, Fill&, std::int64_t now_ms);
/// As save_fill(), for one that ends here; whole ones are joined with what ends below them.
Result<> end_fill(Database&, Fill&, std::int64_t now_ms);

}  // namespace lares::capture
