// core/simulate.cc: two kinds of things happen: a job is due, a job ends. The earlier one is next.

#include "core/simulate.h"

#include <algorithm>
#include <deque>
#include <queue>

#include "core/agenda.h"

namespace lares::simulate {

namespace {

using queue::Overlap;

constexpr std::int64_t never = INT64_MAX;

struct Ending {
    std::int64_t at;
    std::size_t task;
    std::uint64_t job;
    bool operator>(Ending const& other) const {
        return at != other.at ? at > other.at : job > other.job;
    }
};

/// One task while it is played.
struct Actor {
    Task const* task = nullptr;
    std::deque<std::int64_t> ready;      // when each was due
    std::vector<std::uint64_t> running;  // jobs
    std::vector<std::int64_t> begun;     // of running, same order
    std::vector<std::int64_t> arrivals;  // sorted
    std::size_t next_arrival = 0, next_duration = 0;
    TaskReport report;

    bool is_busy() const { return !ready.empty() || !running.empty(); }
    std::size_t places() const {
        int const workers = std::max(1, task->workers);
        return std::size_t(task->overlap == Overlap::parallel && task->parallel > 0 ? task->parallel
                           : task->overlap == Overlap::parallel                     ? workers
                           : task->overlap == Overlap::queue                        ? workers
                                                                                    : 1);
    }
};

class Stage {
public:
    Stage(std::vector<Task> const& tasks, std::int64_t from, std::int64_t until) : until_(until) {
        for (Task const& task : tasks) add(task, from);
    }

    bool play(std::size_t most) {
        std::size_t jobs = 0;
        while (true) {
            std::int64_t const due = next_due(), end = next_ending();
            if (std::min(due, end) > until_) return true;
            now_ = std::min(due, end);
            // At the same instant ends come first: a worker that is free takes the next job.
            if (end <= due) {
                take_ending();
            } else {
                if (jobs++ == most) return false;
                take_due();
            }
            note_depth();
        }
    }

    Report finish(std::size_t points) {
        Report report;
        for (Actor& actor : actors_) {
            for (std::int64_t const begun : actor.begun) actor.report.busy += until_ - begun;
            actor.report.left = actor.ready.size();
            report.tasks.push_back(std::move(actor.report));
        }
        report.depth = thinned(points);
        return report;
    }

private:
    void add(Task const& task, std::int64_t from) {
        std::size_t const index = actors_.size();
        Actor& actor = actors_.emplace_back();
        actor.task = &task;
        actor.report.name = task.name;
        actor.arrivals = task.arrivals;
        std::ranges::sort(actor.arrivals);
        actor.next_arrival =
            std::size_t(std::ranges::upper_bound(actor.arrivals, from) - actor.arrivals.begin());
        add_arrival(index);
        for (Schedule const& line : task.schedules) {
            keys_.push_back(index);
            agenda_.put(keys_.size() - 1, {line.cron, line.zone, task.dst, line.delay},
                        from - line.delay);
        }
    }
    void add_arrival(std::size_t index) {
        Actor const& actor = actors_[index];
        if (actor.next_arrival < actor.arrivals.size())
            arrivals_.push({actor.arrivals[actor.next_arrival], index, 0});
    }

    std::int64_t next_due() const {
        std::int64_t const scheduled = agenda_.earliest().value_or(never);
        return arrivals_.empty() ? scheduled : std::min(scheduled, arrivals_.top().at);
    }
    std::int64_t next_ending() const { return endings_.empty() ? never : endings_.top().at; }

    void take_due() {
        if (!arrivals_.empty() && arrivals_.top().at == now_) {
            std::size_t const index = arrivals_.top().task;
            arrivals_.pop();
            ++actors_[index].next_arrival;
            add_arrival(index);
            return offer(index);
        }
        offer(keys_[agenda_.take_due(now_, 1).front().key]);
    }

    void offer(std::size_t index) {
        Actor& actor = actors_[index];
        ++actor.report.due;
        if (actor.is_busy()) {
            ++actor.report.overlaps;
            if (actor.task->overlap == Overlap::skip) {
                ++actor.report.skipped;
                return;
            }
            if (actor.task->overlap == Overlap::replace) replace(actor);
        }
        if (actor.ready.size() >= actor.task->queue_max) {
            ++actor.report.refused;
            return;
        }
        actor.ready.push_back(now_);
        ++ready_;
        start_what_can(index);
        if (actor.ready.size() > actor.report.greatest_depth) {
            actor.report.greatest_depth = actor.ready.size();
            actor.report.greatest_depth_at = now_;
        }
    }

    /// The new job takes the place of all others; their endings are forgotten when they come.
    void replace(Actor& actor) {
        actor.report.replaced += std::int64_t(actor.ready.size() + actor.running.size());
        for (std::int64_t const begun : actor.begun) actor.report.busy += now_ - begun;
        ready_ -= actor.ready.size();
        running_ -= actor.running.size();
        actor.ready.clear();
        actor.running.clear();
        actor.begun.clear();
    }

    void start_what_can(std::size_t index) {
        Actor& actor = actors_[index];
        while (!actor.ready.empty() && actor.running.size() < actor.places()) {
            std::int64_t const wait = now_ - actor.ready.front();
            actor.ready.pop_front();
            TaskReport& report = actor.report;
            ++report.started;
            report.late += wait > 0;
            report.total_wait += wait;
            if (wait > report.greatest_wait) {
                report.greatest_wait = wait;
                report.greatest_wait_at = now_ - wait;
            }
            actor.running.push_back(++jobs_);
            actor.begun.push_back(now_);
            --ready_;
            ++running_;
            endings_.push({now_ + duration(actor), index, jobs_});
        }
    }
    static std::int64_t duration(Actor& actor) {
        auto const& past = actor.task->durations;
        if (past.empty()) return 0;
        return std::max<std::int64_t>(0, past[actor.next_duration++ % past.size()]);
    }

    void take_ending() {
        Ending const ending = endings_.top();
        endings_.pop();
        Actor& actor = actors_[ending.task];
        auto const job = std::ranges::find(actor.running, ending.job);
        if (job == actor.running.end()) return;  // it was replaced
        auto const place = job - actor.running.begin();
        actor.report.busy += now_ - actor.begun[std::size_t(place)];
        actor.running.erase(job);
        actor.begun.erase(actor.begun.begin() + place);
        --running_;
        start_what_can(ending.task);
    }

    void note_depth() {
        if (!depth_.empty() && depth_.back().at == now_) depth_.pop_back();
        Depth const depth{now_, ready_, running_};
        if (depth_.empty() || depth_.back().ready != ready_ || depth_.back().running != running_)
            depth_.push_back(depth);
    }

    /// The deepest of each slice of time, so that no peak is lost.
    std::vector<Depth> thinned(std::size_t points) const {
        if (depth_.size() <= points || points == 0) return depth_;
        std::vector<Depth> few;
        std::size_t const slice = (depth_.size() + points - 1) / points;
        for (std::size_t begin = 0; begin < depth_.size(); begin += slice) {
            auto const first = depth_.begin() + std::ptrdiff_t(begin);
            auto const last =
                depth_.begin() + std::ptrdiff_t(std::min(begin + slice, depth_.size()));
            few.push_back(*std::max_element(first, last, [](Depth const& a, Depth const& b) {
                return a.ready != b.ready ? a.ready < b.ready : a.running < b.running;
            }));
        }
        return few;
    }

    using Soonest = std::priority_queue<Ending, std::vector<Ending>, std::greater<>>;

    std::int64_t until_, now_ = 0;
    std::vector<Actor> actors_;
    schedule::Agenda agenda_;
    std::vector<std::size_t> keys_;  // task of each schedule
    Soonest endings_, arrivals_;
    std::uint64_t jobs_ = 0;
    std::size_t ready_ = 0, running_ = 0;
    std::vector<Depth> depth_;
};

}  // namespace

Report simulate(std::vector<Task> const& tasks, std::int64_t from, int days, std::size_t most,
                std::size_t points) {
    Stage stage(tasks, from, from + std::int64_t(days) * 86'400);
    bool const whole = stage.play(most);
    Report report = stage.finish(points);
    report.cut = !whole;
    return report;
}

}  // namespace lares::simulate
