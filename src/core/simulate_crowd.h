// core/simulate_crowd.h: what tasks of a simulation have in common: minutes in which several begin,
// resources, and how deep it gets. Pure; part of core/simulate.h.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lares::simulate {

/// What tasks share: name and how much there is. A task that needs more than there is never starts.
using Resources = std::map<std::string, int>;

/// Tasks that began within the same minute.
struct Collision {
    std::vector<std::string> tasks;
    std::int64_t minutes = 0;  // in how many minutes just these did
    std::int64_t first = 0;
    bool operator==(Collision const&) const = default;
};

struct ResourceReport {
    std::string name;
    int capacity = 0, greatest_use = 0;
    std::int64_t busy = 0;  // seconds, times how much of it was in use
    bool operator==(ResourceReport const&) const = default;
};

/// Counts minutes in which several tasks began, by which they were.
class Minutes {
public:
    void note(std::int64_t at, std::size_t task);
    /// The most frequent first; the last minute counts too.
    std::vector<Collision> finish(std::vector<std::string> const& names);
    std::int64_t total() const { return total_; }

private:
    struct Count {
        std::int64_t minutes = 0, first = 0;
    };
    void close();

    std::int64_t minute_ = 0, total_ = 0;
    std::vector<std::size_t> begun_;  // in this minute, sorted
    std::map<std::vector<std::size_t>, Count> sets_;
};

/// Counts what is in use of each resource. Who gets it is for the queue to say.
class Shelf {
public:
    explicit Shelf(Resources const& capacity);
    void take(std::map<std::string, int> const& need);
    void give(std::map<std::string, int> const& need, std::int64_t seconds);
    std::vector<ResourceReport> const& reports() const { return reports_; }

private:
    std::vector<ResourceReport> reports_;
    std::vector<int> used_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

/// At one instant.
struct Depth {
    std::int64_t at = 0;
    std::size_t ready = 0, running = 0;
    bool operator==(Depth const&) const = default;
};

/// How deep it was, whenever that changed.
class Depths {
public:
    void note(Depth);
    /// The deepest of each slice of time, so that no peak is lost: at most so many.
    std::vector<Depth> thinned(std::size_t points) const;

private:
    std::vector<Depth> all_;
};

}  // namespace lares::simulate
