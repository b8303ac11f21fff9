// core/restarts.cc: delays that grow, and the window of restarts.

#include "core/restarts.h"

#include <algorithm>
#include <cmath>

namespace lares::supervise {

namespace {

/// From one spawn to the next of a program that is restarted without a delay.
constexpr Duration shortest_life = std::chrono::seconds(1);
/// Long enough to mean "never", short enough to be added to any Instant.
constexpr Duration longest{std::chrono::hours(24 * 365 * 100)};

/// restart_delay × restart_backoff^(nth-1), bounded first, so that jitter still spreads the tries
/// of many processes that have all reached the maximum.
Duration grown(Policy const& policy, int nth, unsigned random) {
    if (policy.restart_delay->count() <= 0) return Duration(0);
    double most = static_cast<double>(std::min(policy.restart_max_delay, longest).count());
    double factor = std::pow(std::max(policy.restart_backoff, 1.0), nth - 1);
    double delay = std::min(static_cast<double>(policy.restart_delay->count()) * factor, most);
    double share = std::clamp(policy.restart_jitter_percent, 0, 100) / 100.0;
    delay += delay * share * (random % 1001) / 1000.0;
    return Duration(static_cast<Duration::rep>(delay));
}

}  // namespace

Duration delay_after_failure(Policy const& policy, int nth, unsigned random) {
    if (policy.restart_delay) return grown(policy, nth, random);
    return std::min<Duration>(std::chrono::seconds(nth), policy.restart_max_delay);
}

Duration delay_after_exit(Policy const& policy, int nth, Duration up_for, unsigned random) {
    if (policy.restart_delay) return grown(policy, nth, random);
    return std::max<Duration>(shortest_life - up_for, Duration(0));
}

Instant later(Instant from, Duration wait) { return from + std::min(wait, longest); }

bool window_allows(std::vector<Instant> const& restarts, RestartWindow window, Instant at) {
    if (window.count <= 0) return true;
    auto within = [&](Instant one) { return one > at - window.span; };
    return std::ranges::count_if(restarts, within) < window.count;
}

void note_restart(std::vector<Instant>& restarts, RestartWindow window, Instant now) {
    if (window.count <= 0) return restarts.clear();
    std::erase_if(restarts, [&](Instant one) { return one <= now - window.span; });
    restarts.push_back(now);
}

}  // namespace lares::supervise
