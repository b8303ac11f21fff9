// control/rest_face.cc: a request from its row to its answer.

#include "control/rest_face.h"

#include <algorithm>
#include <utility>

#include "control/config_house.h"
#include "control/live.h"
#include "control/names.h"
#include "control/openapi.h"
#include "control/operation_parts.h"
#include "control/operations.h"
#include "control/signature.h"
#include "control/work_house.h"
#include "text/json_read.h"

namespace lares::control {

namespace {

constexpr std::string_view root = "/api/v1";

std::string_view query_of(std::string_view target) {
    auto mark = target.find('?');
    if (mark == target.npos) return {};
    auto query = target.substr(mark + 1);
    return query.substr(0, query.find('#'));
}

/// A body that is no object is none of a row's; the Error says so.
Result<text::Value> read_body(std::string_view body) {
    auto json = text::trim_json(body);
    if (json.empty()) return text::Value(text::Struct{});
    auto value = TRY(text::read_json(json));
    if (!value.members()) return Error{Error::Kind::invalid, "the body must be a JSON object"};
    return value;
}

bool is_pattern(std::string_view name) { return name.find_first_of("*?[") != name.npos; }

/// The one entry of an action on one process, when it failed.
std::optional<Outcome> failed_alone(Captured const& captured, text::Value const& answer) {
    auto const* entries = answer.array();
    if (captured.empty() || !entries || entries->size() != 1) return std::nullopt;
    if (captured.front().first != "name" || is_pattern(captured.front().second))
        return std::nullopt;
    auto const *status = entries->front().find("status"),
               *words = entries->front().find("description");
    if (!status || !status->integer() || !words || !words->text()) return std::nullopt;
    auto fault = static_cast<Fault>(*status->integer());
    if (fault == Fault::success) return std::nullopt;
    auto colon = words->text()->find(": ");
    return Outcome{fault, colon == std::string::npos ? "" : words->text()->substr(colon + 2)};
}

text::Value ok() { return text::Struct{{"ok", true}}; }

bool is_write(std::string_view method) { return method != "GET" && method != "HEAD"; }

}  // namespace

bool RestFace::route(Request const& request, std::string_view path, Caller const& caller) {
    if (path != root && !path.starts_with("/api/v1/")) return false;
    auto rest = path.substr(std::min(root.size() + 1, path.size()));
    auto found = find_route(request.method, rest);
    if (!found.route) {
        bool is_known = !found.methods.empty();
        ports::HttpReply reply{
            .status = is_known ? 405 : 404,
            .headers = {{"Content-Type", "application/problem+json"}},
            .body = problem_of(is_known ? 405 : 404, is_known ? "no-such-method" : "no-such-path",
                               {{},
                                is_known ? "this is not done here" : "there is no such resource",
                                "GET /api/v1/openapi.json tells what there is"})};
        std::string allowed;
        for (auto method : found.methods)
            allowed += (allowed.empty() ? "" : ", ") + std::string(method);
        if (is_known) reply.headers.emplace_back("Allow", allowed);
        tools_.wire.reply(request.request, std::move(reply));
        return true;
    }
    dispatch(request, std::move(found), caller);
    return true;
}

void RestFace::closed(ports::RequestId request) {
    auto found = open_.find(request);
    if (found == open_.end()) return;
    if (!found->second.replay.empty()) return (void)(found->second.is_gone = true);
    tools_.desk.forget(found->second.ticket);
    open_.erase(found);
}

void RestFace::dispatch(Request const& request, RouteFound found, Caller const& caller) {
    if (found.route->shape == Shape::own) return dispatch_own(request, found, caller);
    Asked asked;
    if (!admit(request, found, caller, asked)) return;
    run(request, std::move(asked), caller);
}

void RestFace::dispatch_own(Request const& request, RouteFound const& found, Caller const& caller) {
    auto path = found.route->path;
    if (path == "session") return session(request, caller);
    if (path == "call/{operation}") return call(request, found, caller);
    if (caller.role < Role::viewer)
        return problem(request.request, 403, "no-role",
                       {{}, refusal_of(caller, "this", Role::viewer), {}});
    if (path == "folders/{folder}/files/{file}") return drop(request, found, caller);
    if (path == "openapi.json") {
        if (document_.empty()) document_ = openapi_document();
        return reply_json(request.request, 200, document_);
    }
    if (path == "stream")
        return tools_.live.open(request, text::parse_query(query_of(request.target)), caller);
    tools_.work.route_api(request, request.target.substr(root.size() + 1), caller);
}

/// What every row has in common, before its operation is asked.
bool RestFace::admit(Request const& request, RouteFound const& found, Caller const& caller,
                     Asked& asked) {
    asked.id = request.request;
    asked.route = found.route;
    asked.captured = found.captured;
    asked.query = text::parse_query(query_of(request.target));
    asked.path = request.target.substr(0, request.target.find('?'));
    asked.none_match = header_of(request, "if-none-match");
    auto const& operation = *find_operation(found.route->operation);
    if (caller.role < operation.role) {
        problem(request.request, 403, "no-role",
                {{}, refusal_of(caller, operation.name, operation.role), {}});
        return false;
    }
    return is_unchanged(request, asked) && begin_replay(request, caller, asked);
}

bool RestFace::is_unchanged(Request const& request, Asked const& asked) {
    auto wanted = header_of(request, "if-match");
    if (wanted.empty() || asked.route->guard == Guard::none) return true;
    auto tag = guard_tag(asked.route->guard, asked.captured);
    if (!tag.empty() && has_tag(wanted, tag)) return true;
    problem(
        request.request, 412, "changed",
        {{}, "it is not what If-Match says any more", "get it again, and look before you write"});
    return false;
}

namespace {

/// What tells a body from another. Of a file of megabytes its size and both ends: the loop does not
/// wait for a digest of it, and nobody sends two that differ in the middle alone under one key.
std::string told_by(std::string const& body) {
    constexpr std::size_t whole = 1u << 20;
    if (body.size() <= whole) return body;
    return std::to_string(body.size()) + "\n" + body.substr(0, whole / 2) +
           body.substr(body.size() - whole / 2);
}

}  // namespace

/// False, and answered, when it was done before, or is being done.
bool RestFace::begin_replay(Request const& request, Caller const& caller, Asked& asked) {
    auto key = header_of(request, "idempotency-key");
    if (key.empty() || !is_write(request.method)) return true;
    JobFault fault{"Idempotency-Key", {}, {}};
    if (key.size() > Replays::longest_key) {
        fault.words = "a key may have " + std::to_string(Replays::longest_key) + " bytes";
        return problem(request.request, 400, "bad-key", fault), false;
    }
    asked.replay = caller.who + "\n" + std::string(key);
    auto print = tools_.doorman.sha256()(request.method + " " + request.target + "\n" +
                                         told_by(request.body));
    auto verdict = replays_.begin(asked.replay, print, tools_.house.wall());
    switch (verdict.sort) {
    case Replays::Sort::fresh:
        return true;
    case Replays::Sort::replayed:
        verdict.reply.headers.emplace_back("Idempotency-Replayed", "true");
        tools_.wire.reply(request.request, std::move(verdict.reply));
        return false;
    case Replays::Sort::busy:
        fault.words = "the first request with this key is still under way";
        return problem(request.request, 409, "under-way", fault), false;
    case Replays::Sort::other:
        fault.words = "this key came before with another request";
        return problem(request.request, 422, "other-request", fault), false;
    case Replays::Sort::full:
        fault.words = "too many requests with keys are under way";
        return problem(request.request, 503, "too-many", fault), false;
    }
    return true;
}

void RestFace::run(Request const& request, Asked asked, Caller const& caller) {
    auto body = read_body(is_write(request.method) ? request.body : std::string_view());
    auto const& operation = *find_operation(asked.route->operation);
    std::variant<text::Array, JobFault> parameters;
    if (body)
        parameters = rest_parameters(*asked.route, operation,
                                     {asked.captured, asked.query, std::move(body).take()});
    else
        parameters = JobFault{"body", body.error().what, {}};
    if (auto const* fault = std::get_if<JobFault>(&parameters))
        return problem(asked, 400, problem_of(400, "bad-parameter", *fault));
    auto told = [this, asked](Answer answer) { tell(asked, std::move(answer)); };
    begin(asked, operation.name, std::move(std::get<text::Array>(parameters)), caller,
          std::move(told));
}

/// `told` is called once, unless the client goes before.
void RestFace::begin(Asked const& asked, std::string_view operation, text::Array parameters,
                     Caller const& caller, std::function<void(Answer)> told) {
    open_[asked.id].replay = asked.replay;
    auto ticket = tools_.desk.begin(operation, std::move(parameters), std::move(told), caller);
    auto open = open_.find(asked.id);
    if (open != open_.end()) open->second.ticket = ticket;
}

/// POST call/OPERATION: the whole table, by name.
void RestFace::call(Request const& request, RouteFound const& found, Caller const& caller) {
    auto const* operation = find_operation(found.captured.front().second);
    if (!operation)
        return problem(request.request, 404, "unknown-method",
                       {"operation", "there is no such operation",
                        "POST /api/v1/call/lares.listMethods lists them"});
    Asked asked{.id = request.request, .route = found.route};
    asked.path = request.target;
    if (!begin_replay(request, caller, asked)) return;
    auto json = text::trim_json(request.body);
    Result<text::Value> body = json.empty() ? text::Value(text::Array{}) : text::read_json(json);
    text::Array list;
    if (body && body->members()) {
        auto named = parameters_by_name(operation->name, operation->signature, *body->members());
        if (auto const* outcome = std::get_if<Outcome>(&named))
            return problem(asked, 400, problem_of(*outcome, {}, {}));
        list = std::move(std::get<text::Array>(named));
    } else if (body && body->array()) {
        list = *body->array();
    } else {
        auto words = body ? "the body must be an array of parameters, or an object of them by name"
                          : body.error().what;
        return problem(asked, 400, problem_of(400, "bad-parameter", {"body", words, {}}));
    }
    begin(asked, operation->name, std::move(list), caller, [this, asked](Answer answer) {
        if (auto const* outcome = std::get_if<Outcome>(&answer))
            return problem(asked, status_of(*outcome), problem_of(*outcome, {}, {}));
        std::string out = "{\"result\":";
        append_rest_json(out, std::get<text::Value>(answer));
        send(asked,
             {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = out + "}"});
    });
}

void RestFace::tell(Asked const& asked, Answer answer) {
    std::string_view field =
        asked.captured.empty() ? std::string_view() : asked.captured.front().first;
    if (auto const* outcome = std::get_if<Outcome>(&answer)) {
        int status = status_of(*outcome);
        return problem(asked, status, problem_of(*outcome, status == 404 ? field : "", {}));
    }
    ports::HttpReply reply{.status = asked.route->status,
                           .headers = {{"Content-Type", "application/json"}},
                           .body = {}};
    auto body = body_of(asked, std::move(std::get<text::Value>(answer)), reply);
    if (auto const* outcome = std::get_if<Outcome>(&body)) {
        int status = status_of(*outcome);
        return problem(asked, status, problem_of(*outcome, status == 404 ? field : "", {}));
    }
    reply.body = std::move(std::get<std::string>(body));
    if (!is_write(asked.route->method)) {
        auto tag = asked.route->guard == Guard::none
                       ? etag_of(reply.body)
                       : guard_tag(asked.route->guard, asked.captured);
        reply.headers.emplace_back("ETag", tag);
        reply.headers.emplace_back("Cache-Control", "private, no-cache");
        if (has_tag(asked.none_match, tag)) {
            reply.status = 304;
            reply.body.clear();
        }
    }
    send(asked, std::move(reply));
}

namespace {

/// The list of a row, cut to the window of the query, with what leads on.
std::variant<std::string, Outcome> list_json(text::Array entries, std::string_view under,
                                             text::Fields const& query, std::string const& path,
                                             ports::HttpReply& reply) {
    auto window = list_window(query);
    if (auto const* fault = std::get_if<JobFault>(&window))
        return Outcome{Fault::bad_arguments, fault->field + ": " + fault->words};
    auto taken = take_window(std::move(entries), std::get<ListWindow>(window));
    if (!taken.wrong.empty())
        return Outcome{Fault::bad_arguments,
                       "there is no member '" + text::clean_utf8(taken.wrong.substr(0, 80)) + "'"};
    std::string out = "{\"" + std::string(under) + "\":";
    append_rest_json(out, text::Value(std::move(taken.entries)));
    out += taken.more ? ",\"more\":true}" : ",\"more\":false}";
    if (taken.more) {
        std::string next = path + "?";
        for (auto const& [name, value] : query)
            if (name != "after") next += name + "=" + text::encode_percent(value) + "&";
        reply.headers.emplace_back(
            "Link", "<" + next + "after=" + text::encode_percent(taken.last) + ">; rel=\"next\"");
    }
    return out;
}

text::Value take_member(text::Value& from, std::string_view name) {
    for (auto& [member, value] : std::get<text::Struct>(from.held))
        if (member == name) return std::move(value);
    return text::Array{};
}

void link_rows(text::Value const& answer, text::Fields const& query, std::string const& path,
               ports::HttpReply& reply) {
    auto const *more = answer.find("more"), *next = answer.find("next");
    if (!more || !more->boolean() || !*more->boolean() || !next) return;
    bool forward = text::field(query, "oldest_first") == "true";
    std::string_view cursor = forward ? "after" : "before";
    std::string link = path + "?";
    for (auto const& [name, value] : query)
        if (name != cursor)
            link += text::encode_percent(name) + "=" + text::encode_percent(value) + "&";
    reply.headers.emplace_back(
        "Link", "<" + link + std::string(cursor) + "=" + value_text(*next) + ">; rel=\"next\"");
}

}  // namespace

std::variant<std::string, Outcome> RestFace::body_of(Asked const& asked, text::Value answer,
                                                     ports::HttpReply& reply) {
    auto const& route = *asked.route;
    switch (route.shape) {
    case Shape::as_is:
        return rest_json(answer);
    case Shape::ok:
        return rest_json(ok());
    case Shape::rows:
        link_rows(answer, asked.query, asked.path, reply);
        return rest_json(answer);
    case Shape::list:
        if (!answer.array()) return rest_json(answer);
        return list_json(std::move(std::get<text::Array>(answer.held)), route.under, asked.query,
                         asked.path, reply);
    case Shape::processes: {
        auto processes = take_member(answer, "processes");
        return list_json(std::move(std::get<text::Array>(processes.held)), route.under, asked.query,
                         asked.path, reply);
    }
    case Shape::one_process: {
        auto processes = take_member(answer, "processes");
        if (processes.array()->empty()) return Outcome{Fault::bad_name, asked.captured[0].second};
        return rest_json(processes.array()->front());
    }
    case Shape::no_processes:
        std::erase_if(std::get<text::Struct>(answer.held), [](auto const& member) {
            return member.first == "processes" || member.first == "unknown";
        });
        return rest_json(answer);
    case Shape::results:
        if (auto failed = failed_alone(asked.captured, answer)) return *failed;
        return rest_json(text::Struct{{"results", std::move(answer)}});
    case Shape::text: {
        text::Struct members{{std::string(route.under), std::move(answer)}};
        if (route.path.empty())
            members.emplace_back("links", text::Struct{{"openapi", "/api/v1/openapi.json"},
                                                       {"stream", "/api/v1/stream"}});
        return rest_json(members);
    }
    case Shape::own:
        break;
    }
    return Outcome{Fault::failed, "this row answers by itself"};
}

/// Empty when there is no such thing, or not one.
std::string RestFace::guard_tag(Guard guard, Captured const& captured) const {
    auto const& house = tools_.house;
    switch (guard) {
    case Guard::none:
        return {};
    case Guard::program: {
        auto index = find_process(house, captured.front().second);
        if (!index) return {};
        auto info = house.info(*index);
        return etag_of(info.group + "\n" + info.name + "\n" + std::to_string(int(info.state)) +
                       " " + std::to_string(info.pid) + " " + std::to_string(info.restarts) + " " +
                       std::to_string(info.started.time_since_epoch().count()));
    }
    case Guard::task: {
        auto info = tools_.house.work().task(captured.front().second);
        if (!info || !info->task) return {};
        auto state = info->task->name + (info->task->enabled ? "\nenabled" : "\ndisabled");
        for (auto const& block : info->blocks) state += "\n" + block.kind + " " + block.words;
        return etag_of(state);
    }
    case Guard::config: {
        for (auto const& revision : tools_.house.configuration().history())
            if (revision.current) return "\"" + std::to_string(revision.revision) + "\"";
        return "\"0\"";
    }
    }
    return {};
}

/// Out of what is under way; not to who has gone.
void RestFace::send(Asked const& asked, ports::HttpReply reply) {
    if (!asked.replay.empty()) {
        // What could not be done for want of something may be tried again.
        if (reply.status == 503)
            replays_.forget(asked.replay);
        else
            replays_.settle(asked.replay, reply);
    }
    auto node = open_.extract(asked.id);
    if (!node.empty() && node.mapped().is_gone) return;
    tools_.wire.reply(asked.id, std::move(reply));
}

void RestFace::problem(Asked const& asked, int status, std::string json) {
    ports::HttpReply reply{.status = status,
                           .headers = {{"Content-Type", "application/problem+json"}},
                           .body = std::move(json)};
    if (status == 429 || status == 503) reply.headers.emplace_back("Retry-After", "1");
    send(asked, std::move(reply));
}

void RestFace::problem(ports::RequestId request, int status, std::string_view kind,
                       JobFault const& fault) {
    problem(Asked{.id = request}, status, problem_of(status, kind, fault));
}

void RestFace::reply_json(ports::RequestId request, int status, std::string json) {
    tools_.wire.reply(request, {.status = status,
                                .headers = {{"Content-Type", "application/json"}},
                                .body = std::move(json)});
}

}  // namespace lares::control
