// apps/capture/site_access.cc: sessions, roles by Lares, and forms that are our own.

#include <algorithm>

#include "apps/capture/disk.h"
#include "apps/capture/site.h"
#include "base/sha256.h"
#include "text/base64.h"
#include "text/json.h"
#include "text/json_value.h"

namespace lares::capture {

namespace {

using namespace std::chrono_literals;
/// What Lares said is believed for so long; when it does not answer, for so much longer, that an
/// update of the daemon stops nobody's work.
constexpr Duration believed = 5s, believed_away = 900s;
/// A daemon that answers does so in milliseconds. One that hangs is not waited for again and again.
constexpr Duration daemon_patience = 3s, slow_answer = 1s, pause_after_slow = 15s;
constexpr std::size_t most_known = 1'000, most_addresses = 1'000;
constexpr Duration wrong_login_hold = 1s;
/// Wrong logins of one address in a minute, before Lares is not even asked.
constexpr int most_wrong = 10;
constexpr Duration wrong_span = 60s;
constexpr std::string_view cookie_name = "lares_capture_session";

Rights rights_of(std::string_view role) {
    if (role == "admin") return Rights::admin;
    if (role == "operator") return Rights::operators;
    return role == "viewer" ? Rights::viewer : Rights::none;
}

std::string text_at(text::Value const& value, std::string_view name) {
    auto const* member = value.find(name);
    return member != nullptr && member->text() ? *member->text() : std::string();
}

std::string address_of(ports::Peer const& peer) {
    return peer.is_unix ? "unix" : peer.address.substr(0, peer.address.rfind(':'));
}

/// Digits, dots and colons, or this machine itself: no page elsewhere can have such a name of its
/// own and be led here.
bool is_plain_address(std::string_view host) {
    if (auto const port = host.rfind(':'); port != host.npos && host.find(']', port) == host.npos)
        host = host.substr(0, port);
    return host == "localhost" ||
           (!host.empty() && host.find_first_not_of("0123456789.") == host.npos) ||
           (host.starts_with('[') &&
            host.find_first_not_of("0123456789abcdefABCDEF:.[]") == host.npos);
}

}  // namespace

std::string cookie_of(ports::HttpRequested const& http, std::string_view name) {
    auto const found =
        std::ranges::find(http.headers, "cookie", &decltype(http.headers)::value_type::first);
    return found == http.headers.end() ? std::string() : text::cookie(found->second, name);
}

std::string Site::key_for(std::string const& who) const {
    return sha256_hex(secret_ + " form " + who).substr(0, 32);
}

Visitor Site::ask_lares(std::string const& cookie_value, std::string const& authorization) {
    auto const shown = sha256_hex(secret_ + " " + cookie_value + "\n" + authorization);
    auto const now = app_.now().tick;
    auto const found = known_.find(shown);
    if (found != known_.end() && now - found->second.asked < believed) return found->second.visitor;
    auto away = [&]() -> Visitor {
        if (found != known_.end() && now - found->second.asked < believed_away)
            return found->second.visitor;
        return {.name = {}, .key = {}, .trouble = away_};
    };
    if (now < ask_again_) return away();
    ports::HttpCall call{.server = app_.lares,
                         .cafile = {},
                         .method = "GET",
                         .target = "/api/v1/session",
                         .headers = {},
                         .body = {},
                         .timeout = daemon_patience,
                         .until = app_.until};
    if (!cookie_value.empty()) call.headers.emplace_back("Cookie", "lares_session=" + cookie_value);
    if (!authorization.empty()) call.headers.emplace_back("Authorization", authorization);
    auto answer = app_.http.call(call);
    if (!answer || answer->status >= 500) {
        away_ = answer ? "status " + std::to_string(answer->status) : answer.error().what;
        auto const after = app_.now().tick;
        if (after - now > slow_answer) ask_again_ = after + pause_after_slow;
        return away();
    }
    Visitor visitor;
    auto const said = text::parse_json(answer->body);
    if (answer->status == 200 && said) {
        // Where nobody has to log in, and over its own socket, Lares answers for this process
        // ("peer", "open"): that says nothing about who asks here.
        auto const kind = text_at(*said, "kind");
        if (kind == "session" || kind == "login" || kind == "token") {
            visitor.name = text_at(*said, "name");
            visitor.rights = rights_of(text_at(*said, "role"));
        }
    }
    if (visitor.rights == Rights::none) {
        known_.erase(shown);
        return {};
    }
    visitor.key = key_for(shown);
    if (known_.size() >= most_known) known_.clear();
    known_[shown] = {visitor, now};
    return visitor;
}

/// With a bound on what one address may get wrong: each try costs Lares a slow digest.
Visitor Site::by_authorization(ports::HttpRequested const& http, std::string const& authorization) {
    auto const now = app_.now().tick;
    auto const address = address_of(http.peer);
    std::erase_if(tries_, [&](auto const& each) { return now - each.second.since > wrong_span; });
    auto const found = tries_.find(address);
    if (found != tries_.end() && found->second.wrong >= most_wrong)
        return {.name = "-", .key = {}, .trouble = {}};
    auto visitor = ask_lares("", authorization);
    if (visitor.rights != Rights::none || !visitor.trouble.empty()) return visitor;
    if (tries_.size() >= most_addresses) tries_.clear();
    auto& tries = tries_[address];
    if (tries.wrong++ == 0) tries.since = now;
    return visitor;
}

/// `--open` is for a house without users: once Lares has some, or asks who comes, they sign in
/// here, too. It stays so while this page runs, and when it is started again, until Lares says that
/// it has none.
bool Site::is_open() {
    if (open_ == Rights::none) return false;
    note_users(watch_->look().users);
    return !is_shut_;
}

void Site::note_users(Sight::Users users) {
    bool const shuts = users == Sight::Users::some && !has_shut_;
    bool const opens = users == Sight::Users::none && is_shut_ && !has_shut_;
    if (shuts) {
        app_.log("--open counts no more: Lares has users, and they sign in from now on");
        is_shut_ = has_shut_ = true;
        if (auto kept = disk::replace(shut_file_, "", disk::Readers::owner); !kept)
            app_.log("that cannot be kept over a restart: " + kept.error().what);
    }
    if (opens) {
        app_.log("--open counts again: Lares has no users any more");
        is_shut_ = false;
        (void)disk::remove(shut_file_);
    }
}

Visitor Site::visitor_of(ports::HttpRequested const& http) {
    std::string trouble;
    if (auto const own = cookie_of(http, cookie_name); !own.empty()) {
        auto const authorization = sessions_.find(own);
        if (!authorization.empty()) {
            auto visitor = ask_lares("", authorization);
            if (visitor.rights != Rights::none) {
                visitor.key = sessions_.key_of(own);
                return visitor;
            }
            // Revoked, or changed: the session is over for good.
            if (visitor.trouble.empty()) sessions_.end(own);
            trouble = visitor.trouble;
        }
    }
    if (!http.authorization.empty()) {
        auto visitor = by_authorization(http, http.authorization);
        if (visitor.rights == Rights::none) visitor.name.clear();
        return visitor;
    }
    // Signed in at Lares' own page on this machine: cookies know no ports.
    auto const session = cookie_of(http, "lares_session");
    bool const is_fit = !session.empty() && session.size() < 200 &&
                        session.find_first_of("\r\n\t \"") == session.npos;
    if (is_fit) {
        auto visitor = ask_lares(session, "");
        if (visitor.rights != Rights::none) return visitor;
        trouble = visitor.trouble;
    }
    if (!is_plain_address(http.host) || !is_open())
        return {.name = {}, .key = {}, .trouble = trouble};
    return {.name = "-", .rights = open_, .key = key_for("open"), .trouble = {}};
}

bool Site::is_from_here(ports::HttpRequested const& http) const {
    if (!http.fetch_site.empty() && http.fetch_site != "same-origin") return false;
    if (http.origin.empty()) return true;
    auto const slashes = http.origin.find("://");
    return slashes != std::string::npos && http.origin.substr(slashes + 3) == http.host;
}

bool Site::is_own_form(Request const& request) const {
    return is_from_here(request.http) && request.in("key") == request.visitor.key;
}

std::string Site::cookie_line(std::string const& value) const {
    return std::string(cookie_name) + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" +
           (transport_ == Transport::tls ? "; Secure" : "");
}

Html Site::sign_in_form(Request const& request, Word word) {
    auto body = word == Word::nobody_may ? paragraph(plain_text(request.say(word)))
                                         : warning(request.say(word));
    if (is_shut_) body = warning(request.say(Word::open_no_more)) + body;
    return body + form("/sign-in", request.say(Word::sign_in), "",
                       {{"name", request.say(Word::name), ""},
                        {"password", request.say(Word::password), "", Field::Kind::secret},
                        {"token", request.say(Word::or_token), "", Field::Kind::secret}});
}

PageReply Site::sign_in(Request const& request) {
    auto const name = request.in("name"), token = request.in("token");
    auto const authorization =
        token.empty() ? "Basic " + text::encode_base64(name + ":" + request.in("password"))
                      : "Bearer " + token;
    // The form of who is nobody yet has no key; a strange page could only sign somebody in as the
    // stranger, which Origin forbids.
    bool const is_fit = is_from_here(request.http) && authorization.size() < 2'000 &&
                        authorization.find_first_of("\r\n") == std::string::npos &&
                        name.find(':') == std::string::npos;
    auto const visitor = is_fit ? by_authorization(request.http, authorization) : Visitor{};
    if (visitor.rights == Rights::none) {
        auto word = visitor.trouble.empty() ? Word::wrong_login : Word::daemon_away;
        if (!visitor.name.empty()) word = Word::too_many;
        auto reply = shown(request, request.say(Word::sign_in), sign_in_form(request, word), 403);
        reply.head.hold = wrong_login_hold;
        return reply;
    }
    return {
        {303, {{"Location", "/"}, {"Set-Cookie", cookie_line(sessions_.begin(authorization))}}, ""},
        ""};
}

PageReply Site::sign_out(Request const& request) {
    sessions_.end(cookie_of(request.http, cookie_name));
    return {{303, {{"Location", "/"}, {"Set-Cookie", cookie_line("") + "; Max-Age=0"}}, ""}, ""};
}

}  // namespace lares::capture
