// control/http_face.cc: from a request to an operation or a stream, and back.

#include "control/http_face.h"

#include "control/operation_parts.h"
#include "control/operations.h"
#include "text/xmlrpc.h"

namespace lares::control {

namespace {

constexpr char plain_text[] = "text/plain;charset=utf-8";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

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
    if (slash == rest.npos) return {decode_percent(rest), "stdout"};
    return {decode_percent(rest.substr(0, slash)), decode_percent(rest.substr(slash + 1))};
}

}  // namespace

std::string decode_percent(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool two_more = text[i] == '%' && i + 2 < text.size();
        int high = two_more ? hex_digit(text[i + 1]) : -1;
        int low = two_more ? hex_digit(text[i + 2]) : -1;
        bool is_code = high >= 0 && low >= 0;
        decoded.push_back(is_code ? static_cast<char>(high * 16 + low) : text[i]);
        if (is_code) i += 2;
    }
    return decoded;
}

Face::Face(House& house, ports::Wire& wire, std::vector<config::HttpServer> const& servers,
           Sha1 sha1)
    : house_(house),
      wire_(wire),
      servers_(servers),
      sha1_(std::move(sha1)),
      desk_(house, operations(), house.wall()),
      streams_(house, wire) {}

void Face::on(ports::HttpRequested request) {
    if (admit(request)) route(request);
}

void Face::on(ports::StreamDrained const& event) { streams_.drained(event.request); }

void Face::on(ports::HttpClosed const& event) {
    streams_.closed(event.request);
    auto call = calls_.extract(event.request);
    if (!call.empty()) desk_.forget(call.mapped());
}

bool Face::admit(ports::HttpRequested const& request) {
    // A request can still come from a server that a restart has taken away, by a connection made
    // before; what stands at its number now may ask for another password.
    bool is_here = request.server >= first_server_ &&
                   request.server - first_server_ < static_cast<int>(servers_.size());
    if (!is_here) {
        wire_.reply(request.request, {503,
                                      {{"Connection", "close"}, {"Content-Type", plain_text}},
                                      "this server has gone\n"});
        return false;
    }
    auto number = static_cast<std::size_t>(request.server - first_server_);
    switch (judge_access(servers_[number], request.authorization, sha1_)) {
    case Access::granted:
        return true;
    case Access::malformed:
        return say(request.request, 400, "the Authorization header cannot be read"), false;
    case Access::denied:
        break;
    }
    wire_.reply(request.request, {401,
                                  {{"WWW-Authenticate", "Basic realm=\"default\""},
                                   {"Connection", "close"},
                                   {"Content-Type", plain_text}},
                                  "a user name and a password are needed here\n"});
    return false;
}

void Face::route(ports::HttpRequested const& request) {
    auto path = path_of(request.target);
    auto id = request.request;
    bool get = request.method == "GET";
    if (path.starts_with("/RPC2")) {
        if (request.method == "POST") return call(request);
        return say(id, 400, "XML-RPC calls are made with POST");
    }
    if (!get && request.method != "HEAD" && request.method != "POST")
        return say(id, 400, "this method is not known here");
    if (path == "/ok.html") {
        return wire_.reply(id, {200, {{"Content-Type", "text/plain"}}, "OK"});
    }
    if (get && path == "/mainlogtail") return tail_main_log(id);
    if (get && path.starts_with("/logtail/"))
        return tail_process_log(id, path.substr(sizeof("/logtail/") - 1));
    say(id, 404, "there is no such page; XML-RPC is at /RPC2");
}

void Face::call(ports::HttpRequested const& request) {
    auto asked = text::parse_call(request.body);
    if (!asked) return say(request.request, 400, asked.error().what);
    if (asked->method.empty()) return say(request.request, 400, "the call names no method");
    auto id = request.request;
    auto done = [this, id](Answer answer) {
        calls_.erase(id);
        auto body = text::write_answer(to_xmlrpc(std::move(answer)));
        wire_.reply(id, {200, {{"Content-Type", "text/xml"}}, std::move(body)});
    };
    auto ticket = desk_.begin(asked->method, std::move(asked->params), std::move(done));
    if (desk_.is_open(ticket)) calls_[id] = ticket;
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
    wire_.reply(request, {status, {{"Content-Type", plain_text}}, std::move(words) + "\n"});
}

}  // namespace lares::control
