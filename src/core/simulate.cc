// core/simulate.cc: things happen in order of time: a job ends, closed hours are over, one is tried
// again, a job is due.

#include "core/simulate.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <random>

#include "core/agenda.h"
#include "core/queue_window.h"
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

/// A job, and how it has fared so far.
struct Job {
    std::int64_t at = 0;  // when it was due, or is to be tried again
    int errors = 0, crashes = 0;
};

struct Running {
    std::uint64_t number = 0;
    std::int64_t begun = 0;
    Job job;
    Attempt attempt;
};

/// One task while it is played.
struct Actor {
    Task const* task = nullptr;
    std::deque<Job> ready;
    std::vector<Running> running;
    std::map<std::uint64_t, Job> retrying;  // by number of the attempt that failed
    std::vector<std::int64_t> arrivals;     // sorted
    std::size_t next_arrival = 0, next_attempt = 0;
    std::int64_t tick = -1;   // when `every` brings the next one
    std::int64_t opens = -1;  // when it looks again: closed hours, a rate; -1: it need not
    queue::Window starts;     // for its rate
    bool ended_well = false;
    std::vector<std::vector<bool>> seen;  // of each `after`: which others have ended
    TaskReport report;

    bool is_busy() const { return !ready.empty() || !running.empty() || !retrying.empty(); }
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
        : tasks_(tasks),
          from_(from),
          until_(until),
          followers_(tasks.size()),
          needers_(tasks.size()),
          shelf_(resources) {
        for (Task const& task : tasks) add(task);
    }

    bool play(std::size_t most) {
        while (true) {
            std::int64_t const due = next_due(), end = next_of(endings_), open = next_of(openings_),
                               again = next_of(retries_);
            now_ = std::min({due, end, open, again});
            if (now_ > until_) return true;
            // At the same instant ends come first: a worker that is free takes the next job.
            if (end == now_) {
                if (offers_ > most) return false;  // jobs that bring each other at one instant
                take_ending();
            } else if (open == now_) {
                take_opening();
            } else if (again == now_) {
                // Every attempt counts: one that fails at once and is tried at once never ends.
                if (++retried_ > most) return false;
                take_retry();
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
            for (Running const& one : actor.running) account(actor, one.begun, until_);
            actor.report.left = actor.ready.size() + actor.retrying.size();
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
        actor.ended_well = task.ended_well;
        for (std::size_t const other : task.needs) needers_.at(other).push_back(index);
        actor.arrivals = task.arrivals;
        std::ranges::sort(actor.arrivals);
        actor.next_arrival =
            std::size_t(std::ranges::upper_bound(actor.arrivals, from_) - actor.arrivals.begin());
        add_arrival(index);
        if (task.every > 0) set_tick(index, from_ + task.every);
        for (std::size_t i = 0; i < task.after.size(); ++i) {
            actor.seen.emplace_back(task.after[i].others.size());
            for (After::Other const& other : task.after[i].others)
                followers_.at(other.task).push_back({index, i});
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
        enter(index, {.at = now_});
        return true;
    }

    void enter(std::size_t index, Job job) {
        Actor& actor = actors_[index];
        actor.ready.push_back(job);
        ++ready_;
        start_what_can(index);
        if (actor.ready.size() > actor.report.greatest_depth) {
            actor.report.greatest_depth = actor.ready.size();
            actor.report.greatest_depth_at = now_;
        }
    }

    void account(Actor& actor, std::int64_t begun, std::int64_t ended) {
        actor.report.busy += ended - begun;
        shelf_.give(actor.task->resources, ended - begun);
    }

    /// The new job takes the place of all others; their endings are forgotten when they come.
    void replace(Actor& actor) {
        actor.report.replaced +=
            std::int64_t(actor.ready.size() + actor.running.size() + actor.retrying.size());
        for (Running const& one : actor.running) account(actor, one.begun, now_);
        ready_ -= actor.ready.size();
        running_ -= actor.running.size();
        actor.ready.clear();
        actor.running.clear();
        actor.retrying.clear();
    }

    void start_what_can(std::size_t index) {
        if (!actors_[index].task->resources.empty()) return start_sharers();
        while (can_start(index)) start(index);
    }

    bool can_start(std::size_t index) {
        Actor& actor = actors_[index];
        if (actor.ready.empty() || actor.running.size() >= actor.places()) return false;
        auto const is_well = [this](std::size_t other) { return actors_[other].ended_well; };
        // Looked at again when one of them has ended.
        if (!std::ranges::all_of(actor.task->needs, is_well)) return false;
        std::int64_t const opens = opens_at(actor);
        if (opens <= now_) return true;
        if (actor.opens != opens) openings_.push({opens, index, 0});
        actor.opens = opens;
        return false;
    }

    /// When closed hours and the rate let one more start.
    std::int64_t opens_at(Actor& actor) const {
        std::int64_t at = actor.task->opens ? actor.task->opens(now_) : now_;
        if (!queue::is_limit(actor.task->rate)) return at;
        auto const free = actor.starts.free_at(actor.task->rate, instant(now_));
        return std::max(at,
                        std::chrono::ceil<std::chrono::seconds>(free.time_since_epoch()).count());
    }
    static Instant instant(std::int64_t at) { return Instant(std::chrono::seconds(at)); }

    /// Those that use resources, whoever waits longest first.
    void start_sharers() {
        std::vector<std::size_t> waiting;
        for (std::size_t i = 0; i < actors_.size(); ++i)
            if (!actors_[i].task->resources.empty() && !actors_[i].ready.empty())
                waiting.push_back(i);
        std::ranges::stable_sort(
            waiting, {}, [this](std::size_t index) { return actors_[index].ready.front().at; });
        Resources kept;
        for (std::size_t const index : waiting) {
            auto const& need = actors_[index].task->resources;
            while (can_start(index) && shelf_.fits(need, kept)) start(index);
            if (can_start(index)) shelf_.keep(need, kept);
        }
    }

    void start(std::size_t index) {
        Actor& actor = actors_[index];
        Job const job = actor.ready.front();
        std::int64_t const wait = now_ - job.at;
        actor.ready.pop_front();
        TaskReport& report = actor.report;
        ++report.started;
        report.late += wait > 0;
        report.total_wait += wait;
        if (wait > report.greatest_wait) {
            report.greatest_wait = wait;
            report.greatest_wait_at = now_ - wait;
        }
        Attempt const attempt = next_attempt(actor);
        actor.running.push_back({++jobs_, now_, job, attempt});
        if (queue::is_limit(actor.task->rate)) actor.starts.note(actor.task->rate, instant(now_));
        --ready_;
        ++running_;
        shelf_.take(actor.task->resources);
        minutes_.note(now_, index);
        endings_.push({now_ + attempt.seconds, index, jobs_});
    }

    Attempt next_attempt(Actor& actor) {
        auto const& past = actor.task->attempts;
        Attempt attempt;
        if (!past.empty()) attempt = past[actor.next_attempt++ % past.size()];
        attempt.seconds = std::max<std::int64_t>(0, attempt.seconds);
        if (!actor.task->failing) return attempt;
        bool const fails = double(random_() % 1'000'000) < *actor.task->failing * 1'000'000;
        // What fails by a stated share is what would be tried again.
        auto const& codes = actor.task->retry.on_codes;
        attempt.how = fails ? Attempt::How::error : Attempt::How::good;
        attempt.code = !fails ? 0 : codes.empty() ? 1 : codes.front();
        return attempt;
    }

    void take_ending() {
        Ending const ending = endings_.top();
        endings_.pop();
        Actor& actor = actors_[ending.task];
        auto const found = std::ranges::find(actor.running, ending.job, &Running::number);
        if (found == actor.running.end()) return;  // it was replaced
        Running const ended = *found;
        account(actor, ended.begun, now_);
        actor.running.erase(found);
        --running_;
        bool const is_good = ended.attempt.how == Attempt::How::good;
        if (!is_good && is_tried_again(ending.task, ended)) return start_what_can(ending.task);
        end_job(ending.task, is_good);
    }

    /// As queue::Queue::end().
    bool is_tried_again(std::size_t index, Running const& ended) {
        Actor& actor = actors_[index];
        queue::Retry const& retry = actor.task->retry;
        Job job = ended.job;
        ++actor.report.failed;
        ++job.errors;
        bool const is_crash = ended.attempt.how == Attempt::How::crash;
        if (is_crash) ++job.crashes;
        bool const is_poison =
            is_crash && actor.task->poison_after > 0 && job.crashes >= actor.task->poison_after;
        bool const is_retried =
            ended.attempt.how != Attempt::How::error || retry.on_codes.empty() ||
            std::ranges::find(retry.on_codes, ended.attempt.code) != retry.on_codes.end();
        bool const is_used_up = retry.retries >= 0 && job.errors > retry.retries;
        if (is_poison || !is_retried || is_used_up) return false;
        auto const wait = queue::backoff(retry, job.errors, unsigned(random_()));
        job.at = now_ + std::chrono::ceil<std::chrono::seconds>(wait).count();
        actor.retrying.emplace(ended.number, job);
        retries_.push({job.at, index, ended.number});
        return true;
    }

    void take_retry() {
        Ending const due = retries_.top();
        retries_.pop();
        auto found = actors_[due.task].retrying.extract(due.job);
        if (!found.empty()) enter(due.task, found.mapped());  // else it was replaced
    }

    void end_job(std::size_t index, bool is_good) {
        Actor& actor = actors_[index];
        actor.ended_well = is_good;
        actor.report.dead += !is_good;
        if (actor.task->every > 0 && actor.task->every_from_end)
            set_tick(index, now_ + actor.task->every);
        start_what_can(index);
        for (auto const& [follower, which] : followers_[index])
            note_end(follower, which, index, is_good);
        if (is_good)
            for (std::size_t const other : needers_[index]) start_what_can(other);
    }

    void note_end(std::size_t follower, std::size_t which, std::size_t other, bool is_good) {
        using On = After::On;
        After const& after = actors_[follower].task->after[which];
        std::vector<bool>& seen = actors_[follower].seen[which];
        bool is_meant = false;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            auto const& [task, on] = after.others[i];
            if (task != other || (on != On::any && (on == On::success) != is_good)) continue;
            seen[i] = is_meant = true;
        }
        if (!is_meant) return;
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
    std::vector<std::vector<Follower>> followers_;   // of each task
    std::vector<std::vector<std::size_t>> needers_;  // of each task: those that need it
    schedule::Agenda agenda_;
    std::vector<Key> keys_;
    Soonest endings_, arrivals_, ticks_, openings_, retries_;
    std::mt19937_64 random_{1};  // the same for the same question
    Minutes minutes_;
    Shelf shelf_;
    std::size_t offers_ = 0, retried_ = 0;
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
