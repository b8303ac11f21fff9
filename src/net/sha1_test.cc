// net/sha1_test.cc: known answers of RFC 3174.

#include "net/sha1.h"

#include <doctest/doctest.h>

TEST_CASE("sha1_hex gives RFC 3174's answers") {
    CHECK(lares::net::sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(lares::net::sha1_hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}
