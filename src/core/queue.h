// core/queue.h: which jobs start now, what becomes of them when they end, and why one waits.
//
// Pure, though it holds all live jobs: no clock, store or process; the same calls in the same order
// give the same answers. daemon/work feeds it and carries out what it says; what must survive is
// committed before it is done. Only live jobs (ready, running) are held, without their payloads, so
// that 100,000 cost a few tens of MB at most.
//
// Rules: spec/triggers.md §7, issue 4 (2, 4). Order among the ready jobs of all tasks: effective
// priority (the job's own, plus its wait divided by `ageing`), then the order of arrival. A job
// waits since it could have started but for its turn: not while it is not due, not while it waits
// for another job; what was interrupted keeps its place.
//
// Resources are kept for who comes first: a task that needs more of one than is free takes what is
// free of it out of the others' reach until it can start. So nobody starves, at the price that
// smaller ones behind it wait although they would fit. What can never fit keeps nothing.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/job.h"

namespace lares::queue {

using job::Id;

/// What a new job does when the task is busy (one of its jobs is running or ready).
enum class Overlap { queue, skip, replace, parallel };
enum class WhenFull { refuse, wait };

struct Rate {
    int count = 0;  // 0: no limit
    Duration span{0};
    bool operator==(Rate const&) const = default;
};

struct Retry {
    int retries = 0;  // after the first attempt; -1: without end
    Duration backoff_min{30'000}, backoff_max{3'600'000};  // doubles from one to the other
    int jitter_percent = 20;    // a wait is lengthened by up to this share of itself
    std::vector<int> on_codes;  // empty: every failure; else only these exit codes (and timeouts,
                                // crashes)
    Rate budget;                // of retries of the whole task: beyond it they wait
    bool operator==(Retry const&) const = default;
};

/// How one task's jobs are treated.
struct Rules {
    std::string task;
    int workers = 1;  // jobs at once; of lines workers: workers × prefetch
    Overlap overlap = Overlap::queue;
    int parallel = 0;  // overlap = parallel N: at most N running, in place of workers; 0: workers
    std::size_t queue_max = 10'000;  // ready jobs; beyond: full
    WhenFull when_full = WhenFull::refuse;
    /// 0: priorities are strict among the task's own jobs; beside other tasks they age by 10 min.
    Duration ageing{600'000};
    Rate rate;  // of starts
    Retry retry;
    int poison_after = 3;  // crashes of one job until it is parked; 0: never
    std::map<std::string, int> resources;
    bool operator==(Rules const&) const = default;
};

/// What stops a whole task (or all) from starting jobs, from outside the queue.
struct Block {
    /// "paused", "needs", "window", "maintenance", "store", "circuit", "drain": one of a kind a
    /// task.
    std::string kind;
    std::string words;             // "paused by anna at 10:42", "needs db, which is FATAL"
    std::optional<Instant> until;  // none: until it is lifted
    bool operator==(Block const&) const = default;
};

/// At most so many jobs of a task at once, for a while; below its own limit or without effect.
struct Cap {
    std::string kind;   // of the Reason: "circuit"
    std::string words;  // "one at a time, as a trial"
    int most = 1;
    bool operator==(Cap const&) const = default;
};

/// A rate of starts that tasks share, for the time after maintenance.
struct Throttle {
    std::string kind;  // of the Reason: "catchup"
    std::string words;
    Rate rate;
    std::vector<std::string> tasks;  // empty: all
    bool operator==(Throttle const&) const = default;
};

/// A job as it is offered.
struct Offer {
    std::string task;
    std::string key;
    int priority = 0;
    bool by_clock = false;  // overlap applies to what triggers bring, not to what a person puts
};

struct Verdict {
    enum class Kind {
        accept,
        duplicate,  // a live job has that key: `other`
        skip,       // overlap = skip: `other` is under way
        full,       // refused or to be offered later, as when_full says
        unknown,    // no such task
    };
    Kind kind = Kind::accept;
    Id other = 0;
    std::vector<Id> replaces;  // overlap = replace: to be cancelled
    std::string words;
};

struct Start {
    Id id;
    std::string task;
    int attempt;
};

/// What became of a job when its attempt ended.
struct Ending {
    job::State state = job::State::ready;
    std::optional<Duration> retry_in;  // of ready
    bool counted = false;              // against the retries
    std::string words;                 // "retry 2 of 3 in 70 s", "retries used up (3)"
    std::vector<Id> fell;              // jobs that waited for it and now never run (cancelled),
                                       // in the order of their ids; they have left the queue
    int errors = 0, crashes = 0;       // the job's, this attempt included: to be stored
    /// False: it was not running (a late answer), and nothing has changed.
    bool was_running = true;
};

/// What became of a job that was to leave.
struct Dropped {
    bool was_ready = false;
    std::vector<Id> fell;                        // as of Ending
    operator bool() const { return was_ready; }  // NOLINT: it is the answer
};

/// One reason why a job, or a task's next job, does not start.
struct Reason {
    /// A block's, cap's or throttle's kind, or: "running", "time", "turn", "after", "workers",
    /// "resource", "rate", "retry", "budget", "gone".
    std::string kind;
    std::string words;
    Id other = 0;  // the job that stands in the way, if one does
    std::optional<Instant> until;
};

struct Depth {
    std::size_t ready = 0, running = 0, delayed = 0;  // delayed: of ready, not before a time
    std::optional<Instant> oldest;                    // since when the oldest ready one waits
};

class Queue {
public:
    Queue();
    ~Queue();

    /// Replaces the rules of all tasks. Jobs of tasks that are gone stay and are blocked ("gone").
    void set_rules(std::vector<Rules> rules);
    void set_resources(std::map<std::string, int> capacity);
    /// Until the next set_rules(); null for a task that there is not.
    Rules const* rules(std::string_view task) const;

    /// Before it is stored. Judged by the latest instant that any call has named.
    Verdict judge(Offer const&) const;
    /// Once it is stored, or at the start, when rules and resources are set. `ready_at`: none: at
    /// once. `since`: from when on its waiting counts; at the start that may lie in the past, so
    /// that a restart takes no age away. Running ones (at the start) take their places. At the
    /// start they are added in the order of their ids: an id in `after` that is not live counts as
    /// done. False, and nothing is added: it is live already, or no live job's state, or one of
    /// `after` has ended otherwise than done (the last 10,000 such are remembered): cancel it, with
    /// fell_words().
    bool add(job::Job const&, std::optional<Instant> ready_at, Instant since);
    /// At the start: a run of the task that began before, so that its rate goes on. Oldest first.
    void note_started(std::string_view task, Instant at);
    /// The same of a retry, which its budget counts as well.
    void note_retried(std::string_view task, Instant at);

    /// Takes the jobs that start now, in order; they count as running from here on. At most `most`.
    std::vector<Start> take_starts(Instant now, std::size_t most = SIZE_MAX);
    /// A start that was not carried out (the store refused): ready again, as if never taken.
    void put_back(Id);
    /// The attempt ended. `code`: of an exit. `random`: any number, for jitter.
    Ending end(Id, job::Outcome, int code, Instant now, unsigned random);
    /// A ready job leaves (cancelled, withdrawn), and those that wait for it fall. False when it is
    /// not ready.
    Dropped drop(Id);
    /// One that waits for a time or a retry starts as soon as it can. False when it is not ready.
    bool hurry(Id, Instant now);
    bool set_priority(Id, int priority);
    /// Nothing when it is not ready. At once: it waits from the latest instant on that any call has
    /// named.
    void set_ready_at(Id, std::optional<Instant>);

    /// Replaces the block of that kind. One with `until` ends by itself.
    void block(std::string_view task, Block);  // task "": every task
    void unblock(std::string_view task, std::string_view kind);
    std::vector<Block> blocks(std::string_view task) const;
    void set_cap(std::string_view task, std::optional<Cap>);
    /// Of other tasks but the same rate: what has started counts on.
    void set_throttle(std::optional<Throttle>);

    /// When take_starts() may give something that it does not give now; none: only after a call.
    std::optional<Instant> deadline(Instant now) const;

    /// All that stands in the way, the most lasting first; empty when it starts now, or is not
    /// live. Instants are told as spans from `now`, and in `until` for who knows the clock. A
    /// running job has one reason, "running". Costs a pass over the task's ready jobs.
    std::vector<Reason> why(Id, Instant now) const;
    /// Of the next job of a task, or of one that came now.
    std::vector<Reason> why_task(std::string_view task, Instant now) const;
    Depth depth(std::string_view task, Instant now) const;
    bool is_full(std::string_view task) const;
    bool is_live(Id) const;
    std::vector<Id> running(std::string_view task) const;
    std::size_t size() const;
    /// What is in use of each resource.
    std::map<std::string, int> used() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The state's words of a job that falls with `other`: "job 15, for which it waited, is dead".
std::string fell_words(Id other, job::State);

/// The wait before the attempt after `errors` counted failures (1 or more).
Duration backoff(Retry const&, int errors, unsigned random);

}  // namespace lares::queue
