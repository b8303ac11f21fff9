// control/doorman_test.cc: slow passwords, late refusals, and what is logged of them.

#include "control/doorman.h"

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;

namespace {

constexpr char slow_secret[] = "Basic c2xvdzpzZWNyZXQ=";  // slow:secret
constexpr char slow_wrong[] = "Basic c2xvdzp3cm9uZw==";   // slow:wrong

Office guarded() {
    Office office;
    office.servers[0].is_unix = false;
    office.servers[0].section = "inet_http_server";
    office.accounts = {{.name = "slow", .password = "$y$secret", .role = Role::viewer}};
    return office;
}

ports::RequestId get(Office& office, std::string authorization, std::string address = "10.0.0.1:1",
                     std::string target = "/ok.html") {
    ports::RequestId id{++office.last_request};
    office.open().on(ports::HttpRequested{.request = id,
                                          .server = 0,
                                          .peer = {.is_unix = false, .address = address},
                                          .method = "GET",
                                          .target = target,
                                          .authorization = authorization});
    return id;
}

}  // namespace

TEST_CASE("a slow password is checked elsewhere, once, and then remembered") {
    auto office = guarded();
    auto first = get(office, slow_secret), second = get(office, slow_secret);
    CHECK(office.checks.size() == 1);
    CHECK_FALSE(office.is_answered(first));
    office.check_passwords();
    CHECK(office.status(first) == 200);
    CHECK(office.status(second) == 200);
    CHECK(office.status(get(office, slow_secret)) == 200);
    CHECK(office.checks.empty());
}

TEST_CASE("a wrong slow password is refused and checked again each time") {
    auto office = guarded();
    for (int i = 0; i < 2; ++i) {
        auto request = get(office, slow_wrong);
        CHECK(office.checks.size() == 1);
        office.check_passwords();
        CHECK(office.status(request) == 401);
    }
}

TEST_CASE("what was right is forgotten when the accounts change") {
    auto office = guarded();
    get(office, slow_secret);
    office.check_passwords();
    office.accounts[0].password = "$y$other";
    office.serve();
    auto request = get(office, slow_secret);
    CHECK(office.checks.size() == 1);
    office.check_passwords();
    CHECK(office.status(request) == 401);
}

TEST_CASE("an account that vanishes during its check does not get in") {
    auto office = guarded();
    auto request = get(office, slow_secret);
    office.accounts.clear();
    office.accounts.push_back({.name = "other", .password = "x"});
    office.serve();
    office.check_passwords();
    CHECK(office.status(request) == 401);
}

TEST_CASE("the hash of an unknown user's check lets nobody in") {
    auto office = guarded();
    auto request = get(office, "Basic b3RoZXI6c2VjcmV0");  // other:secret, which fits slow's hash
    office.check_passwords();
    CHECK(office.status(request) == 401);
    auto again = get(office, "Basic b3RoZXI6c2VjcmV0");
    office.check_passwords();
    CHECK(office.status(again) == 401);
}

TEST_CASE("peers who send the same wrong password keep each their own role") {
    Office office;
    office.servers[0].peer_roles = {{config::PeerRule::Who::user, 7, Role::admin}};
    office.accounts = {{.name = "slow", .password = "$y$secret", .role = Role::viewer}};
    auto ask = [&](unsigned uid) {
        ports::RequestId id{++office.last_request};
        office.open().on(ports::HttpRequested{.request = id,
                                              .server = 0,
                                              .peer = {.is_unix = true, .uid = uid},
                                              .method = "GET",
                                              .target = "/ok.html",
                                              .authorization = slow_wrong});
        return id;
    };
    auto admin = ask(7), nobody = ask(8);
    office.check_passwords();
    CHECK(office.status(admin) == 200);
    CHECK(office.status(nobody) == 401);
}

TEST_CASE("a flood of passwords to check is turned away, from one address and from all") {
    auto office = guarded();
    auto login = [](int number) {  // slow:aa0 ... in base64
        static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        return "Basic c2xvdzph" + std::string(2, letters[number]) + "==";
    };
    get(office, login(0));
    get(office, login(1));
    CHECK(office.status(get(office, login(2))) == 503);
    for (int i = 2; i < 40; ++i) get(office, login(i), "10.0.1." + std::to_string(i) + ":1");
    CHECK(office.checks.size() == 16);
    office.check_passwords();
    auto honest = get(office, slow_secret);
    office.check_passwords();
    CHECK(office.status(honest) == 200);
}

TEST_CASE("who leaves during a check is not answered") {
    auto office = guarded();
    auto request = get(office, slow_secret);
    office.hang_up(request);
    office.check_passwords();
    CHECK_FALSE(office.is_answered(request));
}

TEST_CASE("wrong logins are answered later each time and logged once a minute") {
    auto office = guarded();
    office.accounts[0].password = "plain";
    auto hold = [&](std::string login, std::string address) {
        return office.wire.replies[get(office, login, address)].hold.count();
    };
    CHECK(hold(slow_wrong, "10.0.0.1:1") == 0);
    CHECK(hold(slow_wrong, "10.0.0.1:2") == 100);
    CHECK(hold(slow_wrong, "10.0.0.1:3") == 200);
    CHECK(hold(slow_wrong, "10.0.0.2:1") == 0);
    CHECK(hold("", "10.0.0.1:4") == 0);  // a browser's first question is no failure
    REQUIRE(office.log.size() == 1);
    CHECK(office.log[0] == "refused a wrong login from 10.0.0.1");
    CHECK(hold("Basic c2xvdzpwbGFpbg==", "10.0.0.1:5") == 0);  // slow:plain
}

TEST_CASE("a role is told apart on every route") {
    auto office = guarded();
    office.accounts[0].password = "secret";
    auto call = [&](char const* method) {
        ports::RequestId id{++office.last_request};
        office.open().on(ports::HttpRequested{.request = id,
                                              .server = 0,
                                              .peer = {.is_unix = false, .address = "10.0.0.1:1"},
                                              .method = "POST",
                                              .target = "/RPC2",
                                              .authorization = slow_secret,
                                              .body = text::write_call({method, {}})});
        return office.answer(id);
    };
    CHECK(call("supervisor.getPID") == "4711");
    CHECK(call("supervisor.shutdown") ==
          "fault 30 FAILED: user 'slow' is a viewer; supervisor.shutdown needs admin");
    CHECK(office.house.notes.empty());
    CHECK(office.status(get(office, slow_secret, "10.0.0.1:1", "/")) == 200);
}

TEST_CASE("what the wire refused is logged below flood rate") {
    Office office;
    for (int i = 0; i < 100; ++i)
        office.open().on(ports::HttpRefused{
            {.is_unix = false, .address = "10.0.0.1:1"}, 400, "this is not an HTTP/1.1 request"});
    office.open().on(ports::HttpRefused{{.is_unix = true, .uid = 7}, 413, "too large"});
    REQUIRE(office.log.size() == 2);
    CHECK(office.log[0] == "refused what 10.0.0.1 sent: this is not an HTTP/1.1 request");
    CHECK(office.log[1] == "refused what uid 7 sent: too large");
}

TEST_CASE("a stranger's words cannot break a line of the log") {
    Office office;
    office.servers[0].is_unix = false;
    ports::RequestId id{++office.last_request};
    office.open().on(ports::HttpRequested{.request = id,
                                          .server = 0,
                                          .peer = {.is_unix = false, .address = "10.0.0.1:1"},
                                          .method = "POST",
                                          .target = "/RPC2",
                                          .host = "localhost",
                                          .origin = "http://a\nCRIT fake"});
    CHECK(office.status(id) == 403);
    REQUIRE(office.log.size() == 1);
    CHECK(office.log[0].find('\n') == std::string::npos);
}
