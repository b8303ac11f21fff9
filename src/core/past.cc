// core/past.cc: attempts in their order, and old arrivals laid onto days to come.

#include "core/past.h"

#include <algorithm>
#include <utility>

namespace lares::simulate {

namespace {

constexpr std::int64_t a_day = 86'400, a_week = 7 * a_day;
/// One task's arrivals in a simulation: what it plays at most is a million jobs.
constexpr std::size_t most_arrivals = 1'000'000;

}  // namespace

void PastReader::note(std::int64_t at) {
    past_.first = past_.first == 0 ? at : std::min(past_.first, at);
    past_.last = std::max(past_.last, at);
}

void PastReader::add_run(std::string const& task, std::int64_t started, std::int64_t ms,
                         std::string_view outcome, int code) {
    using How = Attempt::How;
    constexpr std::pair<std::string_view, How> whole[] = {
        {"ok", How::good}, {"error", How::error}, {"timeout", How::timeout}, {"crash", How::crash}};
    auto const* how = std::ranges::find(whole, outcome, &std::pair<std::string_view, How>::first);
    if (how == std::end(whole)) return;
    note(started);
    ++past_.runs;
    attempts_[task].push_back({started, {(ms + 500) / 1000, how->second, code}});
}

void PastReader::add_job(PastJob job) {
    note(job.created);
    std::string_view const source = job.source;
    // These come again by themselves when the clocks are played.
    bool const is_played = source.starts_with("schedule ") || source == "every" ||
                           source.starts_with("after ") || source.starts_with("on_success of ") ||
                           source.starts_with("on_failure of ");
    if (is_played) return;
    ++past_.arrivals;
    using How = Arrival::How;
    bool const is_event = source.starts_with("on ") || source.starts_with("on_late of ");
    How const how = is_event ? How::event : source.starts_with("folder ") ? How::file : How::put;
    past_.tasks[job.task].arrivals.push_back(
        {.at = job.created, .how = how, .priority = job.priority, .key = std::move(job.key)});
}

namespace {

/// What most of a task's jobs had was its own: as the configuration says, also when that changes.
void forget_usual_priority(std::vector<Arrival>& arrivals) {
    if (arrivals.empty()) return;
    std::map<int, std::size_t> counts;
    for (Arrival const& one : arrivals) ++counts[one.priority.value_or(0)];
    auto const usual =
        std::ranges::max_element(counts, {}, &std::pair<int const, std::size_t>::second);
    for (Arrival& one : arrivals)
        if (one.priority == usual->first) one.priority.reset();
}

}  // namespace

Past PastReader::take() {
    for (auto& [name, attempts] : attempts_) {
        std::ranges::stable_sort(attempts, {}, &std::pair<std::int64_t, Attempt>::first);
        auto& known = past_.tasks[name].attempts;
        for (auto const& [began, attempt] : attempts) known.push_back(attempt);
    }
    attempts_.clear();
    for (auto& [name, task] : past_.tasks) {
        std::ranges::stable_sort(task.arrivals, {}, &Arrival::at);
        forget_usual_priority(task.arrivals);
    }
    return std::move(past_);
}

std::vector<Arrival> repeated(std::vector<Arrival> const& arrivals, std::int64_t first,
                              std::int64_t last, std::int64_t from, std::int64_t until) {
    std::int64_t const long_ago = last - first;
    std::int64_t const span =
        long_ago >= a_week ? long_ago / a_week * a_week : std::max(a_day, long_ago / a_day * a_day);
    std::vector<Arrival> again;
    for (Arrival const& one : arrivals) {
        if (one.at <= last - span || one.at > last) continue;
        std::int64_t const back = one.at - from;
        std::int64_t const turns = back > 0 ? -((back - 1) / span) : -back / span + 1;
        for (std::int64_t next = one.at + turns * span; next <= until; next += span) {
            if (again.size() >= most_arrivals) break;
            again.push_back(one);
            again.back().at = next;
        }
    }
    std::ranges::stable_sort(again, {}, &Arrival::at);
    return again;
}

}  // namespace lares::simulate
