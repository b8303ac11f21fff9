// control/access_test.cc: who is let in, by which credentials, and what counts as unreadable. The
// hash is a stand-in for the one that bin/ hands in.

#include "control/access.h"

#include <doctest/doctest.h>

#include "base/constant_time.h"

using namespace lares;
using namespace lares::control;

namespace {

config::HttpServer server(std::string username, std::string password) {
    config::HttpServer server;
    server.username = std::move(username);
    server.password = std::move(password);
    return server;
}

Hashes const hashes{
    .sha1 = [](std::string_view text) { return text == "secret" ? "0a1b2c" : "ffffff"; },
    .sha256 = [](std::string_view text) { return "digest-of-" + std::string(text); }};

Verdict verdict(config::HttpServer const& server, std::vector<config::Account> const& accounts,
                std::string_view authorization, ports::Peer const& peer = {}) {
    return judge_access(server, accounts, peer, authorization, hashes);
}

Access judge(config::HttpServer const& server, std::string_view authorization) {
    return verdict(server, {}, authorization).access;
}

constexpr char user_secret[] = "Basic dXNlcjpzZWNyZXQ=";   // user:secret
constexpr char user_wrong[] = "Basic dXNlcjp3cm9uZw==";    // user:wrong
constexpr char other_secret[] = "Basic b3RoZXI6c2VjcmV0";  // other:secret

}  // namespace

TEST_CASE("a server without a user name lets everyone in") {
    CHECK(judge(server("", ""), "") == Access::granted);
    CHECK(judge(server("", "secret"), "") == Access::granted);
    CHECK(judge(server("", ""), "Basic !") == Access::granted);
}

TEST_CASE("user name and password must both be right") {
    auto guarded = server("user", "secret");
    CHECK(judge(guarded, user_secret) == Access::granted);
    CHECK(judge(guarded, user_wrong) == Access::denied);
    CHECK(judge(guarded, other_secret) == Access::denied);
    CHECK(judge(guarded, "") == Access::denied);
    CHECK(judge(server("user", "secret2"), user_secret) == Access::denied);
    CHECK(judge(server("user", "secre"), user_secret) == Access::denied);
}

TEST_CASE("the scheme is Basic in any case, and no other") {
    auto guarded = server("user", "secret");
    CHECK(judge(guarded, "bAsIc dXNlcjpzZWNyZXQ=") == Access::granted);
    CHECK(judge(guarded, "Basic   dXNlcjpzZWNyZXQ= ") == Access::granted);
    CHECK(judge(guarded, "Bearer dXNlcjpzZWNyZXQ=") == Access::denied);
    CHECK(judge(guarded, "Basicx dXNlcjpzZWNyZXQ=") == Access::denied);
}

TEST_CASE("a hashed password is compared with the hash of what was sent") {
    auto guarded = server("user", "{SHA}0a1b2c");
    CHECK(judge(guarded, user_secret) == Access::granted);
    CHECK(judge(guarded, user_wrong) == Access::denied);
    CHECK(judge(server("user", "{SHA}0A1B2C"), user_secret) == Access::granted);
    // Sending the hash itself does not help.
    CHECK(judge(guarded, "Basic dXNlcjp7U0hBfTBhMWIyYw==") == Access::denied);
}

TEST_CASE("a password may hold colons, a name may not") {
    CHECK(judge(server("a", "b:c"), "Basic YTpiOmM=") == Access::granted);
    CHECK(judge(server("a:b", "c"), "Basic YTpiOmM=") == Access::denied);
}

TEST_CASE("credentials that cannot be read are told apart from wrong ones") {
    auto guarded = server("user", "secret");
    CHECK(judge(guarded, "Basic ***") == Access::malformed);
    CHECK(judge(guarded, "Basic dXNlcg==") == Access::malformed);  // no colon
    CHECK(judge(guarded, "Basic") == Access::malformed);
}

TEST_CASE("base64 is read as RFC 4648 has it") {
    CHECK(decode_base64("") == "");
    CHECK(decode_base64("Zg==") == "f");
    CHECK(decode_base64("Zm8=") == "fo");
    CHECK(decode_base64("Zm9v") == "foo");
    CHECK(decode_base64("Zm9vYmFy") == "foobar");
    CHECK(decode_base64("Zm9vYg") == "foob");
    CHECK(decode_base64("/+8A") == std::string("\xFF\xEF\x00", 3));
    CHECK_FALSE(decode_base64("Zm9vY"));
    CHECK_FALSE(decode_base64("Zm 9v"));
    CHECK_FALSE(decode_base64("Zm==9v"));
    CHECK_FALSE(decode_base64("Zg==="));
}

TEST_CASE("equality looks at every byte and at the length") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
    CHECK_FALSE(equal_in_constant_time("ab", "abc"));
    CHECK_FALSE(equal_in_constant_time("", std::string(1, '\0')));
    CHECK_FALSE(equal_in_constant_time(std::string(1, '\0'), ""));
}

namespace {

using config::PeerRule;

config::HttpServer inet() { return {.section = "inet_http_server", .is_unix = false}; }

std::vector<config::Account> accounts() {
    return {{.name = "user", .password = "secret", .role = Role::viewer},
            {.name = "robot", .token = "sha256:digest-of-t0ken", .role = Role::operator_},
            {.name = "slow", .password = "$y$hash", .role = Role::admin}};
}

ports::Peer peer(unsigned uid, unsigned gid, std::vector<unsigned> groups = {}) {
    return {.is_unix = true, .uid = uid, .gid = gid, .groups = std::move(groups)};
}

constexpr char slow_secret[] = "Basic c2xvdzpzZWNyZXQ=";  // slow:secret

}  // namespace

TEST_CASE("with accounts, an inet server lets nobody in without a login") {
    ports::Peer stranger{.is_unix = false, .address = "10.0.0.1:1"};
    CHECK(verdict(inet(), accounts(), "", stranger).access == Access::denied);
    CHECK_FALSE(verdict(inet(), accounts(), "", stranger).was_tried);
    CHECK(verdict(inet(), accounts(), user_wrong, stranger).was_tried);
    CHECK(verdict(inet(), {}, "", stranger).caller.role == Role::admin);
    auto user = verdict(inet(), accounts(), user_secret, stranger);
    CHECK(user.access == Access::granted);
    CHECK(user.caller.role == Role::viewer);
    CHECK(user.caller.who == "user 'user'");
}

TEST_CASE("a server's own user is admin beside the accounts") {
    auto own = inet();
    own.username = "other";
    own.password = "secret";
    CHECK(verdict(own, accounts(), other_secret).caller.role == Role::admin);
    CHECK(verdict(own, accounts(), user_secret).caller.role == Role::viewer);
}

TEST_CASE("a token is known by its digest") {
    CHECK(verdict(inet(), accounts(), "Bearer t0ken").caller.role == Role::operator_);
    CHECK(verdict(inet(), accounts(), "bearer  t0ken").access == Access::granted);
    CHECK(verdict(inet(), accounts(), "Bearer token").access == Access::denied);
    CHECK(verdict(inet(), accounts(), "Bearer ").access == Access::denied);
    // Neither the digest itself nor an account without a token.
    CHECK(verdict(inet(), accounts(), "Bearer sha256:digest-of-t0ken").access == Access::denied);
}

TEST_CASE("a slow hash is judged elsewhere, also for a name that is not there") {
    auto known = verdict(inet(), accounts(), slow_secret);
    CHECK(known.access == Access::slow);
    CHECK(known.password == "secret");
    CHECK(known.hash == "$y$hash");
    CHECK(known.caller.role == Role::admin);
    auto unknown = verdict(inet(), accounts(), other_secret);
    CHECK(unknown.access == Access::slow);
    CHECK(unknown.caller.role == Role::none);
}

TEST_CASE("the peer of a unix socket has the role of the first rule that fits") {
    std::vector<PeerRule> rules = {{PeerRule::Who::user, 0, Role::admin},
                                   {PeerRule::Who::group, 50, Role::operator_},
                                   {PeerRule::Who::user, 7, Role::viewer}};
    CHECK(peer_role(rules, peer(0, 0)) == Role::admin);
    CHECK(peer_role(rules, peer(9, 50)) == Role::operator_);
    CHECK(peer_role(rules, peer(7, 1, {2, 50})) == Role::operator_);
    CHECK(peer_role(rules, peer(7, 1)) == Role::viewer);
    CHECK(peer_role(rules, peer(8, 1, {7})) == Role::none);
    rules.push_back({PeerRule::Who::everyone, 0, Role::viewer});
    CHECK(peer_role(rules, peer(8, 1)) == Role::viewer);
}

TEST_CASE("a peer without a role may log in where somebody can") {
    config::HttpServer socket{.section = "unix_http_server"};
    socket.peer_roles = {{PeerRule::Who::user, 7, Role::operator_}};
    CHECK(verdict(socket, {}, "", peer(7, 7)).caller.role == Role::operator_);
    CHECK(verdict(socket, {}, "", peer(8, 8)).access == Access::forbidden);
    CHECK(verdict(socket, accounts(), "", peer(8, 8)).access == Access::denied);
    CHECK(verdict(socket, accounts(), user_secret, peer(8, 8)).caller.role == Role::viewer);
    // A login that is right decides, a wrong one changes nothing.
    CHECK(verdict(socket, accounts(), user_secret, peer(7, 7)).caller.role == Role::viewer);
    CHECK(verdict(socket, accounts(), user_wrong, peer(7, 7)).caller.role == Role::operator_);
}

TEST_CASE("accounts do not close a unix socket that had no user") {
    config::HttpServer socket{.section = "unix_http_server"};
    CHECK(verdict(socket, accounts(), "").caller.role == Role::admin);
    CHECK(is_open_to_all(socket, accounts()));
    CHECK_FALSE(is_open_to_all(inet(), accounts()));
    CHECK(is_open_to_all(inet(), {}));
}
