// control/http_face.cc: from a request to an operation or a stream, and back.

#include "control/http_face.h"

#include "control/http_call.h"
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
      desk_(house, operations(), house.wall()),
      streams_(house, wire),
      doorman_(house, wire, std::move(tools),
               [this](ports::HttpRequested const& request, Caller const& caller) {
                   route(request, caller);
               }),
      work_(house, wire, doorman_) {}

void Face::on(ports::HttpRequested request) {
    // The page's own files tell nothing of the house; what they show is asked for with a login.
    if (auto page = page_file_reply(request)) return wire_.reply(request.request, std::move(*page));
    doorman_.on(std::move(request));
}

void Face::on(ports::HttpRefused const& event) {
    doorman_.note("http " + std::to_string(event.status),
                  "refused what " + address_of(event.peer) + " sent: " + event.words);
}

void Face::on(ports::StreamDrained const& event) { streams_.drained(event.request); }

void Face::on(ports::HttpClosed const& event) {
    doorman_.closed(event.request);
    streams_.closed(event.request);
    work_.closed(event.request);
    drops_.erase(event.request);
    auto call = calls_.extract(event.request);
    if (!call.empty()) desk_.forget(call.mapped());
}

void Face::route(ports::HttpRequested const& request, Caller const& caller) {
    auto path = path_of(request.target);
    auto id = request.request;
    bool get = request.method == "GET";
    if (path.starts_with(call_path))
        return call_json(request, path.substr(call_path.size()), caller);
    if (path.starts_with(folders_path) && request.method == "PUT")
        return drop(request, path.substr(folders_path.size()), caller);
    if (path == session_path && get) return wire_.reply(id, session_reply(caller));
    if (work_.route(request, path, caller)) return;
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

void Face::call_json(ports::HttpRequested const& request, std::string_view method,
                     Caller const& caller) {
    auto id = request.request;
    if (request.method != "POST")
        return wire_.reply(id, problem_reply(405, "Method Not Allowed", "calls are POSTed"));
    auto parameters = call_parameters(request.body);
    if (!parameters)
        return wire_.reply(id, problem_reply(400, "Bad Request", parameters.error().what));
    begin(id, method, std::move(parameters).take(), caller,
          [this, id](Answer const& answer) { wire_.reply(id, call_reply(answer)); });
}

void Face::drop(ports::HttpRequested const& request, std::string_view rest, Caller const& caller) {
    auto id = request.request;
    auto target = drop_target(rest);
    if (!target) return wire_.reply(id, problem_reply(404, "Not Found", "PUT to NAME/files/FILE"));
    if (caller.role < Role::operator_)
        return wire_.reply(
            id,
            problem_reply(403, "Forbidden", refusal_of(caller, "dropping files", Role::operator_)));
    drops_.insert(id);
    house_.work().drop_file(target->folder, target->file, request.body, signed_by(caller),
                            [this, id](Result<std::string> const& path) {
                                // Who has gone is not answered; the file is there.
                                if (drops_.erase(id) > 0) wire_.reply(id, drop_reply(path));
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
