// text/value_test.cc: values as JSON, and bytes made fit to be shown.

#include "text/value.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "text/json.h"
#include "text/utf8.h"

using namespace lares::text;

TEST_CASE("a member is found by name, the last of that name") {
    Value value(Struct{{"a", 1}, {"b", "x"}, {"a", 2}});
    REQUIRE(value.find("a"));
    CHECK(*value.find("a")->integer() == 2);
    CHECK(*value.find("b")->text() == "x");
    CHECK(value.find("c") == nullptr);
    CHECK(Value("a").find("a") == nullptr);
    CHECK(Value(true).integer() == nullptr);
}

TEST_CASE("each kind of value has its JSON") {
    CHECK(to_json("x") == "\"x\"");
    CHECK(to_json(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(to_json(true) == "true");
    CHECK(to_json(false) == "false");
    CHECK(to_json(1.5) == "1.5");
    CHECK(to_json(0.1) == "0.1");
    CHECK(to_json(3.0) == "3");
    CHECK(to_json(1e300) == "1e+300");
    CHECK(to_json(std::numeric_limits<double>::infinity()) == "null");
    CHECK(to_json(Array{}) == "[]");
    CHECK(to_json(Struct{}) == "{}");
    CHECK(to_json(Struct{{"a", Array{1, "b"}}, {"c\n", Struct{{"d", false}}}}) ==
          R"({"a":[1,"b"],"c\n":{"d":false}})");
}

TEST_CASE("JSON can be indented") {
    CHECK(to_json(Struct{{"a", Array{1, 2}}, {"b", Array{}}}, 2) ==
          "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": []\n}");
}

TEST_CASE("a JSON string escapes controls and replaces what is not UTF-8") {
    std::string out;
    append_json(out, std::string_view("a\"\\\b\n\r\t\0\x1b\x7f\xC3\xA9\xFF\xE2\x82|", 16));
    CHECK(out ==
          "\"a\\\"\\\\\\u0008\\n\\r\\t\\u0000\\u001b\x7f\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD|\"");
}

TEST_CASE("clean bytes stay, others become U+FFFD") {
    CHECK(clean_utf8("") == "");
    CHECK(clean_utf8("a\t\n\r\xC3\xA9\xF0\x9F\x98\x80\x7f") ==
          "a\t\n\r\xC3\xA9\xF0\x9F\x98\x80\x7f");
    CHECK(clean_utf8(std::string_view("\0\x1b\xFF\xE2\x82x", 6)) ==
          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx");
    CHECK(clean_utf8("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
    CHECK(clean_utf8("\xEF\xBF\xBE\xEF\xBF\xBF") == "\xEF\xBF\xBD\xEF\xBF\xBD");  // no XML has them
}

TEST_CASE("any bytes become UTF-8 that is clean already") {
    std::mt19937 random(9);
    for (int round = 0; round < 5'000; ++round) {
        std::string bytes(random() % 12, ' ');
        for (char& c : bytes) c = static_cast<char>(random());
        auto clean = clean_utf8(bytes);
        CHECK(clean_utf8(clean) == clean);
        std::string json;
        append_json(json, bytes);
        for (std::size_t at = 0; at < json.size();) {
            Character c = read_character(json, at);
            CHECK(c.fault == Character::Fault::none);
            CHECK(c.code >= 0x20);
            at += c.length;
        }
    }
}
