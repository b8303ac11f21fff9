// text/words_test.cc: command lines split as shlex.split() splits them.

#include "text/words.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares;
using namespace lares::text;

namespace {

using List = std::vector<std::string>;

List words(std::string_view line) {
    auto split = split_words(line);
    CAPTURE(line);
    REQUIRE(split.ok());
    return *split;
}

std::string error(std::string_view line) {
    auto split = split_words(line);
    return split ? "" : split.error().what;
}

std::string random_text(std::mt19937& random, std::string_view letters) {
    std::string text(random() % 12, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
}

}  // namespace

TEST_CASE("words stand between spaces, tabs and line ends") {
    CHECK(words("") == List{});
    CHECK(words(" \t\r\n ") == List{});
    CHECK(words("cat  -u\n/x") == List{"cat", "-u", "/x"});
    CHECK(words("a\vb") == List{"a\vb"});
}

TEST_CASE("single quotes keep everything, double quotes all but an escaped quote or backslash") {
    CHECK(words("bash -c 'x ; y'") == List{"bash", "-c", "x ; y"});
    CHECK(words(R"('a\b' "a\"b" "a\\b" "a\b" "a'b" 'a"b')") ==
          List{"a\\b", "a\"b", "a\\b", "a\\b", "a'b", "a\"b"});
    CHECK(words("'' \"\"") == List{"", ""});
    CHECK(words("a'b'\"c\"d") == List{"abcd"});
}

TEST_CASE("a backslash outside quotes takes the next character as it is") {
    CHECK(words(R"(a\ b \' \" \\ \n)") == List{"a b", "'", "\"", "\\", "n"});
}

TEST_CASE("comments, operators, globs and variables are ordinary characters") {
    CHECK(words("a#b #c;d|e>f *.x $HOME ~") == List{"a#b", "#c;d|e>f", "*.x", "$HOME", "~"});
}

TEST_CASE("an open quote or escape is refused in Python's words") {
    CHECK(error("bash -c 'x") == "No closing quotation");
    CHECK(error("\"x") == "No closing quotation");
    CHECK(error("x\\") == "No escaped character");
    CHECK(error("\"x\\") == "No escaped character");
}

TEST_CASE("joined words split into the same words") {
    CHECK(join_words({"a", "", "it's", "x y"}) == "a '' 'it'\"'\"'s' 'x y'");
    std::mt19937 random(1);
    for (int round = 0; round < 5'000; ++round) {
        List list(random() % 5);
        for (auto& word : list) word = random_text(random, "ab '\"\\\t\n#;=\xC3\xA9\0");
        CHECK(words(join_words(list)) == list);
    }
}

TEST_CASE("any line gives words or an error") {
    std::mt19937 random(2);
    for (int round = 0; round < 20'000; ++round) {
        auto line = random_text(random, "a '\"\\\n");
        if (auto split = split_words(line)) CHECK(words(join_words(*split)) == *split);
    }
}
