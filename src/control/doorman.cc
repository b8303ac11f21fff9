// control/doorman.cc: letting in, or saying why not.

#include "control/doorman.h"

#include <algorithm>
#include <utility>

#include "control/origin.h"
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

void Doorman::serve(std::vector<config::HttpServer> const& servers,
                    std::vector<config::Account> const& accounts, int first) {
    servers_ = servers;
    first_server_ = first;
    if (accounts_ == accounts) return;
    accounts_ = accounts;
    known_.clear();
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
    judge(std::move(request), *server);
}

config::HttpServer const* Doorman::server_of(ports::HttpRequested const& request) const {
    auto number = static_cast<std::size_t>(request.server - first_server_);
    bool is_here = request.server >= first_server_ && number < servers_.size();
    return is_here ? &servers_[number] : nullptr;
}

void Doorman::judge(ports::HttpRequested request, config::HttpServer const& server) {
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
    case Access::denied:
        return refuse_login(request, verdict.was_tried);
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
    wire_.reply(request.request, {.status = 401,
                                  .headers = {{"WWW-Authenticate", "Basic realm=\"default\""},
                                              {"Connection", "close"},
                                              {"Content-Type", plain_text}},
                                  .body = "a user name and a password are needed here\n",
                                  .hold = hold});
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
