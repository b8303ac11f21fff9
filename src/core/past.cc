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

void PastReader::add_job(std::string const& task, std::int64_t created, std::string_view source) {
    note(created);
    // These come again by themselves when the clocks are played.
    bool const is_played = source.starts_with("schedule ") || source == "every" ||
                           source.starts_with("after ") || source.starts_with("on_success of ") ||
                           source.starts_with("on_failure of ");
    if (is_played) return;
    ++past_.arrivals;
    past_.tasks[task].arrivals.push_back(created);
}

Past PastReader::take() {
    for (auto& [name, attempts] : attempts_) {
        std::ranges::stable_sort(attempts, {}, &std::pair<std::int64_t, Attempt>::first);
        auto& known = past_.tasks[name].attempts;
        for (auto const& [began, attempt] : attempts) known.push_back(attempt);
    }
    attempts_.clear();
    for (auto& [name, task] : past_.tasks) std::ranges::sort(task.arrivals);
    return std::move(past_);
}

std::vector<std::int64_t> repeated(std::vector<std::int64_t> const& arrivals, std::int64_t first,
                                   std::int64_t last, std::int64_t from, std::int64_t until) {
    std::int64_t const long_ago = last - first;
    std::int64_t const span =
        long_ago >= a_week ? long_ago / a_week * a_week : std::max(a_day, long_ago / a_day * a_day);
    std::vector<std::int64_t> again;
    for (std::int64_t const at : arrivals) {
        if (at <= last - span || at > last) continue;
        std::int64_t const back = at - from;
        std::int64_t const turns = back > 0 ? -((back - 1) / span) : -back / span + 1;
        for (std::int64_t next = at + turns * span; next <= until; next += span)
            if (again.size() < most_arrivals) again.push_back(next);
    }
    std::ranges::sort(again);
    return again;
}

}  // namespace lares::simulate
