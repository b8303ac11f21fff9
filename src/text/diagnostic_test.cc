// text/diagnostic_test.cc: what a person sees of a mistake.

#include "text/diagnostic.h"

#include <doctest/doctest.h>

using namespace lares::text;

namespace {

std::string shown(Place place, std::string_view text,
                  std::string hint = "did you mean 'startsecs'?",
                  Severity severity = Severity::error) {
    return format({severity, place, "unknown option", std::move(hint), ""},
                  {{"/etc/web.ini", std::string(text)}}, "lares: ");
}

}  // namespace

TEST_CASE("a mistake with a column shows its line and a caret with the hint") {
    CHECK(shown({0, 2, 1}, "[x]\nstartsec = 5\n") ==
          "lares: /etc/web.ini:2: unknown option\n"
          "    startsec = 5\n"
          "    ^ did you mean 'startsecs'?\n");
    CHECK(shown({0, 2, 12}, "[x]\r\nstartsec = x\r\n", "") ==
          "lares: /etc/web.ini:2: unknown option\n"
          "    startsec = x\n"
          "               ^\n");
}

TEST_CASE("a mistake without a column shows its hint alone, one without a file no place") {
    CHECK(shown({0, 2, 0}, "a\nb\n") ==
          "lares: /etc/web.ini:2: unknown option\n    did you mean 'startsecs'?\n");
    CHECK(shown({0, 0, 0}, "", "") == "lares: /etc/web.ini: unknown option\n");
    CHECK(shown({}, "", "") == "lares: unknown option\n");
    CHECK(shown({7, 1, 1}, "a", "") == "lares: unknown option\n");  // no such file
}

TEST_CASE("a warning says so after its place") {
    CHECK(shown({0, 2, 0}, "", "", Severity::warning) ==
          "lares: /etc/web.ini:2: warning: unknown option\n");
    CHECK(shown({}, "", "", Severity::warning) == "lares: warning: unknown option\n");
}

TEST_CASE("the caret stands under its character, whatever the line holds") {
    CHECK(shown({0, 1, 5}, "\t\tx\ty", "") ==
          "lares: /etc/web.ini:1: unknown option\n    x y\n      ^\n");
    CHECK(shown({0, 1, 4}, "\xC3\xA9=\xE2\x82\xAC", "") ==
          "lares: /etc/web.ini:1: unknown option\n    \xC3\xA9=\xE2\x82\xAC\n      ^\n");
    CHECK(shown({0, 1, 1}, "a\x1b[2J\xFF", "") ==
          "lares: /etc/web.ini:1: unknown option\n    a\xEF\xBF\xBD[2J\xEF\xBF\xBD\n    ^\n");
    CHECK(shown({0, 1, 4}, "a =", "") ==
          "lares: /etc/web.ini:1: unknown option\n    a =\n       ^\n");
}

TEST_CASE("of a long line the part around the caret is shown") {
    auto out = shown({0, 1, 201}, std::string(200, 'a') + "b" + std::string(200, 'c'), "");
    CHECK(out == "lares: /etc/web.ini:1: unknown option\n    " + std::string(70, 'a') + "b" +
                     std::string(29, 'c') + "\n    " + std::string(70, ' ') + "^\n");
}

TEST_CASE("a line or column beyond the text is no harm") {
    CHECK(shown({0, 9, 9}, "a", "") == "lares: /etc/web.ini:9: unknown option\n    \n    ^\n");
}

TEST_CASE("warnings alone are no errors") {
    CHECK_FALSE(has_errors({}));
    CHECK_FALSE(has_errors({{Severity::warning, {}, "", "", ""}}));
    CHECK(has_errors({{Severity::warning, {}, "", "", ""}, {}}));
}
