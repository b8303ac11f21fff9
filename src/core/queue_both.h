// core/queue_both.h: the real queue and the plain one, driven by the same calls and compared after
// each.
//
// For tests only. A call is a value, so that searches can list them and a property test can shrink
// them.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/queue_naive.h"

namespace lares::queue {

struct Call {
    enum class Kind {
        put,       // a job for task `which`; `how`: see jobs_to_put
        take,      // and keep; how > 0: at most so many
        put_back,  // take, and put all back
        end,       // running job `which` (counted, of those there are) as outcome `how`
        drop,      // ready job `which`
        hurry,     // ready job `which`
        priority,  // live job `which` to priority `how`
        ready_at,  // ready job `which` in `how` ms; negative: at once
        block,     // task `which` (one beyond the last: all) for `how` ms; 0: until lifted
        unblock,   // task `which`
        cap,       // task `which` to `how`; 0: lifted
        throttle,  // one start in `how` ms; 0: lifted
        capacity,  // of every resource: `how`
        rules,     // `which`: task that goes; one beyond the last: all are there
        wait,      // `how` ms pass
    };
    Kind kind = Kind::take;
    int which = 0, how = 0;
    bool operator==(Call const&) const = default;
};
std::string words(Call const&);

/// What a put job is like.
enum Put { plain, urgent, delayed, behind_first, with_key, by_clock, behind_all, put_kinds };

struct World {
    std::vector<Rules> tasks;
    std::map<std::string, int> capacity;
    /// Whether deadline() must be exact. It may be early where resources are kept for others, or
    /// where tasks age differently; never late.
    bool is_exact = true;
};

class Both {
public:
    explicit Both(World);

    /// Empty, or what differs, or which rule of the queue was broken.
    std::string apply(Call const&);
    /// The answers about every job and task, and the deadline.
    std::string compare() const;

    Instant now() const { return now_; }
    NaiveQueue const& naive() const { return naive_; }
    std::size_t count(bool is_running) const;
    std::size_t accepted() const { return last_; }
    /// All that decides what may follow, times relative to now.
    std::string key() const;

private:
    std::optional<Id> pick(Call const&, bool is_running) const;
    std::string task(Call const&) const;
    std::string change_job(Call const&);
    void change_task(Call const&);
    std::string put(Call const&);
    std::string take(std::size_t most, bool keep);
    std::string end(Id, job::Outcome);
    std::string drop(Id);
    std::string leave(std::vector<Id> const&);
    std::vector<Id> ids(bool is_running) const;
    std::string compare_reasons() const;
    std::string check_limits() const;
    void set_rules(int without);

    World world_;
    Queue real_;
    NaiveQueue naive_;
    Instant now_{Duration(1'000'000)};
    Id last_ = 0;
    std::set<Id> ended_;
};

}  // namespace lares::queue
