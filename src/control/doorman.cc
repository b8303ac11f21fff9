// control/doorman.cc: letting in, or saying why not.

#include "control/doorman.h"

#include <algorithm>
#include <utility>

#include "control/hook.h"
#include "control/origin.h"
#include "control/rest_json.h"
#include "text/json_read.h"
#include "text/query.h"
#include "text/value.h"

namespace lares::control {

namespace {

/// Slow checks that wait for the worker, all together and by address: a flood of wrong passwords
/// must not keep others from logging in. Each takes some 50 ms.
constexpr std::size_t most_checks = 16;
constexpr std::ptrdiff_t most_checks_of_one = 2;
/// Right passwords remembered; when there are more, all are checked again.
constexpr std::size_t most_known = 256;

constexpr char plain_text[] = "text/plain;charset=utf-8";

// Beside the page's own files, which hold nothing that is not public.
constexpr std::string_view open_paths[] = {"/status", "/status.json", "/status.css",
                                           "/calendar.ics", "/api/v1/session"};

bool is_write(ports::HttpRequested const& request) {
    return request.method != "GET" && request.method != "HEAD";
}

/// Somebody logs in with a browser: POST /api/v1/session.
bool is_login(ports::HttpRequested const& request) {
    return request.method == "POST" && request.target == "/api/v1/session";
}

/// Name and password, or token, from the body to where others send them. What is no login stays
/// none.
void take_login(ports::HttpRequested& request) {
    auto body = text::read_json(text::trim_json(request.body));
    request.body.clear();
    request.authorization.clear();
    if (!body) return;
    auto text_of = [&](std::string_view name) {
        auto const* value = body->find(name);
        return value && value->text() ? *value->text() : std::string();
    };
    auto name = text_of("name"), token = text_of("token");
    if (!token.empty())
        request.authorization = "Bearer " + token;
    else if (!name.empty() && name.find(':') == name.npos)
        request.authorization = basic_of(name, text_of("password"));
}

/// A script of a page asks: a dialog of the browser's own would be in its way.
bool is_script(ports::HttpRequested const& request) {
    return !header_of(request, "x-lares-request").empty() || !session_cookie(request).empty() ||
           (request.fetch_site == "same-origin" && request.target.starts_with("/api/")) ||
           is_login(request);
}

/// A stranger's words must not look like a line of the log's own.
std::string on_one_line(std::string_view text) {
    std::string line = text::clean_utf8(text);
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
    return line;
}

}  // namespace

std::string origin_of(ports::Peer const& peer) {
    return peer.is_unix ? "pid " + std::to_string(peer.pid) : without_port(peer.address);
}

std::string address_of(ports::Peer const& peer) {
    return peer.is_unix ? "uid " + std::to_string(peer.uid) : without_port(peer.address);
}

std::string session_cookie(ports::HttpRequested const& request) {
    return text::cookie(header_of(request, "cookie"), "lares_session");
}

bool is_for_everyone(std::string_view path) {
    return std::ranges::find(open_paths, path) != std::end(open_paths);
}

Doorman::Doorman(House& house, ports::Wire& wire, DoorTools tools, Keys& keys, Admit admit)
    : house_(house), wire_(wire), tools_(std::move(tools)), keys_(keys), admit_(std::move(admit)) {
    keys_.on_change([this] { join_accounts(); });
    if (auto read = keys_.load(tools_.access); !read && tools_.log)
        tools_.log(
            "the file 'access' of the state directory cannot be read, so nobody of it is let "
            "in: " +
            read.error().what);
}

void Doorman::serve(std::vector<config::HttpServer> const& servers,
                    std::vector<config::Account> const& accounts, int first) {
    auto same_logins = [](config::HttpServer const& a, config::HttpServer const& b) {
        return a.username == b.username && a.password == b.password;
    };
    bool is_same = configured_ == accounts && std::ranges::equal(servers_, servers, same_logins);
    servers_ = servers;
    first_server_ = first;
    if (is_same && !accounts_.empty()) return;
    // Who logged in as somebody that is no more, or has another role now, does so again.
    if (!is_same) keys_.end_sessions_of({});
    configured_ = accounts;
    join_accounts();
}

void Doorman::join_accounts() {
    auto before = std::exchange(accounts_, configured_);
    for (auto const& user : keys_.users())
        if (std::ranges::find(configured_, user.name, &config::Account::name) == configured_.end())
            accounts_.push_back(user);
    // Somebody was to log in here: as long as nobody can be known, nobody is let in.
    if (keys_.is_broken()) accounts_.push_back({.name = "\n"});
    if (accounts_ != before) known_.clear();
}

bool Doorman::is_secure(ports::HttpRequested const& request) const {
    auto const* server = server_of(request);
    return (server && !server->certificate.empty()) ||
           header_of(request, "x-forwarded-proto") == "https";
}

void Doorman::on(ports::HttpRequested request) {
    // A request can still come from a server that a restart has taken away, by a connection made
    // before; what stands at its number now may ask for another password.
    auto const* server = server_of(request);
    if (!server)
        return wire_.reply(request.request,
                           {.status = 503,
                            .headers = {{"Connection", "close"}, {"Content-Type", plain_text}},
                            .body = "this server has gone\n"});
    // A hook asks for its own secret, and who calls it is no user of ours; so is the reader of a
    // message who follows its link.
    if (request.target.starts_with("/hook/") || request.target.starts_with("/ack/"))
        return let_in(request, {Role::none, address_of(request.peer), {}});
    auto foreign = refusal_of_origin(*server, request, is_open_to_all(*server, accounts_),
                                     tools_.machine_name);
    if (foreign) {
        note("origin",
             "refused a browser's request from " + address_of(request.peer) + ": " + *foreign);
        return say(request, 403, *foreign);
    }
    auto path = std::string_view(request.target).substr(0, request.target.find_first_of("?#"));
    bool is_known = !request.authorization.empty() || !session_cookie(request).empty();
    if (is_for_everyone(path) && !is_known &&
        !strangers_.pass(address_of(request.peer), house_.wall()))
        return wire_.reply(request.request,
                           {.status = 429,
                            .headers = {{"Retry-After", "1"}, {"Content-Type", plain_text}},
                            .body = "too many requests from this address\n"});
    if (is_login(request)) take_login(request);
    judge(std::move(request), *server);
}

config::HttpServer const* Doorman::server_of(ports::HttpRequested const& request) const {
    auto number = static_cast<std::size_t>(request.server - first_server_);
    bool is_here = request.server >= first_server_ && number < servers_.size();
    return is_here ? &servers_[number] : nullptr;
}

/// By what is not in the configuration: tokens and sessions. False: neither was brought, or none
/// that counts.
bool Doorman::judge_keys(ports::HttpRequested const& request) {
    if (auto caller = keys_.find_token(bearer_of(request.authorization), house_.wall()))
        return let_in(request, std::move(*caller)), true;
    if (!request.authorization.empty()) return false;
    auto caller = keys_.find_session(session_cookie(request), house_.wall());
    if (!caller) return false;
    // A browser sends a cookie along for any page; this header only a script of our own can add.
    if (is_write(request) && header_of(request, "x-lares-request").empty() && !is_login(request)) {
        note("csrf", "refused a write of " + caller->who + " without the header X-Lares-Request");
        say(request, 403, "a session that changes something must send the header X-Lares-Request");
        return true;
    }
    return let_in(request, std::move(*caller)), true;
}

void Doorman::judge(ports::HttpRequested request, config::HttpServer const& server) {
    if (judge_keys(request)) return;
    auto verdict =
        judge_access(server, accounts_, request.peer, request.authorization, tools_.hashes);
    switch (verdict.access) {
    case Access::granted:
        return let_in(request, std::move(verdict.caller));
    case Access::malformed:
        return say(request, 400, "the Authorization header cannot be read");
    case Access::forbidden:
        note("role", "refused " + verdict.caller.who + ", who has no role here");
        return say(request, 403, verdict.caller.who + " has no role here (peer_roles)");
    case Access::denied: {
        auto path = std::string_view(request.target).substr(0, request.target.find_first_of("?#"));
        if (!verdict.was_tried && is_for_everyone(path))
            return let_in(request, {.role = Role::none, .who = address_of(request.peer)});
        return refuse_login(request, verdict.was_tried);
    }
    case Access::slow:
        return check(std::move(request), std::move(verdict));
    }
}

void Doorman::check(ports::HttpRequested request, Verdict verdict) {
    std::string key = tools_.hashes.sha256(tools_.salt + verdict.hash + '\0' + verdict.password +
                                           '\0' + verdict.caller.who);
    if (known_.contains(key)) return settle(request, verdict, /*fits=*/true);
    auto under_way = checks_.find(key);
    if (under_way != checks_.end())
        return under_way->second.waiting.push_back({std::move(request), std::move(verdict)});
    std::string address = address_of(request.peer);
    if (!has_room_for(address))
        return wire_.reply(request.request,
                           {.status = 503,
                            .headers = {{"Retry-After", "1"}, {"Content-Type", plain_text}},
                            .body = "too many passwords are being checked, try again\n"});
    auto& check = checks_[key];
    check.address = std::move(address);
    check.hash = verdict.hash;
    check.waiting.push_back({std::move(request), verdict});
    tools_.check_password(std::move(verdict.password), std::move(verdict.hash),
                          [this, key](bool fits) { checked(key, fits); });
}

bool Doorman::has_room_for(std::string const& address) const {
    auto own = std::ranges::count_if(
        checks_, [&](auto const& entry) { return entry.second.address == address; });
    return checks_.size() < most_checks && own < most_checks_of_one;
}

void Doorman::checked(std::string const& key, bool fits) {
    auto node = checks_.extract(key);
    if (node.empty()) return;
    auto& check = node.mapped();
    // Accounts may have changed meanwhile.
    bool is_current = std::ranges::any_of(
        accounts_, [&](auto const& account) { return account.password == check.hash; });
    fits = fits && is_current;
    if (known_.size() >= most_known) known_.clear();
    if (fits) known_.insert(key);
    for (auto const& [request, verdict] : check.waiting) settle(request, verdict, fits);
}

void Doorman::settle(ports::HttpRequested const& request, Verdict const& verdict, bool fits) {
    // An unknown user's verdict has no role: the check was only for its time.
    if (fits && verdict.caller.role != Role::none) return let_in(request, verdict.caller);
    if (verdict.otherwise.role != Role::none) return let_in(request, verdict.otherwise);
    refuse_login(request, verdict.was_tried);
}

void Doorman::let_in(ports::HttpRequested const& request, Caller caller) {
    // Here the peer's own role does not make up for a wrong password.
    bool has_proved = caller.by == Caller::By::login || caller.by == Caller::By::token;
    if (is_login(request) && !request.authorization.empty() && !has_proved)
        return refuse_login(request, /*was_tried=*/true);
    caller.from = origin_of(request.peer);
    admit_(request, std::move(caller));
}

void Doorman::refuse_login(ports::HttpRequested const& request, bool was_tried) {
    Duration hold{0};
    if (was_tried) {
        std::string address = address_of(request.peer);
        hold = slowdown_.after_failure(address, house_.wall());
        note("login", "refused a wrong login from " + address);
    }
    ports::HttpReply reply{.status = 401,
                           .headers = {{"WWW-Authenticate", "Basic realm=\"default\""},
                                       {"Connection", "close"},
                                       {"Content-Type", plain_text}},
                           .body = "a user name and a password are needed here\n",
                           .hold = hold};
    if (is_script(request)) reply.headers.erase(reply.headers.begin());
    if (request.target.starts_with("/api/")) {
        reply.headers.back().second = "application/problem+json";
        reply.body = problem_of(401, "login", {{}, "a login or a token is needed here", {}});
    }
    wire_.reply(request.request, std::move(reply));
}

Duration Doorman::hold_after_failure(ports::Peer const& peer) {
    return slowdown_.after_failure(address_of(peer), house_.wall());
}

void Doorman::closed(ports::RequestId request) {
    // The check itself goes on: it cannot be taken back, and its answer is worth remembering.
    for (auto& [key, check] : checks_)
        std::erase_if(check.waiting,
                      [&](auto const& each) { return each.request.request == request; });
}

void Doorman::note(std::string_view kind, std::string words) {
    auto line = gate_.pass(kind, std::move(words), house_.wall());
    if (line && tools_.log) tools_.log(on_one_line(*line));
}

void Doorman::say(ports::HttpRequested const& request, int status, std::string words) {
    wire_.reply(request.request, {.status = status,
                                  .headers = {{"Content-Type", plain_text}},
                                  .body = std::move(words) + "\n"});
}

}  // namespace lares::control
