// text/glob_test.cc: patterns over names and paths, also against the C library's fnmatch.

#include "text/glob.h"

#include <doctest/doctest.h>
#include <fnmatch.h>

#include <chrono>
#include <random>
#include <string>

using namespace lares::text;

namespace {

std::string random_text(std::mt19937& random, std::string_view letters) {
    std::string text(random() % 8, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
}

}  // namespace

TEST_CASE("a star matches any run, a question mark one character") {
    CHECK(glob_match("worker_*", "worker_07"));
    CHECK(glob_match("*", ""));
    CHECK(glob_match("a*b*c", "aXbYbZc"));
    CHECK_FALSE(glob_match("a*b", "aXbc"));
    CHECK(glob_match("w?b", "web"));
    CHECK_FALSE(glob_match("w?b", "wb"));
    CHECK(glob_match("?", "\xE2\x82\xAC"));  // one character, three bytes
    CHECK(glob_match("??", "\xFF\xFE"));     // faulty bytes count one each
    CHECK(glob_match("web:*", "web:a/b"));
    CHECK(glob_match("*", ".hidden"));
}

TEST_CASE("a bracket matches one of its members") {
    CHECK(glob_match("[a-c]x", "bx"));
    CHECK_FALSE(glob_match("[a-c]x", "dx"));
    CHECK(glob_match("[!a-c]x", "dx"));
    CHECK(glob_match("[^a]", "b"));
    CHECK(glob_match("[]a]", "]"));
    CHECK(glob_match("[!]a]", "b"));
    CHECK(glob_match("[a-]", "-"));
    CHECK(glob_match("[\\]]", "]"));
    CHECK(glob_match("[[:digit:]_]", "7"));
    CHECK_FALSE(glob_match("[[:digit:]]", "x"));
    CHECK_FALSE(glob_match("[z-a]", "m"));
    CHECK(glob_match("[\xC3\xA0-\xC3\xBF]", "\xC3\xA9"));
}

TEST_CASE("a bracket that is not closed stands for itself") {
    CHECK(glob_match("[ab", "[ab"));
    CHECK_FALSE(glob_match("[ab", "a"));
}

TEST_CASE("a backslash takes the next character as it is") {
    CHECK(glob_match("a\\*", "a*"));
    CHECK_FALSE(glob_match("a\\*", "ab"));
    CHECK_FALSE(glob_match("a\\", "a"));
}

TEST_CASE("in a path no wildcard matches a slash or a leading dot") {
    auto path = GlobKind::path;
    CHECK(glob_match("conf.d/*.conf", "conf.d/web.conf", path));
    CHECK_FALSE(glob_match("*.conf", "conf.d/web.conf", path));
    CHECK_FALSE(glob_match("a?b", "a/b", path));
    CHECK_FALSE(glob_match("a[/]b", "a/b", path));
    CHECK_FALSE(glob_match("*", ".hidden", path));
    CHECK_FALSE(glob_match("a/?x", "a/.x", path));
    CHECK_FALSE(glob_match("a/[.]x", "a/.x", path));
    CHECK(glob_match("a/.*", "a/.x", path));
    CHECK(glob_match("*/*", "a.b/c.d", path));
    CHECK_FALSE(glob_match("a*/b", "a/x/b", path));
}

TEST_CASE("a pattern with a wildcard that counts is a glob") {
    for (auto text : {"*", "a?", "[a]", "\\\\*"}) CHECK(is_glob(text));
    for (auto text : {"", "a.b", "a\\*", "\\[x"}) CHECK_FALSE(is_glob(text));
}

TEST_CASE("a hundred thousand random patterns match as fnmatch says") {
    std::mt19937 random(4);
    for (int round = 0; round < 100'000; ++round) {
        auto pattern = random_text(random, "ab*?[]!\\-.");
        auto name = random_text(random, "ab-].");
        // Collating symbols, "[[.a.]]", are not ours.
        if (pattern.find("[.") != pattern.npos) continue;
        CAPTURE(pattern);
        CAPTURE(name);
        CHECK(glob_match(pattern, name) == (fnmatch(pattern.c_str(), name.c_str(), 0) == 0));
    }
}

TEST_CASE("a hundred thousand random paths match as fnmatch says") {
    std::mt19937 random(5);
    for (int round = 0; round < 100'000; ++round) {
        auto pattern = random_text(random, "ab*?/..\\");
        auto name = random_text(random, "ab/..");
        // glibc forgets that an escaped slash ends a segment.
        if (pattern.find("\\/") != pattern.npos) continue;
        CAPTURE(pattern);
        CAPTURE(name);
        int expected = fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD);
        CHECK(glob_match(pattern, name, GlobKind::path) == (expected == 0));
    }
}

TEST_CASE("a pattern made to hurt takes no more steps than pattern times name") {
    std::string pattern;
    for (int i = 0; i < 500; ++i) pattern += "a*";
    std::string name(20'000, 'a');
    auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(glob_match(pattern + "b", name));
    CHECK_FALSE(glob_match("*" + std::string(500, '?') + "b", name));
    // Exponential would be for ever; the bound leaves room for sanitizers and a busy machine.
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}
