// api/client.cc: requests as XML-RPC calls, answers and their failures as values.

#include "api/client.h"

#include <algorithm>
#include <utility>

#include "text/base64.h"
#include "text/json_read.h"
#include "text/xmlrpc.h"

namespace lares::api {
namespace {

using text::Value;

/// A process name as part of a path: everything but letters, digits and "-._~" as %XX.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return out;
}

Value list(Patterns const& patterns) { return text::Array(patterns.begin(), patterns.end()); }

/// Reads a yes-or-no answer; supervisord's operations answer true or with a fault.
Result<> done(Result<Value> answer) {
    if (!answer) return std::move(answer).error();
    return {};
}

std::string without_newline(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text.empty() ? "not found" : text;
}

constexpr Duration no_limit{0};

Duration limit_of(Wait wait) { return wait == Wait::yes ? no_limit : Client::answer_limit; }

std::string_view name_of(Stream stream) { return stream == Stream::out ? "stdout" : "stderr"; }

}  // namespace

HttpCall Client::prepare(std::string method, std::string target) const {
    HttpCall call{.server = server_.url,
                  .cafile = server_.cafile,
                  .method = std::move(method),
                  .target = std::move(target),
                  .until = until_};
    if (!server_.username.empty())
        call.headers.emplace_back(
            "Authorization",
            "Basic " + text::encode_base64(server_.username + ":" + server_.password));
    return call;
}

Error Client::words_for(Error error) const {
    // A missing socket file is for our callers the same as a refusal: nobody listens.
    if (error.kind == Error::Kind::not_found) error.kind = Error::Kind::unavailable;
    return error;
}

Error Client::words_for_status(HttpRefusal const& answer) const {
    if (answer.status == 401 && server_.username.empty())
        return {Error::Kind::denied, server_.url + " asks for a user name and a password"};
    if (answer.status == 401)
        return {Error::Kind::denied,
                server_.url + " does not accept this password of user '" + server_.username + "'"};
    if (answer.status == 404) return {Error::Kind::not_found, without_newline(answer.body)};
    return {Error::Kind::io,
            server_.url + " answered with HTTP status " + std::to_string(answer.status)};
}

Reply Client::exchange(std::string const& method, std::vector<Value> params, Duration limit) {
    HttpCall request = prepare("POST", "/RPC2");
    request.timeout = limit;
    request.headers.emplace_back("Content-Type", "text/xml");
    request.body = text::write_call({.method = method, .params = std::move(params)});
    Result<HttpAnswer> answer = http_.call(request);
    if (!answer) return answer.error();
    if (answer->status != 200) return HttpRefusal{answer->status, std::move(answer->body)};
    Result<text::XmlRpcAnswer> parsed = text::parse_answer(answer->body);
    if (!parsed) return std::move(parsed).error().during(server_.url + " is no Lares");
    return std::visit([](auto held) -> Reply { return held; }, std::move(parsed).take());
}

namespace {

/// "payload: at byte 3: ...; hint"; empty when the body is no problem of ours.
std::string problem_words(std::string_view body) {
    Result<Value> const problem = text::read_json(body);
    if (!problem) return {};
    std::string words;
    for (std::string_view const member : {"field", "detail", "hint"}) {
        Value const* part = problem->find(member);
        if (part == nullptr || part->text() == nullptr) continue;
        words += (words.empty() ? "" : member == "hint" ? "; " : ": ") + *part->text();
    }
    return words;
}

Error::Kind kind_of_status(int status) {
    if (status == 401 || status == 403) return Error::Kind::denied;
    if (status == 404) return Error::Kind::not_found;
    if (status == 409 || status == 429 || status == 503) return Error::Kind::conflict;
    return Error::Kind::invalid;
}

}  // namespace

Result<Value> Client::post(std::string const& target, std::string const& content_type,
                           std::string body, Duration limit) {
    HttpCall request = prepare("POST", target);
    request.timeout = limit;
    request.headers.emplace_back("Content-Type", content_type);
    request.body = std::move(body);
    return json_answer(request);
}

Result<Value> Client::get(std::string const& target, Duration limit) {
    HttpCall request = prepare("GET", target);
    request.timeout = limit;
    return json_answer(request);
}

Result<Value> Client::json_answer(HttpCall const& request) {
    Result<HttpAnswer> answer = http_.call(request);
    if (!answer) return words_for(std::move(answer).error());
    if (answer->status >= 200 && answer->status < 300) {
        Result<Value> value = text::read_json(answer->body);
        if (!value) return std::move(value).error().during(server_.url + " is no Lares");
        return value;
    }
    std::string const words = problem_words(answer->body);
    if (words.empty()) return words_for_status({answer->status, std::move(answer->body)});
    return Error{kind_of_status(answer->status), words};
}

Result<Value> Client::judge(Reply reply) const {
    if (auto* value = std::get_if<Value>(&reply)) return std::move(*value);
    if (auto const* fault = std::get_if<text::XmlRpcFault>(&reply)) return error_of(*fault);
    if (auto const* refusal = std::get_if<HttpRefusal>(&reply)) return words_for_status(*refusal);
    return words_for(std::get<Error>(std::move(reply)));
}

Result<Value> Client::call(std::string const& method, std::vector<Value> params, Duration limit) {
    return judge(exchange(method, std::move(params), limit));
}

Result<Value> Client::status_value(Patterns const& patterns) {
    return call("lares.status", {list(patterns)});
}

Result<Status> Client::status(Patterns const& patterns) {
    // What a table shows; with all 22 members a thousand processes are 1.8 MB of XML.
    static Patterns const members = {"name",     "group",    "state",      "statename",
                                     "pid",      "uptime",   "why",        "waits_for",
                                     "restarts", "spawnerr", "description"};
    return read_status(TRY(call("lares.status", {list(patterns), list(members)})));
}

Result<Value> Client::start(Patterns const& patterns, Wait wait) {
    return call("lares.start", {list(patterns), wait == Wait::yes}, limit_of(wait));
}

Result<Value> Client::stop(Patterns const& patterns, Wait wait) {
    return call("lares.stop", {list(patterns), wait == Wait::yes}, limit_of(wait));
}

Result<Value> Client::restart(Patterns const& patterns, Wait wait, Manner manner) {
    return call("lares.restart", {list(patterns), wait == Wait::yes, manner == Manner::rolling},
                limit_of(wait));
}

Result<Value> Client::signal(Patterns const& patterns, std::string const& signal) {
    return call("lares.signal", {list(patterns), signal});
}

Result<> Client::scale(std::string const& program, std::int64_t count) {
    return done(call("lares.scale", {program, count}, no_limit));
}

Result<std::string> Client::version() {
    Value const value = TRY(call("lares.version", {}));
    std::string const* text = value.text();
    if (text == nullptr) return Error{Error::Kind::io, "the server's answer is not a version"};
    return *text;
}

Result<std::int64_t> Client::daemon_pid() {
    Value const value = TRY(call("supervisor.getPID", {}));
    std::int64_t const* pid = value.integer();
    if (pid == nullptr) return Error{Error::Kind::io, "the server's answer is not a pid"};
    return *pid;
}

Result<> Client::shutdown() { return done(call("supervisor.shutdown", {})); }

Result<LogPiece> Client::tail(std::string const& name, Stream stream, std::int64_t bytes) {
    char const* method = stream == Stream::out ? "supervisor.tailProcessStdoutLog"
                                               : "supervisor.tailProcessStderrLog";
    return read_log_piece(TRY(call(method, {name, 0, bytes})));
}

Result<std::string> Client::tail_main(std::int64_t bytes) {
    Value const value = TRY(call("supervisor.readLog", {-bytes, 0}));
    std::string const* text = value.text();
    if (text == nullptr) return Error{Error::Kind::io, "the server's answer is not a log"};
    return *text;
}

Result<> Client::follow(std::string const& name, Stream stream,
                        std::function<bool(std::string_view)> const& take) {
    return done(judge(follow_raw(name, stream, take)));
}

Result<> Client::follow_main(std::function<bool(std::string_view)> const& take) {
    return done(judge(follow_main_raw(take)));
}

Reply Client::follow_raw(std::string const& name, Stream stream,
                         std::function<bool(std::string_view)> const& take) {
    std::string target = "/logtail/" + percent_encoded(name) + "/";
    return follow_path(target.append(name_of(stream)), take);
}

Reply Client::follow_main_raw(std::function<bool(std::string_view)> const& take) {
    return follow_path("/mainlogtail", take);
}

Reply Client::follow_path(std::string target, std::function<bool(std::string_view)> const& take) {
    HttpCall call = prepare("GET", std::move(target));
    Result<HttpAnswer> answer = http_.stream(call, take);
    if (!answer) return answer.error();
    if (answer->status != 200) return HttpRefusal{answer->status, std::move(answer->body)};
    return Value(true);
}

}  // namespace lares::api
