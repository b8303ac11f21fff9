// base/sha256_test.cc: the digest of pieces is that of the whole.

#include "base/sha256.h"

#include <doctest/doctest.h>

TEST_CASE("pieces of any size give the digest of the whole") {
    std::string text;
    for (int i = 0; i < 300; i++) text += static_cast<char>(i * 7);
    CHECK(lares::sha256_hex("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (std::size_t piece = 1; piece < 140; piece++) {
        lares::Sha256 sum;
        for (std::size_t at = 0; at < text.size(); at += piece) sum.add(text.substr(at, piece));
        CHECK(sum.hex() == lares::sha256_hex(text));
    }
}
