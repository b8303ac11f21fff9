// control/keys_test.cc: users, tokens and sessions, and what is kept of them.

#include "control/keys.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;

namespace {

WallTime const noon = WallTime(std::chrono::hours(500'000));

struct Box {
    std::string kept;
    Result<> result;
    int random = 0, changes = 0;
    Keys keys{{.sha256 =
                   [](std::string_view text) {
                       return "sha256-of-" + std::string(text) + std::string(40, '.');
                   },
               .random = [this] { return "random" + std::to_string(++random); },
               .write =
                   [this](std::string text, std::function<void(Result<>)> done) {
                       kept = std::move(text);
                       done(result);
                   }}};
    Box() {
        keys.on_change([this] { ++changes; });
    }

    std::string create(StoredToken token) {
        std::string answer;
        keys.create_token(std::move(token), [&](Result<std::string> made) {
            answer = made ? *made : "error: " + made.error().what;
        });
        return answer;
    }
    std::string set(config::Account user) {
        std::string answer = "ok";
        keys.set_user(std::move(user), [&](Result<> done) {
            if (!done) answer = done.error().what;
        });
        return answer;
    }
};

Caller anna() {
    return {.role = Role::operator_, .who = "user 'anna'", .by = Caller::By::login, .name = "anna"};
}

}  // namespace

TEST_CASE("a token lets in until its time is over, or it is revoked") {
    Box box;
    auto secret = box.create({.name = "ci", .role = Role::operator_, .expires = noon});
    CHECK(secret.starts_with("lares_"));
    auto caller = box.keys.find_token(secret, noon - Duration(1));
    REQUIRE(caller);
    CHECK(caller->role == Role::operator_);
    CHECK(caller->who == "token 'ci'");
    CHECK_FALSE(box.keys.find_token(secret, noon));
    CHECK_FALSE(box.keys.find_token(secret + "x", noon - Duration(1)));
    CHECK_FALSE(box.keys.find_token("", noon - Duration(1)));
    box.keys.revoke_token("ci", [](Result<> const& done) { CHECK(done.ok()); });
    CHECK_FALSE(box.keys.find_token(secret, noon - Duration(1)));
    box.keys.revoke_token(
        "ci", [](Result<> const& done) { CHECK(done.error().kind == Error::Kind::not_found); });
}

TEST_CASE("a token's secret is not in what is kept, and two are never the same") {
    Box box;
    auto one = box.create({.name = "one"}), two = box.create({.name = "two"});
    CHECK(one != two);
    CHECK(box.create({.name = "one"}).starts_with("error: there is a token 'one' already"));
    CHECK(box.kept.find("\"" + one + "\"") == std::string::npos);
    CHECK(box.kept.find("sha256-of-" + one) != std::string::npos);
}

TEST_CASE("what is kept is read again by the next daemon") {
    Box box;
    auto secret =
        box.create({.name = "ci", .role = Role::operator_, .created = noon, .by = "root"});
    CHECK(box.set({.name = "nina", .password = "$y$hash", .role = Role::admin}) == "ok");
    Box next;
    REQUIRE(next.keys.load(box.kept).ok());
    CHECK(next.keys.users() == box.keys.users());
    CHECK(next.keys.find_token(secret, noon)->role == Role::operator_);
    CHECK(next.keys.tokens()[0].by == "root");
}

TEST_CASE("a file that cannot be read lets nobody of it in, and is not written over") {
    for (std::string text :
         {"?", "{}", "[]", R"({"users":[],"tokens":[{"name":"x"}]})",
          R"({"users":[{"name":"a","role":"admin","password":"clear"}],"tokens":[]})",
          R"({"users":[{"name":"a b","role":"admin","password":"$y$"}],"tokens":[]})",
          R"({"users":[{"name":"a","role":"god","password":"$y$x"}],"tokens":[]})"}) {
        CAPTURE(text);
        Box box;
        CHECK_FALSE(box.keys.load(text).ok());
        CHECK(box.keys.is_broken());
        CHECK(box.keys.users().empty());
        CHECK(box.create({.name = "x"}).starts_with("error: "));
        CHECK(box.set({.name = "x", .password = "$y$x"}) != "ok");
        CHECK(box.kept.empty());
    }
    Box empty;
    CHECK(empty.keys.load("").ok());
    CHECK_FALSE(empty.keys.is_broken());
}

TEST_CASE("a user keeps his password when only his role changes") {
    Box box;
    CHECK(box.set({.name = "nina", .password = ""}) == "a new user needs a password");
    CHECK(box.set({.name = "nina", .password = "$y$hash", .role = Role::viewer}) == "ok");
    CHECK(box.set({.name = "nina", .password = "", .role = Role::admin}) == "ok");
    REQUIRE(box.keys.users().size() == 1);
    CHECK(box.keys.users()[0].password == "$y$hash");
    CHECK(box.keys.users()[0].role == Role::admin);
    CHECK(box.changes == 2);
    for (std::string name : {"", "a b", "a\nb", "x:y", "../x", "<b>"})
        CHECK(box.set({.name = name, .password = "$y$x"}).starts_with("a name has"));
}

TEST_CASE("a session lasts an hour without a request, and twelve with") {
    Box box;
    auto cookie = box.keys.begin_session(anna(), noon);
    CHECK_FALSE(box.keys.find_session("", noon));
    CHECK_FALSE(box.keys.find_session(cookie + "0", noon));
    auto now = noon;
    for (int i = 0; i < 12; ++i) {
        now += std::chrono::minutes(59);
        auto caller = box.keys.find_session(cookie, now);
        REQUIRE(caller);
        CHECK(caller->by == Caller::By::session);
        CHECK(caller->role == Role::operator_);
    }
    CHECK_FALSE(box.keys.find_session(cookie, noon + std::chrono::minutes(12 * 60 + 1)));
    auto idle = box.keys.begin_session(anna(), noon);
    CHECK_FALSE(box.keys.find_session(idle, noon + std::chrono::minutes(61)));
    auto set_back = box.keys.begin_session(anna(), noon);
    CHECK_FALSE(box.keys.find_session(set_back, noon - std::chrono::minutes(1)));
}

TEST_CASE("a session ends at logout, and when its user changes") {
    Box box;
    (void)box.set({.name = "anna", .password = "$y$a"});
    auto one = box.keys.begin_session(anna(), noon), two = box.keys.begin_session(anna(), noon);
    box.keys.end_session(one);
    CHECK_FALSE(box.keys.find_session(one, noon));
    CHECK(box.keys.find_session(two, noon));
    (void)box.set({.name = "anna", .password = "", .role = Role::viewer});
    CHECK_FALSE(box.keys.find_session(two, noon));
}

TEST_CASE("sessions are bounded: the one that was used longest ago goes") {
    Box box;
    std::vector<std::string> cookies;
    for (std::size_t i = 0; i < Keys::most_sessions + 1; ++i)
        cookies.push_back(box.keys.begin_session(anna(), noon + Duration(i)));
    CHECK(box.keys.session_count() == Keys::most_sessions);
    CHECK_FALSE(box.keys.find_session(cookies[0], noon + Duration(5'000)));
    CHECK(box.keys.find_session(cookies[1], noon + Duration(5'000)));
}

TEST_CASE("what could not be kept is told") {
    Box box;
    box.result = Error{Error::Kind::io, "the disk is full"};
    CHECK(box.create({.name = "x"}) == "error: the disk is full");
}

TEST_CASE("who could not be written down may not in, and nothing is left of it") {
    Box box;
    CHECK(box.set({.name = "anna", .password = "$y$old", .role = Role::viewer}) == "ok");
    CHECK(box.create({.name = "ci"}).starts_with("lares_"));
    box.result = Error{Error::Kind::io, "no space left"};
    CHECK(box.set({.name = "boris", .password = "$y$new", .role = Role::admin}) == "no space left");
    CHECK(box.set({.name = "anna", .password = "", .role = Role::admin}) == "no space left");
    CHECK(box.create({.name = "more"}) == "error: no space left");
    REQUIRE(box.keys.users().size() == 1);
    CHECK(box.keys.users()[0].role == Role::viewer);
    REQUIRE(box.keys.tokens().size() == 1);
    CHECK(box.keys.tokens()[0].name == "ci");
    box.result = {};
    CHECK(box.create({.name = "more"}).starts_with("lares_"));
    CHECK(box.kept.find("boris") == std::string::npos);
    // Taking away is not taken back.
    box.result = Error{Error::Kind::io, "no space left"};
    box.keys.revoke_token("ci", [](Result<> const& done) { CHECK_FALSE(done); });
    CHECK(box.keys.tokens().size() == 1);
}
