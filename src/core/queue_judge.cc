// core/queue_judge.cc: whether a job that is offered is taken in.

#include <algorithm>

#include "base/limits.h"
#include "core/counted.h"
#include "core/queue_parts.h"

namespace lares::queue {

namespace {

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

std::string job_words(Id id) { return "job " + std::to_string(id); }

Verdict refusal(Verdict::Kind kind, std::string words, Id other = 0) {
    return {.kind = kind, .other = other, .words = std::move(words)};
}

Verdict full(Rules const& rules, std::size_t ready) {
    return refusal(Verdict::Kind::full,
                   "task " + quoted(rules.task) +
                       " is full: " + counted(static_cast<std::int64_t>(ready), "job") +
                       (ready == 1 ? " waits" : " wait") +
                       " (queue_max = " + std::to_string(rules.queue_max) + ")");
}

Verdict skipped(Live const& busy) {
    std::string words = "skipped: " + job_words(busy.id);
    switch (busy.place) {
    case Place::running:
        words += " is still running";
        break;
    case Place::delayed:
        words += " waits for its retry";
        break;
    case Place::line:
    case Place::waiting:
        words += " has not begun yet";
        break;
    }
    return refusal(Verdict::Kind::skip, words, busy.id);
}

}  // namespace

Queue::Queue() : impl_(std::make_unique<Impl>()) {}
Queue::~Queue() = default;

/// What makes a task busy for its triggers: all but jobs put for a later time. At most `most`.
std::vector<Live*> Queue::Impl::under_way(Task const& task, std::size_t most) {
    std::vector<Live*> found = task.running;
    for (JobHeap const* heap : {&task.fresh.line, &task.retries.line, &task.retries.delayed}) {
        for (auto const& entry : heap->entries()) {
            if (found.size() >= most) return found;
            found.push_back(entry.item);
        }
    }
    std::size_t known = task.running.size() + task.ready - task.fresh.delayed.size();
    if (found.size() == known) return found;
    for (auto const& [id, others] : awaited)
        if (Live* job = find(id); job->task == &task) found.push_back(job);
    return found;
}

Verdict Queue::judge(Offer const& offer) const {
    Impl& impl = *impl_;
    Rules const* rules = impl.find_rules(offer.task);
    if (!rules) return refusal(Verdict::Kind::unknown, "there is no task " + quoted(offer.task));
    if (impl.jobs.size() >= limits::live_jobs)
        return refusal(Verdict::Kind::full,
                       std::to_string(impl.jobs.size()) + " jobs are live, no more are taken");
    Task* task = impl.find_task(offer.task);
    if (!task) return {};
    impl.bring_due(*task, impl.clock);
    impl.mark(*task);
    if (!offer.key.empty()) {
        auto found = impl.keys.find({task, offer.key});
        if (found != impl.keys.end())
            return refusal(Verdict::Kind::duplicate,
                           job_words(found->second->id) + " has the key " + quoted(offer.key),
                           found->second->id);
    }
    if (offer.by_clock && rules->overlap == Overlap::skip)
        if (auto busy = impl.under_way(*task, 1); !busy.empty()) return skipped(*busy.front());
    Verdict verdict;
    std::size_t ready = task->ready;
    if (offer.by_clock && rules->overlap == Overlap::replace) {
        for (Live const* job : impl.under_way(*task, SIZE_MAX)) {
            verdict.replaces.push_back(job->id);
            if (job->place != Place::running) ready--;
        }
        std::ranges::sort(verdict.replaces);
    }
    return ready < rules->queue_max ? verdict : full(*rules, ready);
}

}  // namespace lares::queue
