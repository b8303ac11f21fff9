// control/access.cc: credentials decoded and compared, peers looked up.

#include "control/access.h"

#include <algorithm>
#include <cstdint>

#include "base/constant_time.h"

namespace lares::control {

namespace {

constexpr std::string_view hash_mark = "{SHA}";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
    std::string low(text);
    std::ranges::transform(low, low.begin(), [](char c) { return lower(c); });
    return low;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::uint32_t> six_bits(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return std::nullopt;
}

struct Login {
    enum class Kind { none, malformed, basic, bearer };
    Kind kind = Kind::none;
    std::string name, password;  // basic
    std::string token;           // bearer
};

Login read_login(std::string_view authorization) {
    auto space = std::min(authorization.find(' '), authorization.size());
    std::string scheme = lower(authorization.substr(0, space));
    auto rest = trimmed(authorization.substr(space));
    if (scheme == "bearer") return {.kind = Login::Kind::bearer, .token = std::string(rest)};
    if (scheme != "basic") return {};
    auto credentials = decode_base64(rest);
    auto colon = credentials ? credentials->find(':') : std::string::npos;
    if (colon == std::string::npos) return {.kind = Login::Kind::malformed};
    return {.kind = Login::Kind::basic,
            .name = credentials->substr(0, colon),
            .password = credentials->substr(colon + 1)};
}

bool is_password(std::string_view wanted, std::string_view given, Hashes const& hashes) {
    if (!wanted.starts_with(hash_mark)) return equal_in_constant_time(wanted, given);
    return equal_in_constant_time(lower(wanted.substr(hash_mark.size())), hashes.sha1(given));
}

Caller as_user(Role role, std::string_view name) {
    return {.role = role,
            .who = "user '" + text::clean_utf8(name) + "'",
            .by = Caller::By::login,
            .name = std::string(name)};
}

/// What the peer may without logging in.
Caller without_login(config::HttpServer const& server, std::vector<config::Account> const& accounts,
                     ports::Peer const& peer) {
    std::string who = peer.is_unix ? "uid " + std::to_string(peer.uid) : "who does not log in";
    if (!server.peer_roles.empty())
        return {.role = peer_role(server.peer_roles, peer), .who = who, .by = Caller::By::peer};
    bool is_closed = !server.username.empty() || (!server.is_unix && !accounts.empty());
    return {is_closed ? Role::none : Role::admin, who};
}

Verdict granted(Caller caller) { return {.access = Access::granted, .caller = std::move(caller)}; }

Caller by_token(Caller caller) {
    caller.by = Caller::By::token;
    return caller;
}

Verdict judge_bearer(std::vector<config::Account> const& accounts, Login const& login,
                     Hashes const& hashes) {
    std::string digest = "sha256:" + hashes.sha256(login.token);
    Verdict verdict{.was_tried = true};
    for (auto const& account : accounts)
        if (!account.token.empty() && equal_in_constant_time(account.token, digest))
            verdict = granted(by_token(as_user(account.role, account.name)));
    return verdict;
}

/// For an unknown name the hash of another account is checked, so that it takes as long: the answer
/// must not tell which names there are.
Verdict judge_unknown(std::vector<config::Account> const& accounts, Login const& login) {
    for (auto const& account : accounts)
        if (config::is_crypt_hash(account.password))
            return {.access = Access::slow,
                    .was_tried = true,
                    .password = login.password,
                    .hash = account.password};
    return {.was_tried = true};
}

Verdict judge_basic(config::HttpServer const& server, std::vector<config::Account> const& accounts,
                    Login const& login, Hashes const& hashes) {
    // Name and password are both compared, so that a wrong name takes as long as a wrong password.
    bool own_name = equal_in_constant_time(server.username, login.name);
    bool own_password = is_password(server.password, login.password, hashes);
    if (!server.username.empty() && own_name && own_password)
        return granted(as_user(Role::admin, login.name));
    auto found = std::ranges::find(accounts, login.name, &config::Account::name);
    if (found == accounts.end() || found->password.empty()) return judge_unknown(accounts, login);
    auto caller = as_user(found->role, found->name);
    if (config::is_crypt_hash(found->password))
        return {.access = Access::slow,
                .caller = std::move(caller),
                .was_tried = true,
                .password = login.password,
                .hash = found->password};
    if (is_password(found->password, login.password, hashes)) return granted(std::move(caller));
    return {.was_tried = true};
}

}  // namespace

bool is_open_to_all(config::HttpServer const& server,
                    std::vector<config::Account> const& accounts) {
    return server.username.empty() && server.peer_roles.empty() && server.client_ca.empty() &&
           (server.is_unix || accounts.empty());
}

Role peer_role(std::vector<config::PeerRule> const& rules, ports::Peer const& peer) {
    using Who = config::PeerRule::Who;
    auto fits = [&](config::PeerRule const& rule) {
        switch (rule.who) {
        case Who::user:
            return rule.id == peer.uid;
        case Who::group:
            return rule.id == peer.gid ||
                   std::ranges::find(peer.groups, rule.id) != peer.groups.end();
        case Who::everyone:
            return true;
        }
        return false;
    };
    auto found = std::ranges::find_if(rules, fits);
    return found == rules.end() ? Role::none : found->role;
}

Verdict judge_access(config::HttpServer const& server, std::vector<config::Account> const& accounts,
                     ports::Peer const& peer, std::string_view authorization,
                     Hashes const& hashes) {
    Caller otherwise = without_login(server, accounts, peer);
    bool has_logins = !server.username.empty() || !accounts.empty();
    if (!has_logins) {
        if (otherwise.role == Role::none) return {Access::forbidden, otherwise};
        return granted(std::move(otherwise));
    }
    Login login = read_login(authorization);
    Verdict verdict;
    if (login.kind == Login::Kind::basic) verdict = judge_basic(server, accounts, login, hashes);
    if (login.kind == Login::Kind::bearer) verdict = judge_bearer(accounts, login, hashes);
    if (login.kind == Login::Kind::malformed) verdict.access = Access::malformed;
    verdict.otherwise = otherwise;
    bool is_wrong = verdict.access == Access::denied || verdict.access == Access::malformed;
    return is_wrong && otherwise.role != Role::none ? granted(std::move(otherwise)) : verdict;
}

std::string bearer_of(std::string_view authorization) {
    auto login = read_login(authorization);
    return login.kind == Login::Kind::bearer ? login.token : std::string();
}

std::string basic_of(std::string_view name, std::string_view password) {
    static constexpr char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string clear = std::string(name) + ":" + std::string(password), out = "Basic ";
    for (std::size_t at = 0; at < clear.size(); at += 3) {
        std::uint32_t bits = 0;
        auto count = std::min<std::size_t>(3, clear.size() - at);
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < count ? static_cast<unsigned char>(clear[at + i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            out += i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        auto six = six_bits(c);
        if (!six) return std::nullopt;
        held = (held << 6 | *six) & 0xFFFF;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(static_cast<char>(held >> bits & 0xFF));
    }
    return bytes;
}

}  // namespace lares::control
