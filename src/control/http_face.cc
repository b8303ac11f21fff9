// control/http_face.cc: from a request to an operation or a stream, and back.

#include "control/http_face.h"

#include <algorithm>

#include "control/operation_parts.h"
#include "control/operations.h"
#include "control/page_files.h"
#include "text/query.h"
#include "text/xmlrpc.h"

namespace lares::control {

namespace {

constexpr char plain_text[] = "text/plain;charset=utf-8";

std::string_view path_of(std::string_view target) {
    return target.substr(0, target.find_first_of("?#"));
}

/// What stands behind "/logtail/": a name and maybe a channel.
struct TailTarget {
    std::string name;
    std::string channel;  // "stdout" when not said
};

TailTarget tail_target(std::string_view rest) {
    while (rest.starts_with('/')) rest.remove_prefix(1);
    while (rest.ends_with('/')) rest.remove_suffix(1);
    auto slash = rest.find('/');
    if (slash == rest.npos) return {text::decode_percent(rest), "stdout"};
    return {text::decode_percent(rest.substr(0, slash)),
            text::decode_percent(rest.substr(slash + 1))};
}

}  // namespace

Face::Face(House& house, ports::Wire& wire, DoorTools tools)
    : house_(house),
      wire_(wire),
      keys_({.sha256 = tools.hashes.sha256, .random = tools.random, .write = tools.write_access}),
      usage_(house),
      desk_(house, operations(), house.wall()),
      streams_(house, wire_),
      doorman_(house, wire_, std::move(tools), keys_,
               [this](ports::HttpRequested const& request, Caller const& caller) {
                   route(request, caller);
               }),
      work_(house, wire_, doorman_),
      live_(house, wire_, usage_),
      rest_({house, wire_, desk_, doorman_, work_, keys_, live_}) {
    backroom_ = {.keys = &keys_,
                 .usage = &usage_,
                 .hash_password = doorman_.tools().hash_password,
                 .is_configured_user = [this](std::string_view name) {
                     return std::ranges::find(doorman_.configured(), name,
                                              &config::Account::name) !=
                            doorman_.configured().end();
                 }};
    desk_.use(&backroom_);
    keys_.on_end([this](std::string_view name) { live_.login_ended(name); });
}

void Face::on(ports::HttpRequested request) {
    // The page's own files tell nothing of the house; what they show is asked for with a login.
    if (auto page = page_file_reply(request)) return wire_.reply(request.request, std::move(*page));
    doorman_.on(std::move(request));
}

void Face::on(ports::HttpRefused const& event) {
    doorman_.note("http " + std::to_string(event.status),
                  "refused what " + address_of(event.peer) + " sent: " + event.words);
}

void Face::on(ports::StreamDrained const& event) {
    streams_.drained(event.request);
    live_.drained(event.request);
}

void Face::on(ports::HttpClosed const& event) {
    doorman_.closed(event.request);
    streams_.closed(event.request);
    work_.closed(event.request);
    rest_.closed(event.request);
    live_.closed(event.request);
    open_.erase(event.request);
    auto call = calls_.extract(event.request);
    if (!call.empty()) desk_.forget(call.mapped());
}

void Face::route(ports::HttpRequested const& request, Caller const& caller) {
    auto path = path_of(request.target);
    auto id = request.request;
    bool get = request.method == "GET";
    if (work_.route_hook(request, path) || rest_.route(request, path, caller)) return;
    if (route_open(request, path, caller)) return;
    if (path.starts_with("/RPC2")) {
        if (request.method == "POST") return call(request, caller);
        return say(id, 400, "XML-RPC calls are made with POST");
    }
    if (!get && request.method != "HEAD" && request.method != "POST")
        return say(id, 400, "this method is not known here");
    if (path == "/ok.html")
        return wire_.reply(
            id, {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = "OK"});
    if (caller.role < Role::viewer)
        return say(id, 403, refusal_of(caller, "this page", Role::viewer));
    if (get && path == "/mainlogtail") return tail_main_log(id);
    if (get && path.starts_with("/logtail/"))
        return tail_process_log(id, path.substr(sizeof("/logtail/") - 1));
    if (!route_page(request, path, caller))
        say(id, 404, "there is no such page; XML-RPC is at /RPC2");
}

/// Runs an operation; `then` answers the request.
void Face::begin(ports::RequestId request, std::string_view method, text::Array parameters,
                 Caller const& caller, Then then) {
    auto done = [this, request, then = std::move(then)](Answer answer) {
        calls_.erase(request);
        then(std::move(answer));
    };
    auto ticket = desk_.begin(method, std::move(parameters), std::move(done), caller);
    if (desk_.is_open(ticket)) calls_[request] = ticket;
}

void Face::call(ports::HttpRequested const& request, Caller const& caller) {
    auto asked = text::parse_call(request.body);
    auto id = request.request;
    if (!asked) {
        doorman_.note("xml",
                      "refused a call of " + address_of(request.peer) + ": " + asked.error().what);
        return say(id, 400, asked.error().what);
    }
    begin(id, asked->method, std::move(asked->params), caller, [this, id](Answer answer) {
        auto body = text::write_answer(to_xmlrpc(std::move(answer)));
        wire_.reply(
            id,
            {.status = 200, .headers = {{"Content-Type", "text/xml"}}, .body = std::move(body)});
    });
}

void Face::tail_main_log(ports::RequestId request) {
    auto log = find_log(house_, {});
    if (!log) return say(request, 404, "the daemon keeps no log file");
    streams_.open(request, {}, std::move(*log));
}

void Face::tail_process_log(ports::RequestId request, std::string_view rest) {
    auto [name, channel] = tail_target(rest);
    if (!find_process(house_, name))
        return say(request, 404, "there is no process '" + text::clean_utf8(name) + "'");
    if (channel != "stdout" && channel != "stderr")
        return say(request, 404, "a log is 'stdout' or 'stderr'");
    LogName wanted{name, channel == "stdout" ? House::Stream::out : House::Stream::err};
    auto log = find_log(house_, wanted);
    if (!log) return say(request, 404, "the process has no such log file");
    streams_.open(request, std::move(wanted), std::move(*log));
}

void Face::say(ports::RequestId request, int status, std::string words) {
    wire_.reply(request, {.status = status,
                          .headers = {{"Content-Type", plain_text}},
                          .body = std::move(words) + "\n"});
}

}  // namespace lares::control
