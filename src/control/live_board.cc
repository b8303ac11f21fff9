// control/live_board.cc: versions in order.

#include "control/live_board.h"

namespace lares::control {

void Board::change(std::string const& key, Thing& thing, std::string frame, bool is_gone) {
    if (thing.version != 0) order_.erase(thing.version);
    if (thing.is_gone != is_gone) is_gone ? ++gone_ : --gone_;
    thing.is_gone = is_gone;
    thing.frame = std::move(frame);
    thing.version = ++version_;
    order_.emplace(version_, key);
}

void Board::forget_gone() {
    for (auto next = order_.begin(); gone_ > most_gone && next != order_.end();) {
        auto current = next++;
        auto thing = things_.find(current->second);
        if (!thing->second.is_gone) continue;
        forgotten_ = current->first;
        things_.erase(thing);
        order_.erase(current);
        --gone_;
    }
}

std::uint64_t Board::tell(std::uint64_t seen, std::size_t most, std::string& out,
                          bool& missed) const {
    missed = seen < forgotten_ && seen != 0;
    for (auto next = order_.upper_bound(seen); next != order_.end(); ++next) {
        if (out.size() >= most) return seen;
        out += things_.at(next->second).frame;
        seen = next->first;
    }
    return version_;
}

}  // namespace lares::control
