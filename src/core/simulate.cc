// core/simulate.cc: what brings jobs, and time: things happen in the order of their instants, and
// those of one instant as in one turn of the daemon: ends, gates, what is due, then who starts.

#include "core/simulate.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <utility>

#include "core/agenda.h"
#include "core/simulate_shop.h"

namespace lares::simulate {

namespace {

/// Due times that are made up for at once at most, as in the daemon.
constexpr std::size_t most_missed = 10'000;
/// A due time that is found no later than this is on time, as in the daemon.
constexpr std::int64_t on_time = 60;
/// What brings one task jobs.
struct Source {
    Task const* task = nullptr;
    std::vector<Arrival> arrivals;  // sorted
    std::size_t next_arrival = 0;
    std::deque<Arrival> outside;          // files that wait for room
    std::int64_t tick = -1;               // when `every` brings the next one
    std::vector<std::vector<bool>> seen;  // of each `after`: which others have ended
};

class Stage {
public:
    Stage(std::vector<Task> const& tasks, std::int64_t from, std::int64_t until, std::size_t most,
          Resources const& resources, std::uint64_t most_cost)
        : tasks_(tasks),
          from_(from),
          until_(until),
          most_(most),
          most_cost_(most_cost),
          followers_(tasks.size()),
          shop_(tasks, resources, from) {
        for (Task const& task : tasks) add(task);
    }

    Report play(std::size_t points) {
        Report report;
        report.from = from_;
        report.until = report.played_until = until_;
        now_ = from_;
        while (!report.cut) {
            std::int64_t const next = std::min(next_due(), shop_.next());
            if (next > until_) break;
            now_ = std::max(now_, next);
            report.cut = !play_instant();
        }
        if (report.cut) report.played_until = now_;
        now_ = report.played_until;
        count_outside();
        shop_.finish(report.played_until, points, report);
        return report;
    }

private:
    /// False: it is enough. What brings itself anew at one instant ends with that as well.
    bool play_instant() {
        bool is_again = false;
        do {
            shop_.take_due(now_);
            follow();
            while (next_due() <= now_) {
                if (offers_ >= most_) return false;
                take_due();
                follow();
            }
            shop_.start(now_);
            is_again = offer_again();
            cost_ += waiting_.size();
            bool const is_enough =
                offers_ > most_ || shop_.retries() > most_ || shop_.cost() + cost_ > most_cost_;
            if (is_enough) return false;
        } while (is_again || shop_.next() <= now_);
        return true;
    }

    void add(Task const& task) {
        std::size_t const index = sources_.size();
        Source& source = sources_.emplace_back();
        source.task = &task;
        source.arrivals = task.arrivals;
        std::ranges::stable_sort(source.arrivals, {}, &Arrival::at);
        source.next_arrival =
            std::size_t(std::ranges::upper_bound(source.arrivals, from_, {}, &Arrival::at) -
                        source.arrivals.begin());
        add_arrival(index);
        if (task.every > 0) set_tick(index, from_ + task.every);
        for (std::size_t i = 0; i < task.after.size(); ++i) {
            source.seen.emplace_back(task.after[i].others.size());
            for (After::Other const& other : task.after[i].others)
                followers_.at(other.task).push_back({index, i});
        }
        for (Schedule const& line : task.schedules) {
            lines_.push_back({index, &line, from_ - line.delay});
            agenda_.put(lines_.size() - 1, {line.cron, line.zone, task.dst, line.delay},
                        lines_.back().seen);
        }
    }
    void add_arrival(std::size_t index) {
        Source const& source = sources_[index];
        if (source.next_arrival < source.arrivals.size())
            arrivals_.push({source.arrivals[source.next_arrival].at, index});
    }

    std::int64_t next_due() const {
        return std::min({agenda_.earliest().value_or(never), next_of(arrivals_), next_of(ticks_)});
    }

    void take_due() {
        if (next_of(arrivals_) <= now_) return take_arrival();
        if (next_of(ticks_) <= now_) return take_tick();
        auto const taken = agenda_.take_due(now_, 1).front();
        Line& line = lines_[taken.key];
        if (offer_line(line, taken.due.at, 0) != Shop::Taken::stands_back) {
            line.seen = taken.due.at;
            return;
        }
        line.counted = taken.due.at;
        agenda_.rest(taken.key);
        waiting_.push_back(taken.key);
    }

    void take_arrival() {
        std::size_t const index = arrivals_.top().task;
        arrivals_.pop();
        Source& source = sources_[index];
        Arrival const& arrival = source.arrivals[source.next_arrival++];
        add_arrival(index);
        // Files keep their order.
        bool const is_behind = arrival.how == Arrival::How::file && !source.outside.empty();
        if (!is_behind && offer(index, arrival, false) != Shop::Taken::stands_back) return;
        if (is_behind) {
            ++offers_;
            ++shop_.report(index).due;
            ++shop_.report(index).overlaps;
            ++shop_.report(index).stood_back;
        } else {
            outside_.push_back(index);
        }
        source.outside.push_back(arrival);
    }

    Shop::Taken offer(std::size_t index, Arrival const& arrival, bool is_again) {
        offers_ += !is_again;
        return shop_.offer({.task = index,
                            .due = arrival.at,
                            .priority = arrival.priority,
                            .key = arrival.key,
                            .by_clock = arrival.how == Arrival::How::event,
                            .waits_for_room = arrival.how == Arrival::How::file,
                            .has_stood_back = is_again},
                           now_);
    }

    // ---- clocks

    struct Line {
        std::size_t task;
        Schedule const* schedule;
        std::int64_t seen;         // its due times are dealt with up to here
        std::int64_t counted = 0;  // and counted as due up to here, if that is later
    };

    /// A job of a clock.
    Shop::Taken offer_clocked(Shop::Offer offer) {
        ++offers_;
        Task const& task = tasks_[offer.task];
        if (task.refuses_clocks) {
            ++shop_.report(offer.task).due;
            ++shop_.report(offer.task).refused;
            return Shop::Taken::refused;
        }
        offer.by_clock = true;
        offer.key = task.key;
        return shop_.offer(offer, now_);
    }

    Shop::Taken offer_line(Line const& line, std::int64_t due, std::int64_t not_before,
                           bool is_again = false) {
        auto const& counts = line.schedule->counts;
        if (counts && !counts(due)) {
            shop_.report(line.task).due -= is_again;
            return Shop::Taken::refused;
        }
        bool const waits = tasks_[line.task].rules.when_full == queue::WhenFull::wait;
        return offer_clocked({.task = line.task,
                              .due = is_again ? due + line.schedule->delay : now_,
                              .not_before = not_before,
                              .waits_for_room = waits,
                              .has_stood_back = is_again});
    }

    void take_tick() {
        auto const [due, index] = ticks_.top();
        ticks_.pop();
        if (sources_[index].tick != due) return;  // it was set anew by an end
        Task const& task = tasks_[index];
        bool const came = offer_clocked({.task = index, .due = now_}) == Shop::Taken::put;
        // From the end: the job's end sets the next one, if there is a job.
        if (!task.every_from_end || !came) set_tick(index, now_ + task.every);
    }
    void set_tick(std::size_t index, std::int64_t at) {
        sources_[index].tick = at;
        ticks_.push({at, index});
    }

    // ---- what a full task had no room for

    /// Whether any of it found room.
    bool offer_again() {
        bool has_found_room = false;
        for (std::size_t const index : std::exchange(outside_, {})) {
            auto& outside = sources_[index].outside;
            while (!outside.empty() && !shop_.is_full(index)) {
                if (offer(index, outside.front(), true) == Shop::Taken::stands_back) break;
                outside.pop_front();
                has_found_room = true;
            }
            if (!outside.empty()) outside_.push_back(index);
        }
        for (std::uint64_t const key : std::exchange(waiting_, {})) {
            bool const waits_on = shop_.is_full(lines_[key].task) || !catch_up(lines_[key]);
            if (waits_on) {
                waiting_.push_back(key);
                continue;
            }
            has_found_room = true;
            agenda_.recompute(key, lines_[key].seen);
        }
        return has_found_room;
    }

    /// Those that wait for room at the end.
    void count_outside() {
        for (std::size_t const index : outside_)
            shop_.report(index).left += sources_[index].outside.size();
        for (std::uint64_t const key : waiting_) count_due(lines_[key]);
    }

    /// Of a line whose task has been full since; up to now.
    void count_due(Line& line) {
        std::int64_t const now = now_ - line.schedule->delay;
        shop_.report(line.task).due +=
            schedule::count_due(line.schedule->cron, *line.schedule->zone,
                                std::max(line.seen, line.counted), now, tasks_[line.task].dst);
        line.counted = now;
    }

    /// What passed meanwhile. False: it is full again.
    bool catch_up(Line& line) {
        Task const& task = tasks_[line.task];
        std::int64_t const delay = line.schedule->delay;
        auto const missed = schedule::missed(line.schedule->cron, *line.schedule->zone, line.seen,
                                             now_ - delay, most_missed, task.dst);
        auto const& all = missed.newest;
        if (all.empty()) return true;
        cost_ += all.size();
        count_due(line);
        bool const is_on_time = missed.count == 1 && now_ - all.back().at - delay <= on_time;
        bool const takes_all = is_on_time || !task.catchup.made_up;
        std::size_t const wanted = takes_all ? all.size() : task.catchup.made_up(all.size());
        shop_.report(line.task).missed += missed.count - std::int64_t(wanted);
        if (wanted < all.size()) line.seen = all[all.size() - wanted - 1].at;
        std::int64_t not_before = 0;
        for (std::size_t i = all.size() - wanted; i < all.size(); ++i) {
            std::int64_t const at = not_before;
            if (task.catchup.gap > 0) not_before = std::max(now_, not_before) + task.catchup.gap;
            if (offer_line(line, all[i].at, at, true) == Shop::Taken::stands_back) return false;
            line.seen = all[i].at;
        }
        return true;
    }

    // ---- what follows on an end

    void follow() {
        for (auto ended = shop_.take_ended(); !ended.empty(); ended = shop_.take_ended())
            for (Shop::Ended const& one : ended) {
                Task const& task = tasks_[one.task];
                if (task.every > 0 && task.every_from_end) set_tick(one.task, now_ + task.every);
                if (one.is_cancelled || offers_ > most_) continue;
                for (auto const& [follower, which] : followers_[one.task])
                    note_end(follower, which, one);
            }
    }

    void note_end(std::size_t follower, std::size_t which, Shop::Ended const& ended) {
        using On = After::On;
        After const& after = tasks_[follower].after[which];
        std::vector<bool>& seen = sources_[follower].seen[which];
        bool is_meant = false;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            auto const& [task, on] = after.others[i];
            if (task != ended.task || (on != On::any && (on == On::success) != ended.is_good))
                continue;
            seen[i] = is_meant = true;
        }
        if (!is_meant) return;
        bool const all = std::ranges::find(seen, false) == seen.end();
        if (!after.any_of && !all) return;
        seen.assign(seen.size(), false);
        ++offers_;
        (void)shop_.offer({.task = follower,
                           .due = now_,
                           .key = tasks_[follower].key,
                           .by_clock = true,
                           .is_taken_when_full = true},
                          now_);
    }

    struct Soon {
        std::int64_t at;
        std::size_t task;
        bool operator>(Soon const& other) const {
            return at != other.at ? at > other.at : task > other.task;
        }
    };
    using Soonest = std::priority_queue<Soon, std::vector<Soon>, std::greater<>>;
    struct Follower {
        std::size_t task, which;  // of its `after`
    };

    std::vector<Task> const& tasks_;
    std::int64_t from_, until_, now_ = 0;
    std::size_t most_, offers_ = 0;
    std::uint64_t most_cost_, cost_ = 0;
    std::vector<Source> sources_;
    std::vector<std::vector<Follower>> followers_;  // of each task
    schedule::Agenda agenda_;
    std::vector<Line> lines_;
    Soonest arrivals_, ticks_;
    std::vector<std::uint64_t> waiting_;  // lines whose task is full
    std::vector<std::size_t> outside_;    // tasks for which files wait
    Shop shop_;
};

}  // namespace

Report simulate(std::vector<Task> const& tasks, std::int64_t from, int days, std::size_t most,
                std::size_t points, Resources const& resources, std::uint64_t most_cost) {
    std::int64_t const until = from + std::int64_t(days) * 86'400;
    return Stage(tasks, from, until, most, resources, most_cost).play(points);
}

}  // namespace lares::simulate
