// core/order.cc: the order in which members start, found once: by priority, needs first.

#include <algorithm>
#include <queue>
#include <tuple>

#include "base/check.h"
#include "core/wishes.h"

namespace lares::wishes {

namespace {

std::size_t at(int member) { return static_cast<std::size_t>(member); }

std::string_view group_of(Member const& member) {
    return std::string_view(member.name).substr(0, member.name.find(':'));
}

/// Each member's place by (group priority, group name, priority, name), needs not looked at.
std::vector<int> places_by_priority(std::vector<Member> const& members) {
    std::vector<int> sorted(members.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) sorted[i] = static_cast<int>(i);
    auto key = [&](int i) {
        Member const& m = members[at(i)];
        return std::tuple(m.group_priority, group_of(m), m.priority, std::string_view(m.name), i);
    };
    std::ranges::sort(sorted, {}, key);
    std::vector<int> places(members.size());
    for (std::size_t i = 0; i < sorted.size(); ++i) places[at(sorted[i])] = static_cast<int>(i);
    return places;
}

/// Names a circle among the members that could not be put in order (those still missing needs):
/// following missing needs from any of them must come back to where it has been.
Error circle(std::vector<Member> const& members, std::vector<int> const& missing) {
    auto is_missing = [&](int i) { return missing[at(i)] > 0; };
    auto first = std::ranges::find_if(missing, [](int count) { return count > 0; });
    std::vector<int> path{static_cast<int>(first - missing.begin())};
    for (bool met_again = false; !met_again;) {
        auto next = std::ranges::find_if(members[at(path.back())].needs, is_missing);
        CHECK(next != members[at(path.back())].needs.end());
        met_again = std::ranges::find(path, *next) != path.end();
        path.push_back(*next);
    }
    path.erase(path.begin(), std::ranges::find(path, path.back()));
    std::string words;
    for (int i : path) words += (words.empty() ? "" : " needs ") + members[at(i)].name;
    return {Error::Kind::invalid, words};
}

}  // namespace

Result<Order> Order::of(std::vector<Member> const& members) {
    std::size_t count = members.size();
    Order order;
    order.dependants_.resize(count);
    order.ranks_.resize(count);
    order.tiers_.resize(count);
    std::vector<int> missing(count);  // needs that are not in the order yet
    for (std::size_t i = 0; i < count; ++i) {
        for (int need : members[i].needs) {
            CHECK(need >= 0 && at(need) < count);
            order.dependants_[at(need)].push_back(static_cast<int>(i));
            missing[i] += 1;
        }
    }
    auto places = places_by_priority(members);
    auto later = [&](int a, int b) { return places[at(a)] > places[at(b)]; };
    std::priority_queue<int, std::vector<int>, decltype(later)> ready(later);
    for (std::size_t i = 0; i < count; ++i)
        if (missing[i] == 0) ready.push(static_cast<int>(i));
    while (!ready.empty()) {
        int next = ready.top();
        ready.pop();
        order.ranks_[at(next)] = static_cast<int>(order.start_order_.size());
        order.start_order_.push_back(next);
        for (int dependant : order.dependants_[at(next)])
            if (--missing[at(dependant)] == 0) ready.push(dependant);
    }
    if (order.start_order_.size() < count) return circle(members, missing);
    order.finish(members);
    return order;
}

/// Sorts dependants and finds the tiers, now that everybody's place is known.
void Order::finish(std::vector<Member> const& members) {
    std::vector<std::pair<int, int>> levels(members.size());
    for (int i : start_order_) {
        levels[at(i)] = {members[at(i)].group_priority, members[at(i)].priority};
        for (int need : members[at(i)].needs)
            levels[at(i)] = std::max(levels[at(i)], levels[at(need)]);
        auto& those = dependants_[at(i)];
        std::ranges::sort(those, {}, [&](int one) { return rank(one); });
        those.erase(std::ranges::unique(those).begin(), those.end());
    }
    auto sorted = levels;
    std::ranges::sort(sorted);
    sorted.erase(std::ranges::unique(sorted).begin(), sorted.end());
    for (std::size_t i = 0; i < levels.size(); ++i)
        tiers_[i] = static_cast<int>(std::ranges::lower_bound(sorted, levels[i]) - sorted.begin());
}

}  // namespace lares::wishes
