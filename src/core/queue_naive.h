// core/queue_naive.h: the queue once more, slow and plain: what core/queue.h says, and nothing to
// make it fast.
//
// For tests only: the real one is compared with it, call by call. A value, so that a search can
// keep many of them. It looks through all jobs at every question and keeps every start it has seen.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/queue.h"

namespace lares::queue {

struct NaiveJob {
    Id id = 0;
    std::string task, key;
    int priority = 0, attempts = 0, errors = 0, crashes = 0;
    bool is_running = false, is_retry = false;
    Instant since{}, started{};
    std::optional<Instant> ready_at;
    std::set<Id> after;
    std::map<std::string, int> held;
};

struct NaiveQueue {
    std::map<std::string, Rules> rules;
    std::map<std::string, Rules> gone;  // what tasks had that are gone
    std::map<std::string, int> capacity;
    std::map<Id, NaiveJob> jobs;
    std::map<std::string, std::vector<Instant>> starts, retried;
    std::map<std::string, std::map<std::string, Block>> blocks;
    std::map<std::string, Cap> caps;
    std::optional<Throttle> throttle;
    std::vector<Instant> throttled;
    std::set<Id> failed;

    Verdict::Kind judge(Offer const&, std::vector<Id>& replaces, Instant now) const;
    bool add(job::Job const&, std::optional<Instant> ready_at, Instant since, Instant now);
    std::vector<Start> take_starts(Instant now, std::size_t most = SIZE_MAX);
    void put_back(Id);
    Ending end(Id, job::Outcome, int code, Instant now);  // retry_in and words are not told
    /// none: it was not ready.
    std::optional<std::vector<Id>> drop(Id);
    bool hurry(Id, Instant now);
    void set_ready_at(Id, std::optional<Instant>, Instant now);

    bool can_start_at(Instant) const;
    /// The instants at which something may change by itself.
    std::set<Instant> instants(Instant now) const;

    Rules rules_of(std::string const& task) const;
    bool has_come(NaiveJob&, Instant now) const;
    NaiveJob* head(std::string const& task, Instant now);
    bool has_room(std::string const& task, Instant now) const;
    bool is_throttled(std::string const& task) const;
    std::vector<Id> fell(Id);
};

}  // namespace lares::queue
