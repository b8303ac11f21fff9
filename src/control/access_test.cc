// control/access_test.cc: who is let in, by which credentials, and what counts as unreadable. The
// hash is a stand-in for the one that bin/ hands in.

#include "control/access.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;

namespace {

config::HttpServer server(std::string username, std::string password) {
    config::HttpServer server;
    server.username = std::move(username);
    server.password = std::move(password);
    return server;
}

Access judge(config::HttpServer const& server, std::string_view authorization) {
    return judge_access(server, authorization, [](std::string_view text) {
        return text == "secret" ? "0a1b2c" : "ffffff";
    });
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
