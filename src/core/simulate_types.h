// core/simulate_types.h: what a simulation is given and what it tells, as values. Part of
// core/simulate.h.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/past.h"
#include "core/queue.h"
#include "core/schedule.h"
#include "core/simulate_crowd.h"

namespace lares::simulate {

struct Schedule {
    text::Cron cron;
    std::shared_ptr<schedule::Zone const> zone;
    std::int32_t delay = 0;  // jitter, in seconds
    /// Whether a due instant counts: a calendar of holidays. None: all do.
    std::function<bool(std::int64_t due)> counts = {};
};

/// A job when those others have ended: all of them since the last time, or any one.
struct After {
    enum class On { success, failure, any };
    struct Other {
        std::size_t task = 0;  // place in the list of tasks
        On on = On::success;
    };
    std::vector<Other> others;
    bool any_of = false;
};

/// Whether a task's closed hours hold it, at one instant.
struct Hours {
    std::optional<std::int64_t> closed_for;  // seconds; none: it may start
    std::int64_t next_begin = 0;             // seconds until some begin
};

/// Due times that passed while the task was full and waited for room (`queue_max`, when full:
/// wait).
struct Catchup {
    /// How many of so many bring a job all the same: the newest. None: all.
    std::function<std::size_t(std::size_t missed)> made_up = {};
    std::int64_t gap = 0;  // seconds between them
};

struct Task {
    std::string name;
    std::vector<Schedule> schedules;
    schedule::Dst dst = schedule::Dst::vixie;
    std::int64_t every = 0;  // seconds; 0: not
    bool every_from_end = false;
    Catchup catchup = {};
    std::vector<After> after;
    std::vector<Arrival> arrivals;  // what something else brought
    std::vector<Attempt> attempts;  // used in turn, again and again; none: 0 s, and good
    /// Of attempts, the share that fails, in place of how those of the past went.
    std::optional<double> failing = {};
    std::vector<std::size_t> needs;  // tasks whose last job must have ended well
    bool ended_well = false;         // its own last job of the past did
    /// As the queue takes them; `task` is set from `name`.
    queue::Rules rules = {};
    int priority = 0;      // of its jobs
    std::string key = {};  // unique: of jobs that clocks and other tasks' ends bring; empty: none
    /// What clocks bring is refused: its payload lacks what the task must have.
    bool refuses_clocks = false;
    int circuit = 0;  // different jobs failed in a row: it pauses; 0: never
    /// None: it has no closed hours.
    std::function<Hours(std::int64_t at)> hours = {};
};

/// How one rule has held jobs up that could have started but for it, or for what else held them.
struct Hold {
    std::int64_t jobs = 0;                 // attempts
    std::int64_t total = 0, greatest = 0;  // seconds, of all and of one
    bool operator==(Hold const&) const = default;
};

struct TaskReport {
    std::string name;
    std::int64_t due = 0, started = 0, skipped = 0, replaced = 0, refused = 0;
    std::int64_t duplicates = 0;            // refused by unique: a live job had the key
    std::int64_t stood_back = 0;            // came while it was full, and waited for room
    std::int64_t missed = 0;                // due times that passed meanwhile and brought no job
    Hold hours, needs, circuit, budget;     // closed, unmet, open, used up for retries
    std::int64_t opened = 0, open_for = 0;  // its circuit: how often, and seconds in all
    std::int64_t failed = 0;                // attempts; `started` counts attempts as well
    std::int64_t dead = 0;                  // jobs: their retries used up, or parked
    std::int64_t busy = 0;           // seconds of work done within the span, all workers together
    std::int64_t overlaps = 0;       // jobs that were due while one of the task ran or waited
    std::int64_t late = 0;           // jobs that waited at all
    std::int64_t greatest_wait = 0;  // seconds
    std::int64_t greatest_wait_at = 0;  // when that job was due
    std::int64_t total_wait = 0;        // seconds, of all that started
    std::size_t greatest_depth = 0;     // ready ones
    std::int64_t greatest_depth_at = 0;
    std::size_t left = 0;  // ready at the end: it does not keep up
    bool operator==(TaskReport const&) const = default;
};

/// All attempts of jobs of one priority, of all tasks.
struct PriorityReport {
    int priority = 0;
    std::int64_t started = 0, late = 0, total_wait = 0, greatest_wait = 0;
    std::int64_t greatest_wait_at = 0;  // when that job was due
    std::size_t task = 0;               // whose it was
    bool operator==(PriorityReport const&) const = default;
};

struct Report {
    std::int64_t from = 0, until = 0;
    std::vector<TaskReport> tasks;  // in the order given
    /// The highest first. Of more than 1,000 different ones the last are counted with the nearest.
    std::vector<PriorityReport> priorities;
    /// Of all tasks together, whenever it changed; of a long run the deepest of each slice.
    std::vector<Depth> depth;
    std::vector<Collision> collisions;   // the most frequent first, of at most 1,000 sets of tasks
    std::int64_t collision_minutes = 0;  // of all sets
    std::vector<ResourceReport> resources;
    bool cut = false;               // `most` was reached, and the rest was not played
    std::int64_t played_until = 0;  // `until`, or where it was cut
};

}  // namespace lares::simulate
