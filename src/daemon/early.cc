// daemon/early.cc: which requests are about work, by their path or their method's name.

#include "daemon/early.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace lares::daemon {

namespace {

constexpr std::size_t most_held = 1'000;

/// Sorted; the operations that ask control::WorkHouse or MessageHouse.
constexpr std::array<std::string_view, 58> methods{"acknowledge",
                                                   "alerts",
                                                   "at",
                                                   "audit",
                                                   "await_delivery",
                                                   "budget",
                                                   "budget_block",
                                                   "budget_commit",
                                                   "budget_release",
                                                   "budget_reserve",
                                                   "budget_reset",
                                                   "budget_set",
                                                   "budget_unblock",
                                                   "budgets",
                                                   "cancel",
                                                   "channels",
                                                   "claim",
                                                   "delivery",
                                                   "drain",
                                                   "drop_delivery",
                                                   "events",
                                                   "files",
                                                   "finish",
                                                   "folders",
                                                   "heartbeat",
                                                   "job",
                                                   "jobs",
                                                   "letter",
                                                   "maintenance",
                                                   "maintenance_begin",
                                                   "maintenance_end",
                                                   "notify",
                                                   "outbox",
                                                   "pause",
                                                   "pause_channel",
                                                   "priority",
                                                   "put",
                                                   "put_batch",
                                                   "rerun",
                                                   "resolve",
                                                   "resources",
                                                   "resume",
                                                   "resume_channel",
                                                   "retry",
                                                   "retry_dead",
                                                   "retry_delivery",
                                                   "run",
                                                   "run_diff",
                                                   "run_info",
                                                   "run_log",
                                                   "running",
                                                   "runs",
                                                   "settle_file",
                                                   "task",
                                                   "tasks",
                                                   "test_channel",
                                                   "trace",
                                                   "why"};

}  // namespace

bool is_about_work(ports::HttpRequested const& request) {
    std::string_view target = request.target, body = request.body;
    if (target.starts_with("/api/") || target.starts_with("/hook/") || target.starts_with("/ack/"))
        return true;
    constexpr std::string_view opening = "<methodName>lares.";
    auto begin = body.find(opening);
    if (begin == body.npos) return false;
    auto name = body.substr(begin + opening.size());
    name = name.substr(0, name.find('<'));
    return std::ranges::binary_search(methods, name);
}

bool EarlyRequests::hold(ports::HttpRequested& request) {
    if (held_.size() >= most_held || !is_about_work(request)) return false;
    held_.push_back(std::move(request));
    return true;
}

void EarlyRequests::closed(ports::RequestId id) {
    std::erase_if(held_, [id](auto const& request) { return request.request == id; });
}

}  // namespace lares::daemon
