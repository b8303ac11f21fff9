// core/wishes.h: who may start or stop now, given who needs whom and the barriers of priority.
//
// A wish is what a person, the boot or the shutdown asked of a process and what has not been handed
// to its machine (core/supervise.h) yet. Each turn the daemon asks due() which wishes can be
// granted. Level, not edge: it looks at what is, so that no order of events can lose a wish. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/supervise.h"

namespace lares::wishes {

/// What the daemon knows of one process, as far as order is concerned.
struct Member {
    std::string name;  // "group:process"; unique
    int group_priority = 999;
    int priority = 999;      // inside the group
    std::vector<int> needs;  // indices of the members that must be RUNNING before this one starts
    supervise::State state = supervise::State::stopped;
};

enum class Wish { none, start, stop, restart };

/// One for each member, at its index.
struct Entry {
    Wish wish = Wish::none;
    bool barrier = false;     // wait for the tiers after (stop) or before (start) this one
    bool then_start = false;  // a stop that is part of a restart, its own or its need's
    std::string why;
    /// Granted already, and kept until it has come true only because others wait for it: a stop or
    /// start with barrier. Nobody waits on its account.
    bool granted = false;
    bool operator==(Entry const&) const = default;
};

/// A wish to be fed to the machine now. The restart of a member with needs comes as a stop, and as
/// a start once its needs are RUNNING; only one without needs comes as a restart.
struct Grant {
    int member;
    Wish what;  // start, stop or restart
    std::string why;
};

/// Orders members once and keeps who needs whom in both directions. Rebuilt when the set changes.
class Order {
public:
    /// Fails with Error::invalid naming a circle ("a needs b needs c needs a").
    static Result<Order> of(std::vector<Member> const& members);

    /// Indices in (group priority, group name, priority, name) order, needs before dependants.
    std::vector<int> const& start_order() const { return start_order_; }
    /// Who needs `member` itself, in start order.
    std::vector<int> const& dependants(int member) const {
        return dependants_.at(static_cast<std::size_t>(member));
    }
    /// Place in start_order().
    int rank(int member) const { return ranks_.at(static_cast<std::size_t>(member)); }
    /// Members of a higher (group priority, priority) start after and stop before those of a lower
    /// one where there are barriers; equal ones go together. A member is never in a lower tier than
    /// its needs: where priorities say otherwise, needs win. The lowest tier is 0.
    int tier(int member) const { return tiers_.at(static_cast<std::size_t>(member)); }

private:
    void finish(std::vector<Member> const& members);

    std::vector<int> start_order_, ranks_, tiers_;
    std::vector<std::vector<int>> dependants_;
};

/// Adds the wish and what follows from it: starting wishes its needs started (unless they are up);
/// stopping wishes its dependants stopped first; restarting does that and then starts again those
/// that were up. A newer wish replaces an older one of the same member: a stop calls off the starts
/// that wait for it, a start the stops of its needs that were not granted yet. A restart of a
/// member that is not up is a start. `entries` is made as long as `members`.
void ask(std::vector<Entry>& entries, Order const&, std::vector<Member> const&, int member, Wish,
         bool barrier, std::string why);

/// Which wishes to hand to the machines now, in the order to hand them: stops dependants first,
/// starts needs first. Each granted one is cleared from `entries` (but see Entry::granted, and a
/// stop with then_start becomes the start that waits). A wish that is true already is cleared
/// without a grant. A start waits while its member is STOPPING, until its needs are RUNNING; what
/// waits for a need that has failed waits until that need runs, or is replaced.
///
/// To be asked again after every change of a state, also those that its own grants have led to; one
/// call grants all that can be granted now. Cost: one look at each entry, then some for each wish.
std::vector<Grant> due(std::vector<Entry>& entries, Order const&, std::vector<Member> const&);

/// Members that `member`'s wish waits for, in start order; empty when it waits for none. Behind a
/// barrier they may be thousands, for each of thousands: not more than `most` are given.
std::vector<int> waits_for(std::vector<Entry> const&, Order const&, std::vector<Member> const&,
                           int member, std::size_t most = SIZE_MAX);

}  // namespace lares::wishes
