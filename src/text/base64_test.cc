// text/base64_test.cc: the vectors of RFC 4648, 10.

#include "text/base64.h"

#include <doctest/doctest.h>

using namespace lares::text;

TEST_CASE("bytes are written as RFC 4648 has them") {
    CHECK(encode_base64("") == "");
    CHECK(encode_base64("f") == "Zg==");
    CHECK(encode_base64("fo") == "Zm8=");
    CHECK(encode_base64("foo") == "Zm9v");
    CHECK(encode_base64("foob") == "Zm9vYg==");
    CHECK(encode_base64("fooba") == "Zm9vYmE=");
    CHECK(encode_base64("foobar") == "Zm9vYmFy");
    CHECK(encode_base64("\xFB\xFF") == "+/8=");
    CHECK(encode_hex(std::string("\x00\xAB\xFF", 3)) == "00abff");
}

TEST_CASE("hexadecimal digits of either case are read back, and nothing else") {
    CHECK(decode_hex("00abFF") == std::string("\x00\xAB\xFF", 3));
    CHECK(decode_hex("") == "");
    for (char const* other : {"0", "0g", "-1", "+1", " 1", "0x"}) CHECK(!decode_hex(other));
}
