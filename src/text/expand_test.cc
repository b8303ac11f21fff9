// text/expand_test.cc: Python's %-format, as supervisord's files use it.

#include "text/expand.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares;
using namespace lares::text;

namespace {

Names names() {
    return {{{"program_name", "web"},
             {"process_num", 7L},
             {"minus", -5L},
             {"ENV_EMPTY", ""},
             {"ENV_P", "100%(x)s"},
             {"\xC3\xA9", "\xC3\xA9\xE2\x82\xAC!"}}};
}

void check(std::string_view format, std::string_view expected) {
    CAPTURE(format);
    auto expanded = expand(format, names(), "program:x.command");
    if (!expanded) FAIL(expanded.error().what);
    CHECK(*expanded == expected);
}

/// Checks the words after "is badly formatted: ".
void check_bad(std::string_view format, std::string_view why) {
    CAPTURE(format);
    auto expanded = expand(format, names(), "program:x.command");
    REQUIRE_FALSE(expanded.ok());
    CHECK(expanded.error().what ==
          "Format string '" + std::string(format) +
              "' for 'program:x.command' is badly formatted: " + std::string(why));
}

}  // namespace

TEST_CASE("a name is replaced by its text or number, a double percent by one") {
    check("", "");
    check("no names", "no names");
    check("/log/%(program_name)s_%(process_num)s.log", "/log/web_7.log");
    check("100%%, 5%% %(process_num)d", "100%, 5% 7");
    check("%(ENV_P)s", "100%(x)s");  // what comes in is not expanded again
}

TEST_CASE("numbers take flags, width and precision") {
    check("%(process_num)02d|%(process_num)2d|%(process_num)-3d|%(process_num)+d|%(process_num) d",
          "07| 7|7  |+7| 7");
    check("%(minus)05d|%(minus).3d|%(minus)+d|%(minus)-05d", "-0005|-005|-5|-5   ");
    check("%(process_num)x|%(process_num)#X|%(process_num)#o|%(process_num)#06x",
          "7|0X7|0o7|0x0007");
    check("%(process_num)05.2d|%(process_num)5.2d|%(process_num)i%(process_num)u%(process_num)ld",
          "00007|   07|777");
}

TEST_CASE("texts take width and precision in characters") {
    check("%(program_name)5s|%(program_name)-5s|%(program_name).2s|%(program_name)05s",
          "  web|web  |we|  web");
    check("%(\xC3\xA9)4s|%(\xC3\xA9).2s|%(process_num)3s",
          " \xC3\xA9\xE2\x82\xAC!|\xC3\xA9\xE2\x82\xAC|  7");
}

TEST_CASE("an unknown or empty variable gives way to its default") {
    check("%(ENV_NOPE:-/var/x)s", "/var/x");
    check("%(ENV_EMPTY:-some (more) text)s|%(ENV_EMPTY)s", "some (more) text|");
    check("%(ENV_P:-x)s|%(process_num:-9)02d|%(ENV_NOPE:-)s", "100%(x)s|07|");
}

TEST_CASE("an unknown name is an error that lists the known ones") {
    Names outer{{{"here", "/etc"}, {"ENV_A", "1"}}};
    Names inner{{{"program_name", "web"}, {"here", "/x"}}, &outer};
    auto expanded = expand("a %(ENV_NOPE)s", inner, "program:x.command");
    REQUIRE_FALSE(expanded.ok());
    CHECK(expanded.error().what ==
          "Format string 'a %(ENV_NOPE)s' for 'program:x.command' contains names ('ENV_NOPE') "
          "which cannot be expanded. Available names: ENV_A, here, program_name");
    CHECK_FALSE(expand("%()s", inner, "x").ok());
}

TEST_CASE("own names hide the outer ones, and all are listed once") {
    Names outer{{{"here", "/etc"}, {"a", 1L}}};
    Names inner{{{"here", "/x"}}, &outer};
    CHECK(*expand("%(here)s %(a)d", inner, "x") == "/x 1");
    CHECK(inner.all() == std::vector<std::string>{"a", "here"});
    CHECK(inner.find("nope") == nullptr);
}

TEST_CASE("a bad format is refused in Python's words") {
    check_bad("date +%Y", "unsupported format character 'Y' (0x59) at index 7");
    check_bad("\xC3\xA9%(minus)!", "unsupported format character '!' (0x21) at index 9");
    check_bad("%\xE2\x82\xAC", "unsupported format character '?' (0x20ac) at index 1");
    check_bad("%5%", "unsupported format character '%' (0x25) at index 2");
    check_bad("100%", "incomplete format");
    check_bad("%(minus)", "incomplete format");
    check_bad("%(minus)5", "incomplete format");
    check_bad("%(minus", "incomplete format key");
    check_bad("%((minus)s", "incomplete format key");
    check_bad("%(program_name)d", "%d format: a real number is required, not str");
    check_bad("%(program_name)x", "%x format: an integer is required, not str");
    check_bad("%d", "%d format: a real number is required, not dict");
    check_bad("%s", "not enough arguments for format string");
    check_bad("%(minus)d %Y", "not enough arguments for format string");
    check_bad("%(program_name)*d", "* wants int");
    check_bad("%(minus)99999999d", "width too big");
    check_bad("%(minus).99999999d", "precision too big");
}

TEST_CASE("an escaped text expands to itself") {
    CHECK(escape_percent("a%b%%") == "a%%b%%%%");
    std::mt19937 random(8);
    for (int round = 0; round < 2'000; ++round) {
        std::string text(random() % 10, ' ');
        for (char& c : text) c = "%()sd\n\xFF"[random() % 7];
        check(escape_percent(text), text);
        (void)expand(text, names(), "x").ok();
    }
}
