// config/roles_test.cc: roles, peers and users as a configuration says them, and https servers.

#include "config/roles.h"

#include <doctest/doctest.h>

#include "config/load.h"
#include "config/memory_world.h"
#include "config/peer_rules.h"

using namespace lares;
using namespace lares::config;

namespace {

Loaded load_text(std::string const& text) {
    MemoryFiles files{
        {"/etc/main.conf", "[supervisord]\n" + text},
        {"/tls/cert.pem", "-----BEGIN CERTIFICATE-----\n"},
        {"/tls/key.pem", "-----BEGIN PRIVATE KEY-----\n"},
        {"/tls/both.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----"}};
    return load(memory_world(std::move(files)), "/etc/main.conf", {});
}

Settings good(std::string const& text) {
    auto loaded = load_text(text);
    for (auto const& found : loaded.found) MESSAGE(found.what);
    REQUIRE(loaded.settings);
    return std::move(*loaded.settings);
}

/// The first thing found wrong.
std::string wrong(std::string const& text) {
    auto loaded = load_text(text);
    return loaded.found.empty() ? "" : loaded.found[0].what;
}

std::string inet(std::string const& lines) {
    return "[inet_http_server]\nport=9001\n" + lines + "\n";
}

}  // namespace

TEST_CASE("roles grow: each may do what the one before may") {
    CHECK(Role::none < Role::viewer);
    CHECK(Role::viewer < Role::operator_);
    CHECK(Role::operator_ < Role::admin);
    for (auto role : {Role::viewer, Role::operator_, Role::admin})
        CHECK(*parse_role(role_name(role)) == role);
    CHECK_FALSE(parse_role("none").ok());
    CHECK_FALSE(parse_role("Admin").ok());
}

TEST_CASE("peer rules name users, groups, numbers and everyone") {
    auto world = memory_world({});
    auto rules = parse_peer_rules(world, "root:admin, @staff:operator ,1001:viewer,*:none");
    REQUIRE(rules.ok());
    using Who = PeerRule::Who;
    CHECK(*rules == std::vector<PeerRule>{{Who::user, 0, Role::admin},
                                          {Who::group, 50, Role::operator_},
                                          {Who::user, 1001, Role::viewer},
                                          {Who::everyone, 0, Role::none}});
    CHECK(parse_peer_rules(world, "4711:viewer")->at(0).id == 4711);
    CHECK(parse_peer_rules(world, "ghost:viewer").error().what ==
          "there is no user 'ghost' on this system");
    CHECK(parse_peer_rules(world, "@ghost:viewer").error().what ==
          "there is no group 'ghost' on this system");
    CHECK(parse_peer_rules(world, "web").error().what.starts_with("'web' has no role"));
    CHECK(parse_peer_rules(world, "web:king").error().what.starts_with("'king' is no role"));
    CHECK(parse_peer_rules(world, "web:viewer,1001:admin").error().what ==
          "'1001:admin' has a role already");
    CHECK_FALSE(parse_peer_rules(world, ":viewer").ok());
    CHECK_FALSE(parse_peer_rules(world, "@:viewer").ok());
}

TEST_CASE("a user has a password or a token, and is a viewer unless said otherwise") {
    std::string digest(64, 'a');
    auto settings =
        good("[user:eve]\npassword=$y$x$%%y\n[user:robot]\nrole=operator\ntoken=SHA256:" + digest +
             "\n");
    REQUIRE(settings.accounts.size() == 2);
    CHECK(settings.accounts[0] == Account{"eve", "$y$x$%y", "", Role::viewer});
    CHECK(settings.accounts[1] == Account{"robot", "", "sha256:" + digest, Role::operator_});
    CHECK(is_crypt_hash(settings.accounts[0].password));
    CHECK_FALSE(is_crypt_hash("$cash"));
    CHECK_FALSE(is_crypt_hash("{SHA}00"));
}

TEST_CASE("what is wrong with a user is said") {
    CHECK(wrong("[user:x]\n") == "[user:x] has neither a password nor a token");
    CHECK(wrong("[user:x]\npassword=\n") == "password: must not be empty");
    CHECK(wrong("[user:x]\npassword=a\nrole=king\n").find("viewer, operator or admin") !=
          std::string::npos);
    CHECK(wrong("[user:x]\ntoken=secret\n").starts_with("token: must be sha256:"));
    CHECK(wrong("[user:x]\npassword=a\nrank=1\n").find("rank") != std::string::npos);
    CHECK(wrong("[user:a b]\npassword=a\n").starts_with("[user:a b]: a user's name has no space"));
    CHECK(wrong("[user:a:b]\npassword=a\n").find("no ':'") != std::string::npos);
}

TEST_CASE("an https server has a certificate, and a key there or beside it") {
    auto server =
        good(inet("certificate=/tls/cert.pem\nkey=/tls/key.pem\nhosts=A.example, b")).servers.at(0);
    CHECK(server.certificate == "/tls/cert.pem");
    CHECK(server.key == "/tls/key.pem");
    CHECK(server.hosts == std::vector<std::string>{"a.example", "b"});
    CHECK(good(inet("certificate=/tls/both.pem")).servers.at(0).key == "/tls/both.pem");
    CHECK(good(inet("")).servers.at(0).certificate.empty());
}

TEST_CASE("files that TLS needs are looked at when the configuration is read") {
    CHECK(wrong(inet("certificate=/tls/none.pem\nkey=/tls/key.pem"))
              .starts_with("certificate = /tls/none.pem: No such file"));
    CHECK(wrong(inet("certificate=/tls/key.pem\nkey=/tls/key.pem"))
              .starts_with("certificate = /tls/key.pem: there is no 'CERTIFICATE-----'"));
    CHECK(wrong(inet("certificate=/tls/cert.pem"))
              .starts_with("certificate = /tls/cert.pem: there is no 'PRIVATE KEY-----'"));
    CHECK(wrong(inet("key=/tls/key.pem")) == "[inet_http_server] has a key without a certificate");
    CHECK(
        wrong(inet("certificate=/tls/both.pem\nclient_ca=/tls/key.pem")).starts_with("client_ca"));
}
