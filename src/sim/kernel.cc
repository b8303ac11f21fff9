// sim/kernel.cc: deeds in order of time, news in any order that keeps the lanes.

#include "sim/kernel.h"

#include <algorithm>

namespace lares::sim {

namespace {

/// Enough to see what led to a failure.
constexpr std::size_t most_notes = 2'000;

}  // namespace

void Kernel::at(Instant when, std::function<void()> deed) {
    due_.emplace(std::max(when, time_), std::move(deed));
}

void Kernel::tell(Lane lane, News news) { news_.emplace_back(lane, std::move(news)); }

void Kernel::begin_life() {
    life_ += 1;
    news_.clear();
}

std::function<void()> Kernel::in_this_life(std::function<void()> deed) const {
    return [this, life = life_, deed = std::move(deed)] {
        if (life == life_) deed();
    };
}

std::optional<Instant> Kernel::next_due() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

void Kernel::run_until(Instant end) {
    while (!due_.empty() && due_.begin()->first <= end) {
        time_ = std::max(time_, due_.begin()->first);
        auto deed = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        deed();
    }
    time_ = std::max(time_, end);
}

std::vector<News> Kernel::take_news() {
    // Draws the lanes in a random order of their pieces, then fills in each lane's news in turn.
    std::vector<Lane> order;
    std::map<Lane, std::deque<News>> lanes;
    for (auto& [lane, news] : news_) {
        order.push_back(lane);
        lanes[lane].push_back(std::move(news));
    }
    news_.clear();
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(pick(static_cast<int>(i)))]);
    std::vector<News> mixed;
    for (Lane lane : order) {
        mixed.push_back(std::move(lanes[lane].front()));
        lanes[lane].pop_front();
    }
    return mixed;
}

void Kernel::note(std::string words) {
    notes_.push_back(stamp() + words);
    if (notes_.size() > most_notes) notes_.pop_front();
}

void Kernel::complain(std::string words) { complaints_.push_back(stamp() + words); }

std::string Kernel::stamp() const { return std::to_string(time_.time_since_epoch().count()) + " "; }

}  // namespace lares::sim
