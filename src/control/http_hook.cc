// control/http_hook.cc: the route of hooks: strangers who know a secret bring a job, others learn
// nothing.

#include <utility>

#include "base/limits.h"
#include "control/http_work.h"
#include "control/json_work.h"
#include "control/rest_json.h"

namespace lares::control {

void WorkFace::call_hook(Request const& request, std::string_view path) {
    auto const* task = house_.work().find_hook(path);
    auto verdict =
        judge_hook(task ? &task->hook : nullptr, request, house_.wall(), doorman_.sha256());
    if (request.method != "POST" && verdict.kind == HookVerdict::Kind::good)
        return problem(request.request, 405, {{}, "a hook is called with POST", {}});
    if (verdict.kind != HookVerdict::Kind::good) return refuse_hook(request, path, verdict, task);
    if (house_.daemon_state() < DaemonState::running)
        return problem(request.request, 503, {{}, "the daemon is ending", {}});
    std::vector<NewJob> jobs(1);
    auto& job = jobs.front();
    job.task = task->name;
    job.source = "hook " + std::string(path);
    job.payload = hook_payload(request.content_type, request.body);
    if (job.payload.size() > limits::payload_bytes)
        return problem(request.request, 413, {{}, "the body is too large", {}});
    if (!verdict.once.empty()) job.once = job.source + " " + verdict.once;
    auto who = job.source + " from " + address_of(request.peer);
    put(request, std::move(jobs), std::move(who),
        [this](ports::RequestId id, std::vector<PutOutcome> const& done) {
            send(id, 202, put_json(done.front()));
        });
}

void WorkFace::refuse_hook(Request const& request, std::string_view path,
                           HookVerdict const& verdict, config::Task const* task) {
    if (verdict.kind == HookVerdict::Kind::too_large)
        return problem(request.request, 413, {{}, verdict.words, {}});
    auto from = address_of(request.peer);
    auto words = "refused a call of " + std::string(path.substr(0, 100)) + " from " + from + ": " +
                 verdict.words;
    doorman_.note("hook", words);
    // One line a minute into the journal too: strangers must not fill it.
    auto line = task ? journal_gate_.pass(task->name, words, house_.wall()) : std::nullopt;
    if (line) house_.work().note("hook.refused", "task/" + task->name, from, *line, {});
    wire_.reply(request.request,
                {.status = 401,
                 .headers = {{"Content-Type", "application/problem+json"}, {"Connection", "close"}},
                 .body = problem_of(401, {}, {{}, "this call is refused", {}}),
                 .hold = doorman_.hold_after_failure(request.peer)});
}

}  // namespace lares::control
