// core/queue_house.h: a queue, a clock and running numbers, for the queue's own tests.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/queue.h"

namespace lares::queue {

using Ids = std::vector<Id>;

struct House {
    Queue queue;
    Id last = 0;
    Instant now{std::chrono::seconds(10'000)};

    explicit House(std::vector<Rules> rules, std::map<std::string, int> resources = {}) {
        queue.set_resources(std::move(resources));
        queue.set_rules(std::move(rules));
    }
    /// Its number; 0: not taken in. `in`: not before so long from now.
    Id put(std::string task, job::Job job = {}, std::optional<Duration> in = {}) {
        job.id = ++last;
        job.task = std::move(task);
        return queue.add(job, in ? std::optional(now + *in) : std::nullopt, now) ? last : 0;
    }
    Ids take(std::size_t most = SIZE_MAX) {
        Ids ids;
        for (Start const& start : queue.take_starts(now, most)) ids.push_back(start.id);
        return ids;
    }
    Ending end(Id id, job::Outcome outcome = job::Outcome::ok, int code = 0) {
        return queue.end(id, outcome, code, now, 0);
    }
    /// Until deadline().
    std::optional<Duration> wait() const {
        auto at = queue.deadline(now);
        return at ? std::optional(*at - now) : std::nullopt;
    }
    /// "kind: words; kind: words"
    std::string why(Id id) const {
        std::string all;
        for (Reason const& reason : queue.why(id, now))
            all += (all.empty() ? "" : "; ") + reason.kind + ": " + reason.words;
        return all;
    }
};

inline Rules task(std::string name, int workers = 1) {
    Rules rules{.task = std::move(name), .workers = workers};
    rules.retry.jitter_percent = 0;
    return rules;
}

}  // namespace lares::queue
