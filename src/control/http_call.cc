// control/http_call.cc: JSON in, JSON out.

#include "control/http_call.h"

#include <string>

#include "config/roles.h"
#include "text/json.h"
#include "text/json_read.h"
#include "text/query.h"

namespace lares::control {

namespace {

ports::HttpReply json_reply(int status, std::string_view type, std::string body) {
    return {.status = status,
            .headers = {{"Content-Type", std::string(type)},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"}},
            .body = std::move(body)};
}

/// What a fault is to a client that goes by statuses.
int status_of(Fault fault) {
    switch (fault) {
    case Fault::unknown_method:
    case Fault::bad_name:
        return 404;
    case Fault::incorrect_parameters:
    case Fault::bad_arguments:
    case Fault::bad_signal:
        return 400;
    case Fault::shutdown_state:
        return 503;
    default:  // all others: it was understood, and could not be done
        return 409;
    }
}

}  // namespace

Result<text::Array> call_parameters(std::string_view body) {
    auto json = text::trim_json(body);
    if (json.empty()) return text::Array{};
    auto value = TRY(text::read_json(json));
    if (auto const* parameters = value.array()) return *parameters;
    return Error{Error::Kind::invalid, "the body must be a JSON array of parameters"};
}

std::optional<DropTarget> drop_target(std::string_view rest) {
    constexpr std::string_view files = "/files/";
    auto slash = rest.find(files);
    if (slash == rest.npos) return std::nullopt;
    return DropTarget{.folder = text::decode_percent(rest.substr(0, slash)),
                      .file = text::decode_percent(rest.substr(slash + files.size()))};
}

ports::HttpReply drop_reply(Result<std::string> const& path) {
    if (path) {
        std::string body = "{\"path\":";
        text::append_json(body, *path);
        return json_reply(201, "application/json", body + "}");
    }
    using Kind = Error::Kind;
    auto kind = path.error().kind;
    bool is_known = kind == Kind::not_found || kind == Kind::invalid;
    return problem_reply(kind == Kind::not_found ? 404
                         : is_known              ? 400
                                                 : 503,
                         "The file was not put there", path.error().what);
}

ports::HttpReply call_reply(Answer const& answer) {
    if (auto const* outcome = std::get_if<Outcome>(&answer)) {
        auto words = outcome->extra.empty() ? fault_text(*outcome) : outcome->extra;
        return problem_reply(status_of(outcome->fault), name(outcome->fault), words);
    }
    return json_reply(200, "application/json",
                      "{\"result\":" + text::to_json(std::get<text::Value>(answer)) + "}");
}

ports::HttpReply problem_reply(int status, std::string_view title, std::string_view words) {
    std::string body = "{\"status\":" + std::to_string(status) + ",\"title\":";
    text::append_json(body, title);
    text::append_json(body += ",\"detail\":", words);
    return json_reply(status, "application/problem+json", body + "}");
}

ports::HttpReply session_reply(Caller const& caller) {
    bool is_open = caller.who == "this client";
    std::string body = "{\"name\":";
    text::append_json(body, is_open ? "" : caller.who);
    text::append_json(body += ",\"role\":",
                      caller.role == Role::none ? "none" : config::role_name(caller.role));
    text::append_json(body += ",\"kind\":", is_open ? "open" : "login");
    return json_reply(200, "application/json", body + "}");
}

}  // namespace lares::control
