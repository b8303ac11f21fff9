// text/unified_diff_test.cc: what diff -u prints.

#include "text/unified_diff.h"

#include <doctest/doctest.h>

using namespace lares::text;

namespace {

std::string diff(std::string_view before, std::string_view after) {
    return unified_diff(before, after, "a", "b");
}

}  // namespace

TEST_CASE("equal texts have no difference") {
    CHECK(diff("x\ny\n", "x\ny\n") == "");
    CHECK(diff("", "") == "");
}

TEST_CASE("a changed line stands between three lines of what surrounds it") {
    CHECK(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n") ==
          "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("changes far from each other are groups of their own, close ones one") {
    CHECK(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n") ==
          "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n"
          "@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n");
    CHECK(diff("1\n2\n3\n", "one\n2\nthree\n") ==
          "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-1\n+one\n 2\n-3\n+three\n");
}

TEST_CASE("a file that is new has only new lines, and one that went only old ones") {
    CHECK(diff("", "x\ny\n") == "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n");
    CHECK(diff("x\n", "") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n");
}

TEST_CASE("a last line without an end is said to be one") {
    CHECK(diff("x", "x\n") == "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}
