// core/simulate.cc: things happen in order of time: a job ends, closed hours are over, a job is
// due.

#include "core/simulate.h"

#include <algorithm>
#include <deque>
#include <queue>

#include "core/agenda.h"
#include "core/simulate_crowd.h"

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
    std::int64_t tick = -1;   // when `every` brings the next one
    std::int64_t opens = -1;  // when it looks again, after closed hours; -1: it need not
    std::vector<std::vector<bool>> seen;  // of each `after`: which others have ended
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
    Stage(std::vector<Task> const& tasks, std::int64_t from, std::int64_t until,
          Resources const& resources)
        : tasks_(tasks), from_(from), until_(until), followers_(tasks.size()), shelf_(resources) {
        for (Task const& task : tasks) add(task);
    }

    bool play(std::size_t most) {
        while (true) {
            std::int64_t const due = next_due(), end = next_of(endings_), open = next_of(openings_);
            now_ = std::min({due, end, open});
            if (now_ > until_) return true;
            // At the same instant ends come first: a worker that is free takes the next job.
            if (end == now_) {
                if (offers_ > most) return false;  // jobs that bring each other at one instant
                take_ending();
            } else if (open == now_) {
                take_opening();
            } else {
                if (offers_ >= most) return false;
                take_due();
            }
            note_depth();
        }
    }

    Report finish(std::size_t points) {
        Report report{.from = from_, .until = until_};
        std::vector<std::string> names;
        for (Task const& task : tasks_) names.push_back(task.name);
        for (Actor& actor : actors_) {
            for (std::int64_t const begun : actor.begun) account(actor, begun, until_);
            actor.report.left = actor.ready.size();
            report.tasks.push_back(std::move(actor.report));
        }
        report.depth = thinned(points);
        report.collisions = minutes_.finish(names);
        report.collision_minutes = minutes_.total();
        report.resources = shelf_.reports();
        return report;
    }

private:
    void add(Task const& task) {
        std::size_t const index = actors_.size();
        Actor& actor = actors_.emplace_back();
        actor.task = &task;
        actor.report.name = task.name;
        actor.arrivals = task.arrivals;
        std::ranges::sort(actor.arrivals);
        actor.next_arrival =
            std::size_t(std::ranges::upper_bound(actor.arrivals, from_) - actor.arrivals.begin());
        add_arrival(index);
        if (task.every > 0) set_tick(index, from_ + task.every);
        for (std::size_t i = 0; i < task.after.size(); ++i) {
            actor.seen.emplace_back(task.after[i].others.size());
            for (std::size_t const other : task.after[i].others)
                followers_.at(other).push_back({index, i});
        }
        for (Schedule const& line : task.schedules) {
            keys_.push_back({index, &line});
            agenda_.put(keys_.size() - 1, {line.cron, line.zone, task.dst, line.delay},
                        from_ - line.delay);
        }
    }
    void add_arrival(std::size_t index) {
        Actor const& actor = actors_[index];
        if (actor.next_arrival < actor.arrivals.size())
            arrivals_.push({actor.arrivals[actor.next_arrival], index, 0});
    }

    std::int64_t next_due() const {
        return std::min({agenda_.earliest().value_or(never), next_of(arrivals_), next_of(ticks_)});
    }
    template <typename Soonest>
    static std::int64_t next_of(Soonest const& things) {
        return things.empty() ? never : things.top().at;
    }

    void take_due() {
        if (!arrivals_.empty() && arrivals_.top().at == now_) {
            std::size_t const index = arrivals_.top().task;
            arrivals_.pop();
            ++actors_[index].next_arrival;
            add_arrival(index);
            (void)offer(index);
            return;
        }
        if (!ticks_.empty() && ticks_.top().at == now_) return take_tick();
        auto const taken = agenda_.take_due(now_, 1).front();
        auto const [index, line] = keys_[taken.key];
        if (!line->counts || line->counts(taken.due.at)) (void)offer(index);
    }

    void take_tick() {
        std::size_t const index = ticks_.top().task;
        ticks_.pop();
        if (actors_[index].tick != now_) return;  // it was set anew by an end
        Task const& task = *actors_[index].task;
        bool const came = offer(index);
        // From the end: the job's end sets the next one, if there is a job.
        if (!task.every_from_end || !came) set_tick(index, now_ + task.every);
    }
    void set_tick(std::size_t index, std::int64_t at) {
        actors_[index].tick = at;
        ticks_.push({at, index, 0});
    }

    /// Whether a job came of it.
    bool offer(std::size_t index) {
        Actor& actor = actors_[index];
        ++offers_;
        ++actor.report.due;
        if (actor.is_busy()) {
            ++actor.report.overlaps;
            if (actor.task->overlap == Overlap::skip) {
                ++actor.report.skipped;
                return false;
            }
            if (actor.task->overlap == Overlap::replace) replace(actor);
        }
        if (actor.ready.size() >= actor.task->queue_max) {
            ++actor.report.refused;
            return false;
        }
        actor.ready.push_back(now_);
        ++ready_;
        start_what_can(index);
        if (actor.ready.size() > actor.report.greatest_depth) {
            actor.report.greatest_depth = actor.ready.size();
            actor.report.greatest_depth_at = now_;
        }
        return true;
    }

    void account(Actor& actor, std::int64_t begun, std::int64_t ended) {
        actor.report.busy += ended - begun;
        shelf_.give(actor.task->resources, ended - begun);
    }

    /// The new job takes the place of all others; their endings are forgotten when they come.
    void replace(Actor& actor) {
        actor.report.replaced += std::int64_t(actor.ready.size() + actor.running.size());
        for (std::int64_t const begun : actor.begun) account(actor, begun, now_);
        ready_ -= actor.ready.size();
        running_ -= actor.running.size();
        actor.ready.clear();
        actor.running.clear();
        actor.begun.clear();
    }

    void start_what_can(std::size_t index) {
        if (!actors_[index].task->resources.empty()) return start_sharers();
        while (can_start(index)) start(index);
    }

    bool can_start(std::size_t index) {
        Actor& actor = actors_[index];
        if (actor.ready.empty() || actor.running.size() >= actor.places()) return false;
        if (!actor.task->opens) return true;
        std::int64_t const opens = actor.task->opens(now_);
        if (opens <= now_) return true;
        if (actor.opens != opens) openings_.push({opens, index, 0});
        actor.opens = opens;
        return false;
    }

    /// Those that use resources, whoever waits longest first.
    void start_sharers() {
        std::vector<std::size_t> waiting;
        for (std::size_t i = 0; i < actors_.size(); ++i)
            if (!actors_[i].task->resources.empty() && !actors_[i].ready.empty())
                waiting.push_back(i);
        std::ranges::stable_sort(
            waiting, {}, [this](std::size_t index) { return actors_[index].ready.front(); });
        Resources kept;
        for (std::size_t const index : waiting) {
            auto const& need = actors_[index].task->resources;
            while (can_start(index) && shelf_.fits(need, kept)) start(index);
            if (can_start(index)) shelf_.keep(need, kept);
        }
    }

    void start(std::size_t index) {
        Actor& actor = actors_[index];
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
        shelf_.take(actor.task->resources);
        minutes_.note(now_, index);
        endings_.push({now_ + duration(actor), index, jobs_});
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
        account(actor, actor.begun[std::size_t(place)], now_);
        actor.running.erase(job);
        actor.begun.erase(actor.begun.begin() + place);
        --running_;
        if (actor.task->every > 0 && actor.task->every_from_end)
            set_tick(ending.task, now_ + actor.task->every);
        start_what_can(ending.task);
        for (auto const& [follower, which] : followers_[ending.task])
            note_end(follower, which, ending.task);
    }

    void note_end(std::size_t follower, std::size_t which, std::size_t other) {
        After const& after = actors_[follower].task->after[which];
        std::vector<bool>& seen = actors_[follower].seen[which];
        for (std::size_t i = 0; i < seen.size(); ++i)
            if (after.others[i] == other) seen[i] = true;
        bool const all = std::ranges::find(seen, false) == seen.end();
        if (!after.any_of && !all) return;
        seen.assign(seen.size(), false);
        offer(follower);
    }

    void take_opening() {
        std::size_t const index = openings_.top().task;
        openings_.pop();
        actors_[index].opens = -1;
        start_what_can(index);
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

    struct Follower {
        std::size_t task, which;  // of its `after`
    };
    struct Key {
        std::size_t task;
        Schedule const* line;
    };

    std::vector<Task> const& tasks_;
    std::int64_t from_, until_, now_ = 0;
    std::vector<Actor> actors_;
    std::vector<std::vector<Follower>> followers_;  // of each task
    schedule::Agenda agenda_;
    std::vector<Key> keys_;
    Soonest endings_, arrivals_, ticks_, openings_;
    Minutes minutes_;
    Shelf shelf_;
    std::size_t offers_ = 0;
    std::uint64_t jobs_ = 0;
    std::size_t ready_ = 0, running_ = 0;
    std::vector<Depth> depth_;
};

}  // namespace

Report simulate(std::vector<Task> const& tasks, std::int64_t from, int days, std::size_t most,
                std::size_t points, Resources const& resources) {
    Stage stage(tasks, from, from + std::int64_t(days) * 86'400, resources);
    bool const whole = stage.play(most);
    Report report = stage.finish(points);
    report.cut = !whole;
    return report;
}

}  // namespace lares::simulate
