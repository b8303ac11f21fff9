// daemon/early.cc: which requests are about work, by their path or their method's name.

#include "daemon/early.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "control/rest_routes.h"

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

/// "lares.put" of any face.
bool is_of_work(std::string_view operation) {
    constexpr std::string_view ours = "lares.";
    return operation.starts_with(ours) &&
           std::ranges::binary_search(methods, operation.substr(ours.size()));
}

/// `rest` stands behind "/api/v1/". What the page asks of programs, and who one is, does not wait.
bool is_about_work(std::string_view method, std::string_view rest) {
    auto found = control::find_route(method, rest.substr(0, rest.find('?')));
    if (!found.route) return false;
    if (found.route->shape != control::Shape::own) return is_of_work(found.route->operation);
    if (found.route->path == "call/{operation}") return is_of_work(found.captured.front().second);
    return found.route->path.starts_with("jobs") || found.route->path.starts_with("tasks/") ||
           found.route->path.starts_with("folders/");
}

}  // namespace

bool is_about_work(ports::HttpRequested const& request) {
    std::string_view target = request.target, body = request.body;
    constexpr std::string_view root = "/api/v1/";
    if (target.starts_with(root)) return is_about_work(request.method, target.substr(root.size()));
    if (target.starts_with("/hook/") || target.starts_with("/ack/")) return true;
    constexpr std::string_view opening = "<methodName>";
    auto begin = body.find(opening);
    if (begin == body.npos) return false;
    auto name = body.substr(begin + opening.size());
    return is_of_work(name.substr(0, name.find('<')));
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
