// core/simulate_shop.h: what of a simulation the daemon's work is: jobs in a queue, attempts that
// take their time, gates that close and open, and what all of it costs.
//
// Pure; part of core/simulate.h. Nothing is decided here that core/queue.h and core/circuit.h
// decide in the daemon: this hands to them what daemon/work hands to them, and counts.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/circuit.h"
#include "core/queue.h"
#include "core/queue_window.h"
#include "core/simulate_crowd.h"
#include "core/simulate_types.h"

namespace lares::simulate {

constexpr std::int64_t never = INT64_MAX;

/// The instant of the first thing of a queue ordered by `at`; never, when it is empty.
template <typename Things>
std::int64_t next_of(Things const& things) {
    return things.empty() ? never : things.top().at;
}

/// How long something has held a task up so far: a job that notes the total when it could start
/// but for it knows afterwards how much of its wait that was.
class Gauge {
public:
    /// Held from `now` until then; `now` or before: not held.
    void set(std::int64_t until, std::int64_t now);
    std::int64_t total(std::int64_t now) const;

private:
    std::int64_t sum_ = 0, since_ = 0, until_ = 0;
};

class Shop {
public:
    Shop(std::vector<Task> const& tasks, Resources const& resources, std::int64_t from);

    struct Offer {
        std::size_t task = 0;
        std::int64_t due = 0;
        std::int64_t not_before = 0;  // beyond now: it may not start yet
        std::optional<int> priority = {};
        std::string key = {};
        bool by_clock = false;
        bool is_taken_when_full = false;  // what follows on another: it has happened
        bool waits_for_room = false;
        bool has_stood_back = false;  // it is offered again
    };
    enum class Taken { put, refused, stands_back };
    Taken offer(Offer const&, std::int64_t now);
    bool is_full(std::size_t task) const { return queue_.is_full(tasks_[task].name); }
    TaskReport& report(std::size_t task) { return actors_[task].report; }

    /// When something of its own is next: an end, a gate, a rate, a retry.
    std::int64_t next() const;
    /// What is due by now: ends, gates, retries.
    void take_due(std::int64_t now);
    /// A job that came to its end, and has not been told of yet.
    struct Ended {
        std::size_t task;
        bool is_good, is_cancelled;
    };
    std::vector<Ended> take_ended();
    /// Those that start now; to be asked when all else of an instant is done.
    void start(std::int64_t now);

    std::size_t retries() const { return retries_; }
    /// Steps of work so far, roughly.
    std::uint64_t cost() const { return cost_; }
    void finish(std::int64_t until, std::size_t points, Report&);

private:
    enum Held : std::uint8_t { by_hours, by_needs, by_circuit, by_budget, kinds };
    struct Played {
        std::size_t task = 0;
        std::int64_t due = 0;  // when it could start but for its turn, or is to be tried again
        int priority = 0;
        bool is_running = false, is_retry = false, is_due = false;
        std::int64_t begun = 0;
        Attempt attempt = {};
        std::array<std::int64_t, kinds> held = {};  // the gauges when it was due
    };
    struct Actor {
        Task const* task = nullptr;
        std::array<Gauge, kinds> gauges;
        circuit::Circuit circuit;
        queue::Window retried;  // measures what the queue's own decides
        std::size_t next_attempt = 0;
        std::size_t ready = 0;  // at the last look, without those that wait for a time
        bool ended_well = false, is_touched = false;
        TaskReport report;
    };
    struct Happening {
        std::int64_t at;
        std::uint64_t what;  // a job or a task
        bool operator>(Happening const& other) const {
            return at != other.at ? at > other.at : what > other.what;
        }
    };
    using Soonest = std::priority_queue<Happening, std::vector<Happening>, std::greater<>>;

    Instant instant(std::int64_t at) const { return Instant(std::chrono::seconds(at - from_)); }
    std::int64_t seconds(Instant) const;
    void touch(std::size_t task);
    void note_due(Played&, std::int64_t now);
    void take_out(queue::Id, std::int64_t now);
    void end_attempt(queue::Id, std::int64_t now);
    void step_circuit(std::size_t task, circuit::Happening const&, std::int64_t now);
    void note_end(std::size_t task, bool is_good);
    void look_at_needs(std::size_t task, std::int64_t now);
    void look_at_hours(std::size_t task, std::int64_t now);
    void begin(queue::Start const&, std::int64_t now);
    void note_holds(Played const&, std::int64_t now);
    void note_wait(Played const&, std::int64_t now);
    PriorityReport& level(int priority);
    Attempt next_attempt(Actor&);
    void look_at_depths(std::int64_t now);

    std::vector<Task> const& tasks_;
    std::int64_t from_;
    queue::Queue queue_;
    std::vector<Actor> actors_;
    std::vector<std::vector<std::size_t>> needers_;  // of each task: those that need it
    std::unordered_map<queue::Id, Played> jobs_;
    queue::Id last_id_ = 0;
    Soonest endings_, dues_;                // of jobs
    Soonest hour_looks_, circuit_looks_;    // at tasks
    std::optional<std::int64_t> deadline_;  // the queue's
    std::vector<Ended> ended_;
    std::vector<std::size_t> needs_looks_;
    std::vector<std::size_t> touched_;
    std::mt19937_64 random_{1};  // the same for the same question
    Minutes minutes_;
    Shelf shelf_;
    Depths depths_;
    std::map<int, PriorityReport, std::greater<>> levels_;
    std::size_t retries_ = 0, ready_ = 0, running_ = 0;
    std::uint64_t cost_ = 0, groups_ = 0, needy_ = 0;  // needy_: those that wait and share
};

}  // namespace lares::simulate
