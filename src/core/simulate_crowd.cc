// core/simulate_crowd.cc: sets of tasks a minute; resources on a shelf; depths over time.

#include "core/simulate_crowd.h"

#include <algorithm>

namespace lares::simulate {

namespace {

constexpr std::size_t most_sets = 1'000;

std::int64_t minute_of(std::int64_t at) { return (at >= 0 ? at : at - 59) / 60; }

}  // namespace

void Minutes::note(std::int64_t at, std::size_t task) {
    if (minute_of(at) != minute_) {
        close();
        minute_ = minute_of(at);
    }
    auto const place = std::ranges::lower_bound(begun_, task);
    if (place == begun_.end() || *place != task) begun_.insert(place, task);
}

void Minutes::close() {
    if (begun_.size() > 1) {
        ++total_;
        auto set = sets_.find(begun_);
        if (set == sets_.end() && sets_.size() < most_sets)
            set = sets_.emplace(begun_, Count{0, minute_ * 60}).first;
        if (set != sets_.end()) ++set->second.minutes;
    }
    begun_.clear();
}

std::vector<Collision> Minutes::finish(std::vector<std::string> const& names) {
    close();
    std::vector<Collision> found;
    for (auto const& [set, count] : sets_) {
        Collision& one = found.emplace_back();
        for (std::size_t const task : set) one.tasks.push_back(names[task]);
        one.minutes = count.minutes;
        one.first = count.first;
    }
    std::ranges::stable_sort(found, [](Collision const& a, Collision const& b) {
        return a.minutes != b.minutes ? a.minutes > b.minutes : a.first < b.first;
    });
    return found;
}

Shelf::Shelf(Resources const& capacity) : used_(capacity.size()) {
    for (auto const& [name, amount] : capacity) {
        places_.emplace(name, reports_.size());
        reports_.push_back({.name = name, .capacity = amount});
    }
}

void Shelf::take(std::map<std::string, int> const& need) {
    for (auto const& [name, amount] : need) {
        auto const place = places_.find(name);
        if (place == places_.end()) continue;
        used_[place->second] += amount;
        auto& report = reports_[place->second];
        report.greatest_use = std::max(report.greatest_use, used_[place->second]);
    }
}

void Shelf::give(std::map<std::string, int> const& need, std::int64_t seconds) {
    for (auto const& [name, amount] : need) {
        auto const place = places_.find(name);
        if (place == places_.end()) continue;
        used_[place->second] -= amount;
        reports_[place->second].busy += seconds * amount;
    }
}

void Depths::note(Depth depth) {
    if (!all_.empty() && all_.back().at == depth.at) all_.pop_back();
    bool const is_new =
        all_.empty() || all_.back().ready != depth.ready || all_.back().running != depth.running;
    if (is_new) all_.push_back(depth);
}

std::vector<Depth> Depths::thinned(std::size_t points) const {
    if (all_.size() <= points || points == 0) return all_;
    std::vector<Depth> few;
    std::size_t const slice = (all_.size() + points - 1) / points;
    for (std::size_t begin = 0; begin < all_.size(); begin += slice) {
        auto const first = all_.begin() + std::ptrdiff_t(begin);
        auto const last = all_.begin() + std::ptrdiff_t(std::min(begin + slice, all_.size()));
        few.push_back(*std::max_element(first, last, [](Depth const& a, Depth const& b) {
            return a.ready != b.ready ? a.ready < b.ready : a.running < b.running;
        }));
    }
    return few;
}

}  // namespace lares::simulate
