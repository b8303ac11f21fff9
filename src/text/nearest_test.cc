// text/nearest_test.cc: which words are guessed, and which are not.

#include "text/nearest.h"

#include <doctest/doctest.h>

#include <string>

using namespace lares::text;

namespace {

std::vector<std::string_view> const options = {"startsecs",    "startretries", "stopsignal",
                                               "stopwaitsecs", "autostart",    "autorestart"};

}  // namespace

TEST_CASE("a misspelt word is guessed") {
    CHECK(nearest("startsec", options) == "startsecs");    // one missing
    CHECK(nearest("startssecs", options) == "startsecs");  // one too many
    CHECK(nearest("stopzignal", options) == "stopsignal");
    CHECK(nearest("autosatrt", options) == "autostart");  // swapped
    CHECK(nearest("STARTSECS", options) == "startsecs");
}

TEST_CASE("a strange word is not guessed") {
    CHECK(nearest("colour", options) == "");
    CHECK(nearest("", options) == "");
    CHECK(nearest("up", {"ls"}) == "");  // nothing would remain of it
    CHECK(nearest("x", {"y"}) == "");
    CHECK(nearest("startsecs", {}) == "");
}

TEST_CASE("a long word may have an error in every third letter") {
    CHECK(nearest("stdout_logfle_mxbyts", {"stdout_logfile_maxbytes"}) ==
          "stdout_logfile_maxbytes");
    CHECK(nearest("abcdefghi", {"abcdef"}) == "abcdef");
    CHECK(nearest("abcdefgh", {"abcde"}) == "");
}

TEST_CASE("swapped neighbours are one edit") {
    // Two swaps are within two edits; as replacements they would be four.
    CHECK(nearest("badc", {"abcd"}) == "abcd");
}

TEST_CASE("of several the nearest is taken, of equals the first") {
    CHECK(nearest("stop", {"stopp", "stop", "top"}) == "stop");
    CHECK(nearest("cart", {"card", "care"}) == "card");
}
