// os/password_test.cc: crypt(3) as this system has it.

#include "os/password.h"

#include <doctest/doctest.h>

using namespace lares::os;

TEST_CASE("a password fits the hash made of it, and no other does") {
    auto hash = hash_password("secret");
    REQUIRE(hash.ok());
    CHECK(hash->starts_with("$y$"));
    CHECK(fits_password("secret", *hash));
    CHECK_FALSE(fits_password("Secret", *hash));
    CHECK_FALSE(fits_password("", *hash));
    CHECK(*hash != *hash_password("secret"));
}

TEST_CASE("a sha512 hash of another program is understood") {
    // printf secret | openssl passwd -6 -salt saltsalt -stdin
    std::string hash =
        "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq."
        "H91p5hVO1";
    CHECK(fits_password("secret", hash));
    CHECK_FALSE(fits_password("secrets", hash));
}

TEST_CASE("what is no hash fits nothing") {
    for (std::string hash : {"", "*", "*0", "$y$", "$9$what$ever", "secret", "$6$"}) {
        CHECK_FALSE(fits_password("secret", hash));
        CHECK_FALSE(fits_password("", hash));
    }
    CHECK_FALSE(fits_password(std::string("a\0b", 3), *hash_password("a")));
    CHECK_FALSE(hash_password("").ok());
}
