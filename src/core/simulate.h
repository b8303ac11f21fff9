// core/simulate.h: the clocks of a configuration, played on a virtual clock: what will overlap,
// wait and come late.
//
// Pure. It backs `lares simulate FILE --days 30`: schedules, arrivals and durations of the past go
// in, and every job's start and end come out as figures a task. Overlap, workers, queue_max, rate,
// retries, poison_after and resources mean what they mean in core/queue.h; attempts fail as they
// did in the past, or by a stated share. Priorities, retry budgets, unique keys and circuits are
// left out.

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

struct Task {
    std::string name;
    std::vector<Schedule> schedules;
    schedule::Dst dst = schedule::Dst::vixie;
    std::int64_t every = 0;  // seconds; 0: not
    bool every_from_end = false;
    std::vector<After> after;
    std::vector<std::int64_t> arrivals;  // instants at which something else brought a job
    std::vector<Attempt> attempts;       // used in turn, again and again; none: 0 s, and good
    /// Of attempts, the share that fails, in place of how those of the past went.
    std::optional<double> failing = {};
    queue::Retry retry = {};
    int poison_after = 0;            // crashes of one job; 0: never
    queue::Rate rate = {};           // of starts
    std::vector<std::size_t> needs;  // tasks whose last job must have ended well
    bool ended_well = false;         // its own last job of the past did
    int workers = 1;
    queue::Overlap overlap = queue::Overlap::queue;
    int parallel = 0;
    std::size_t queue_max = 10'000;
    std::map<std::string, int> resources;
    /// The first instant from the given one on at which a job may start: closed hours. None: any.
    std::function<std::int64_t(std::int64_t)> opens = {};
};

/// At one instant.
struct Depth {
    std::int64_t at = 0;
    std::size_t ready = 0, running = 0;
    bool operator==(Depth const&) const = default;
};

struct TaskReport {
    std::string name;
    std::int64_t due = 0, started = 0, skipped = 0, replaced = 0, refused = 0;
    std::int64_t failed = 0;         // attempts; `started` counts attempts as well
    std::int64_t dead = 0;           // jobs: their retries used up, or parked
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

struct Report {
    std::int64_t from = 0, until = 0;
    std::vector<TaskReport> tasks;  // in the order given
    /// Of all tasks together, whenever it changed; of a long run the deepest of each slice.
    std::vector<Depth> depth;
    std::vector<Collision> collisions;   // the most frequent first, of at most 1,000 sets of tasks
    std::int64_t collision_minutes = 0;  // of all sets
    std::vector<ResourceReport> resources;
    bool cut = false;  // `most` jobs were reached, and the rest was not played
};

/// From `from` (exclusive) for `days` days; ends after `most` jobs. `points`: at most so many of
/// Report::depth, two or more.
Report simulate(std::vector<Task> const& tasks, std::int64_t from, int days,
                std::size_t most = 1'000'000, std::size_t points = 1'000,
                Resources const& resources = {});

}  // namespace lares::simulate
