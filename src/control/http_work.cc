// control/http_work.cc: the routes below /api/v1.

#include "control/http_work.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "control/json_work.h"
#include "control/rest_json.h"
#include "control/work_parts.h"
#include "text/json_read.h"
#include "text/quantity.h"
#include "text/query.h"

namespace lares::control {

namespace {

constexpr std::int64_t most_claimed = 1'000;
constexpr Duration longest_lease{24 * 3'600'000};
/// Bodies whose jobs are not on the disk yet, all together: three batches, or some 100,000 jobs.
constexpr std::size_t most_bytes_under_way = 3 * limits::batch_bytes;

std::string_view query_of(std::string_view target) {
    auto mark = target.find('?');
    return mark == target.npos ? std::string_view() : target.substr(mark + 1);
}

bool is_json_lines(std::string_view content_type) {
    return content_type.starts_with("application/x-ndjson") ||
           content_type.starts_with("application/jsonl");
}

/// The options of a job that stand in the query and the Idempotency-Key header.
std::optional<JobFault> read_query(NewJob& job, ports::HttpRequested const& request,
                                   House const& house) {
    auto query = query_of(request.target);
    if (!query.empty())
        for (auto const& [name, value] : text::parse_query(query))
            if (auto fault = set_job_option(job, name, value, house)) return fault;
    auto key = header_of(request, "idempotency-key");
    if (!key.empty())
        if (auto fault = set_job_option(job, "once", std::string(key), house)) return fault;
    job.once = once_of(job.task, job.once);
    return std::nullopt;
}

/// The body of what a worker says, as members.
Result<text::Struct> read_members(std::string_view body) {
    auto json = text::trim_json(body);
    if (json.empty()) return text::Struct{};
    auto value = TRY(text::read_json(json));
    if (auto const* members = value.members()) return *members;
    return Error{Error::Kind::invalid, "the body must be a JSON object"};
}

/// A member as the JSON it stands as; empty when it is not there.
std::string_view raw_member(std::string_view body, std::string_view name) {
    auto members = text::json_members(body);
    if (!members) return {};
    auto found = std::ranges::find(*members, name, &text::JsonMember::name);
    return found == members->end() ? std::string_view() : found->raw;
}

Duration lease_of(text::Value const* value) {
    if (!value) return Duration(60'000);
    if (auto const* seconds = value->integer())
        if (*seconds > 0 && *seconds <= longest_lease.count() / 1000)
            return std::chrono::seconds(*seconds);
    if (auto const* words = value->text())
        if (auto span = text::parse_duration(*words)) return *span;
    return Duration(0);
}

}  // namespace

bool WorkFace::route_hook(Request const& request, std::string_view path) {
    if (path.starts_with("/hook/")) return call_hook(request, path), true;
    if (path.starts_with("/ack/")) return acknowledge(request, path), true;
    return false;
}

void WorkFace::closed(ports::RequestId request) {
    auto found = open_.find(request);
    if (found != open_.end()) found->second.is_gone = true;
}

void WorkFace::route_api(Request const& request, std::string_view rest, Caller const& caller) {
    if (house_.daemon_state() < DaemonState::running)
        return problem(request.request, 503, {{}, "the daemon is ending", {}});
    rest = rest.substr(0, rest.find_first_of("?#"));
    if (rest.starts_with("tasks/")) return route_task(request, rest.substr(6), caller);
    if (rest == "jobs" && request.method == "POST") {
        if (may(request, caller, Role::operator_, "putting jobs")) put_many(request, caller);
        return;
    }
    if (rest.starts_with("jobs/")) return route_job(request, rest.substr(5), caller);
    problem(request.request, 404, {{}, "there is no such resource", "see docs/manual/jobs.md"});
}

void WorkFace::route_task(Request const& request, std::string_view rest, Caller const& caller) {
    auto slash = rest.find('/');
    auto act = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
    if ((act != "jobs" && act != "claim") || request.method != "POST")
        return problem(request.request, 404,
                       {{}, "there is no such resource", "POST to tasks/TASK/jobs or .../claim"});
    if (!may(request, caller, Role::operator_, act == "jobs" ? "putting jobs" : "claiming jobs"))
        return;
    auto task = text::decode_percent(rest.substr(0, slash));
    act == "jobs" ? put_one(request, std::move(task), caller) : claim(request, std::move(task));
}

void WorkFace::route_job(Request const& request, std::string_view rest, Caller const& caller) {
    auto slash = std::min(rest.find('/'), rest.size());
    auto id = id_of(rest.substr(0, slash));
    auto act = rest.substr(std::min(slash + 1, rest.size()));
    if (!id) return problem(request.request, 404, {"job", "this is no number of a job", {}});
    bool known = act == "heartbeat" || act == "finish";
    if (!known || request.method != "POST")
        return problem(
            request.request, 404,
            {{}, "there is no such resource", "POST to jobs/N/heartbeat or jobs/N/finish"});
    if (!may(request, caller, Role::operator_, "working on jobs")) return;
    act == "finish" ? finish(request, *id) : heartbeat(request, *id);
}

void WorkFace::put_one(Request const& request, std::string task, Caller const& caller) {
    std::vector<NewJob> jobs(1);
    auto& job = jobs.front();
    job.task = std::move(task);
    job.source = "put";
    auto fault = set_payload(job, request.body);
    if (!fault) fault = read_query(job, request, house_);
    if (fault) return problem(request.request, 400, *fault);
    put(request, std::move(jobs), signed_by(caller),
        [this](ports::RequestId id, std::vector<PutOutcome> const& done) {
            send(id, done.front().is_duplicate ? 200 : 201, put_json(done.front()));
        });
}

void WorkFace::put_many(Request const& request, Caller const& caller) {
    Batch batch;
    if (is_json_lines(request.content_type)) {
        batch = read_batch(request.body, house_, "put");
    } else {  // one job, as one object
        batch.jobs.resize(1);
        batch.jobs.front().source = "put";
        batch.lines = {1};
        if (auto fault = read_job_line(batch.jobs.front(), request.body, house_)) {
            if (fault->field.empty())
                fault->hint = "a batch has Content-Type application/x-ndjson, a job on each line";
            return problem(request.request, 400, *fault);
        }
    }
    if (!batch.faults.empty()) {
        auto& [line, fault] = batch.faults.front();
        if (line != 0) fault.words.insert(0, "line " + std::to_string(line) + ": ");
        return problem(request.request, 400, fault);
    }
    put(request, std::move(batch.jobs), signed_by(caller),
        [this, lines = std::move(batch.lines)](ports::RequestId id,
                                               std::vector<PutOutcome> const& done) {
            send(id, 201, batch_json(done, lines));
        });
}

void WorkFace::put(Request const& request, std::vector<NewJob> jobs, std::string who,
                   std::function<void(ports::RequestId, std::vector<PutOutcome> const&)> then) {
    if (!begin(request)) return;
    house_.work().put(std::move(jobs), std::move(who),
                      [this, id = request.request,
                       then = std::move(then)](Result<std::vector<PutOutcome>> const& put) {
                          if (!end(id)) return;
                          if (!put) return problem(id, put.error(), /*conflict_status=*/429);
                          if (put->empty()) return problem(id, 503, {{}, "nothing was put", {}});
                          then(id, *put);
                      });
}

void WorkFace::claim(Request const& request, std::string task) {
    auto members = read_members(request.body);
    if (!members) return problem(request.request, 400, {{}, members.error().what, {}});
    Members given(*members);
    auto node = given.take_text("node");
    auto most = given.take_count("most", 1, most_claimed);
    auto lease = lease_of(given.take("lease"));
    auto good = given.finish();
    if (!good) return problem(request.request, 400, {{}, good.error().what, {}});
    if (node.empty() || node.size() > 256)
        return problem(request.request, 400,
                       {"node", "a worker must give a name of 1 to 256 bytes", {}});
    if (lease < std::chrono::seconds(1) || lease > longest_lease)
        return problem(request.request, 400,
                       {"lease", "it must be 1 second to a day", "as 60 or '5min'"});
    if (!begin(request)) return;
    house_.work().claim(std::move(task), std::move(node), static_cast<int>(most), lease,
                        [this, id = request.request](Result<std::vector<Lease>> const& leases) {
                            // Who has gone lets the leases run out: nothing of them is lost.
                            if (!end(id)) return;
                            if (!leases) return problem(id, leases.error(), 409);
                            send(id, 200, leases_json(*leases));
                        });
}

Done WorkFace::answer_done(ports::RequestId id) {
    return [this, id](Result<> const& result) {
        if (!end(id)) return;
        if (!result) return problem(id, result.error(), /*conflict_status=*/409);
        send(id, 200, "{\"ok\":true}");
    };
}

void WorkFace::heartbeat(Request const& request, job::Id id) {
    auto members = read_members(request.body);
    if (!members) return problem(request.request, 400, {{}, members.error().what, {}});
    Members given(*members);
    auto token = given.take_id("token");
    auto const* progress = given.take("progress");
    auto words = given.take_text("words");
    auto good = given.finish();
    std::int64_t percent = progress && progress->integer() ? *progress->integer() : -1;
    if (good && (percent < -1 || percent > 100))
        good = Error{Error::Kind::invalid, "'progress' must be 0 to 100 percent"};
    if (good && token == 0) good = Error{Error::Kind::invalid, "'token' is missing"};
    if (!good) return problem(request.request, 400, {{}, good.error().what, {}});
    if (!begin(request)) return;
    house_.work().heartbeat(id, token, static_cast<int>(percent), std::move(words),
                            answer_done(request.request));
}

void WorkFace::finish(Request const& request, job::Id id) {
    auto members = read_members(request.body);
    if (!members) return problem(request.request, 400, {{}, members.error().what, {}});
    Members given(*members);
    auto token = given.take_id("token");
    auto const* ok = given.take("ok");
    auto const* code = given.take("code");
    auto words = given.take_text("words");
    auto log = given.take_text("log");
    given.take("result");
    auto good = given.finish();
    std::int64_t number = code && code->integer() ? *code->integer() : -1;
    auto result = raw_member(request.body, "result");
    if (good && token == 0) good = Error{Error::Kind::invalid, "'token' is missing"};
    if (good && (!ok || !ok->boolean()))
        good = Error{Error::Kind::invalid, "'ok' must be true or false"};
    if (good && (number < -1 || number > 255))
        good = Error{Error::Kind::invalid, "'code' must be 0 to 255"};
    if (good && result.size() > limits::result_bytes)
        good = Error{Error::Kind::invalid,
                     "'result' may have " + std::to_string(limits::result_bytes) + " bytes"};
    if (!good) return problem(request.request, 400, {{}, good.error().what, {}});
    if (!begin(request)) return;
    house_.work().finish(id, token, *ok->boolean(), static_cast<int>(number), std::move(words),
                         std::string(result), std::move(log), answer_done(request.request));
}

bool WorkFace::may(Request const& request, Caller const& caller, Role needed,
                   std::string_view what) {
    if (caller.role >= needed) return true;
    problem(request.request, 403, {{}, refusal_of(caller, what, needed), {}});
    return false;
}

bool WorkFace::begin(Request const& request) {
    // One alone is always let through: it is within the wire's own limit.
    if (bytes_ != 0 && bytes_ + request.body.size() > most_bytes_under_way) {
        problem(request.request, 503, {{}, "too many jobs are on their way to the disk", {}});
        return false;
    }
    bytes_ += request.body.size();
    open_[request.request] = {.bytes = request.body.size()};
    return true;
}

bool WorkFace::end(ports::RequestId request) {
    auto node = open_.extract(request);
    if (node.empty()) return false;
    bytes_ -= node.mapped().bytes;
    return !node.mapped().is_gone;
}

void WorkFace::send(ports::RequestId request, int status, std::string json) {
    wire_.reply(request, {.status = status,
                          .headers = {{"Content-Type", "application/json"}},
                          .body = std::move(json)});
}

void WorkFace::problem(ports::RequestId request, int status, JobFault const& fault) {
    ports::HttpReply reply{.status = status,
                           .headers = {{"Content-Type", "application/problem+json"}},
                           .body = problem_of(status, {}, fault)};
    if (status == 429 || status == 503) reply.headers.emplace_back("Retry-After", "1");
    wire_.reply(request, std::move(reply));
}

void WorkFace::problem(ports::RequestId request, Error const& error, int conflict_status) {
    bool const is_conflict = error.kind == Error::Kind::conflict;
    problem(request, is_conflict ? conflict_status : status_of(error.kind), {{}, error.what, {}});
}

}  // namespace lares::control
