// text/environment_test.cc: lists of variables as supervisord 4.4 reads them, and files of them.

#include "text/environment.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares;
using namespace lares::text;

namespace {

Variables list(std::string_view text) {
    CAPTURE(text);
    auto parsed = parse_environment(text);
    REQUIRE(parsed.ok());
    return *parsed;
}

Variables file(std::string_view text) {
    CAPTURE(text);
    auto parsed = parse_environment_file(text);
    REQUIRE(parsed.ok());
    return *parsed;
}

std::string error(Result<Variables> const& parsed) { return parsed ? "" : parsed.error().what; }

std::string unexpected_end(std::string const& text) {
    return "Unexpected end of key/value pairs in value '" + text + "'";
}

std::string in_quotes(std::string_view value) {
    std::string out = "\"";
    for (char c : value) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "\"";
}

std::string random_text(std::mt19937& random, std::string_view letters, std::size_t most) {
    std::string text(random() % most, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    return text;
}

}  // namespace

TEST_CASE("pairs stand between commas, on one line or several") {
    CHECK(list("") == Variables{});
    CHECK(list("A=1") == Variables{{"A", "1"}});
    CHECK(list("A=1,B=2") == Variables{{"A", "1"}, {"B", "2"}});
    CHECK(list(" A = 1 ,\n  B=2,\n") == Variables{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("a bare word is letters, digits and a few signs; other values need quotes") {
    CHECK(list("PATH=/usr/bin:/bin,B=a_b.c+d-(e)") ==
          Variables{{"PATH", "/usr/bin:/bin"}, {"B", "a_b.c+d-(e)"}});
    CHECK(list("A=\"x=y, z;\",B='a b'") == Variables{{"A", "x=y, z;"}, {"B", "a b"}});
    CHECK(list("A=gr\xC3\xBC\xC3\x9F,B=\xE6\x97\xA5\xE6\x9C\xAC") ==
          Variables{{"A", "gr\xC3\xBC\xC3\x9F"}, {"B", "\xE6\x97\xA5\xE6\x9C\xAC"}});
}

TEST_CASE("quotes and escapes follow POSIX") {
    CHECK(list(R"(A="say \"hi\"",B='sq "in"',C="back\\slash",D=a\ b,E="",F="a\b")") ==
          Variables{{"A", "say \"hi\""},
                    {"B", "sq \"in\""},
                    {"C", "back\\slash"},
                    {"D", "a b"},
                    {"E", ""},
                    {"F", "a\\b"}});
    CHECK(list("A=x'y z'\"w\"") == Variables{{"A", "xy zw"}});
}

TEST_CASE("a number sign begins a comment, even inside a word") {
    CHECK(list("A=1, # the first\nB=2#x,C=3") == Variables{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("a key given again replaces") {
    CHECK(list("A=1,B=2,A=3") == Variables{{"A", "3"}, {"B", "2"}});
}

TEST_CASE("an incomplete pair is refused in supervisord's words") {
    for (std::string text : {"A", "A=", "A=1,B", "A=1,B=", "A 1 2", "A=1 B=2", "A=,B=c", ",A=1"})
        CHECK(error(parse_environment(text)) == unexpected_end(text));
    CHECK(error(parse_environment("A='x")) == "No closing quotation");
    CHECK(error(parse_environment("A=\"x\\")) == "No escaped character");
    CHECK(error(parse_environment("A=x\\")) == "No escaped character");
}

TEST_CASE("a stray token between pairs is named, where supervisord would drop it") {
    CHECK(error(parse_environment("A=b c")) ==
          "unexpected 'c' after the value of 'A'; quote a value that has spaces or other signs in "
          "it");
    CHECK(error(parse_environment("A=b;B=c")) ==
          "unexpected ';' after the value of 'A'; quote a value that has spaces or other signs in "
          "it");
}

TEST_CASE("what is written in quotes reads back the same") {
    std::mt19937 random(6);
    for (int round = 0; round < 5'000; ++round) {
        auto value = random_text(random, "ab \"'\\,=#;\n\t$\xC3\xA9", 12);
        CHECK(list("KEY=" + in_quotes(value) + ",") == Variables{{"KEY", value}});
    }
}

TEST_CASE("any text gives variables or an error") {
    std::mt19937 random(7);
    for (int round = 0; round < 30'000; ++round) {
        auto text = random_text(random, "AB==,, '\"\\#\n\xFFx", 16);
        (void)parse_environment(text).ok();
        (void)parse_environment_file(text).ok();
    }
}

TEST_CASE("a file holds a variable a line, with comments and blank lines between") {
    CHECK(file("# a comment\n\nA=1\r\nexport B=2\n  C= 3 \nexport\tD=4") ==
          Variables{{"A", "1"}, {"B", "2"}, {"C", "3"}, {"D", "4"}});
    CHECK(file("") == Variables{});
    CHECK(file("\xEF\xBB\xBF"
               "A=1\nA=2") == Variables{{"A", "2"}});
    CHECK(file("exporter=1\nspring.url-x=y") ==
          Variables{{"exporter", "1"}, {"spring.url-x", "y"}});
}

TEST_CASE("a value in a file is as it stands, or quoted") {
    CHECK(file(R"(A=a b # c \n "d"
B='single \n $x "y"'
C="new\nline \"q\" \\ \x \$"
D=
E="")") == Variables{{"A", "a b # c \\n \"d\""},
                     {"B", "single \\n $x \"y\""},
                     {"C", "new\nline \"q\" \\ \\x $"},
                     {"D", ""},
                     {"E", ""}});
}

TEST_CASE("a mistake in a file is told with its line") {
    CHECK(error(parse_environment_file("A=1\n\nFOO\n")) == "line 3: no '='; write KEY=value");
    CHECK(error(parse_environment_file("A B=1")) == "line 1: 'A B' is not the name of a variable");
    CHECK(error(parse_environment_file("1A=1")) == "line 1: '1A' is not the name of a variable");
    CHECK(error(parse_environment_file("=1")) == "line 1: '' is not the name of a variable");
    CHECK(error(parse_environment_file("A='x")).starts_with("line 1: no closing quote"));
    CHECK(error(parse_environment_file("A=\"x\\\"")).starts_with("line 1: no closing quote"));
    CHECK(error(parse_environment_file("A='x' y")) == "line 1: text after the closing quote");
    CHECK(error(parse_environment_file(std::string_view("A=x\0y", 5))) ==
          "line 1: a zero byte cannot be in an environment");
}
