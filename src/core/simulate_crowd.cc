// core/simulate_crowd.cc: sets of tasks a minute; resources on a shelf.

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
    for (auto const& [name, amount] : capacity)
        reports_.push_back({.name = name, .capacity = amount});
}

std::size_t Shelf::place(std::string const& name) const {
    auto const found = std::ranges::find(reports_, name, &ResourceReport::name);
    return std::size_t(found - reports_.begin());
}

int Shelf::free(std::string const& name) const {
    std::size_t const index = place(name);
    return index == reports_.size() ? 0 : reports_[index].capacity - used_[index];
}

bool Shelf::fits(std::map<std::string, int> const& need, Resources const& kept) const {
    return std::ranges::all_of(need, [&](auto const& one) {
        auto const other = kept.find(one.first);
        return free(one.first) - (other == kept.end() ? 0 : other->second) >= one.second;
    });
}

void Shelf::keep(std::map<std::string, int> const& need, Resources& kept) const {
    bool const can_ever = std::ranges::all_of(need, [&](auto const& one) {
        std::size_t const index = place(one.first);
        return index < reports_.size() && reports_[index].capacity >= one.second;
    });
    if (!can_ever) return;
    for (auto const& [name, amount] : need) kept[name] = std::min(free(name), kept[name] + amount);
}

void Shelf::take(std::map<std::string, int> const& need) {
    for (auto const& [name, amount] : need) {
        std::size_t const index = place(name);
        used_[index] += amount;
        reports_[index].greatest_use = std::max(reports_[index].greatest_use, used_[index]);
    }
}

void Shelf::give(std::map<std::string, int> const& need, std::int64_t seconds) {
    for (auto const& [name, amount] : need) {
        used_[place(name)] -= amount;
        reports_[place(name)].busy += seconds * amount;
    }
}

}  // namespace lares::simulate
