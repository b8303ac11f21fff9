// text/json_read_test.cc: what is JSON, where its members stand, and what is refused.

#include "text/json_read.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::text;

namespace {

std::string read(std::string_view json) {
    auto value = read_json(json);
    return value ? to_json(*value) : value.error().what;
}

}  // namespace

TEST_CASE("a document is read into a value, and printed it is the same") {
    for (std::string json :
         {R"({"a":1,"b":[true,false,"x"],"c":{"d":-2.5}})", "[]", "{}", "\"\"", "0", "-7",
          R"(["ä\"\\\n"])", R"([[],[{}]])", "9223372036854775807", R"({"":{"":[]}})"})
        CHECK(read(json) == json);
    CHECK(read(" \n[ 1 ,\t2 ] ") == "[1,2]");
    CHECK(read("null") == "\"\"");
    CHECK(read("1e3") == "1000");
    CHECK(read(R"("\u00e4\ud83d\ude00\/")") == "\"ä😀/\"");
}

TEST_CASE("half a surrogate pair becomes the replacement character") {
    CHECK(read(R"("\ud83dx")") == "\"\xEF\xBF\xBDx\"");
    CHECK(read(R"("\udc00")") == "\"\xEF\xBF\xBD\"");
    CHECK(read(R"("\ud83d\u0041")") ==
          "\"\xEF\xBF\xBD"
          "A\"");
}

TEST_CASE("what is no JSON is refused with the byte and what was expected") {
    struct Case {
        std::string json, words;
    };
    for (auto const& [json, words] : std::vector<Case>{
             {"", "at byte 1: expected a value"},
             {"{", "at byte 2: expected a name in double quotes"},
             {"{\"a\" 1}", "at byte 6: expected ':'"},
             {"{\"a\":1,}", "at byte 8: expected a name in double quotes"},
             {"[1,]", "at byte 4: expected a value"},
             {"[1 2]", "at byte 4: expected ',' or ']'"},
             {"{'a':1}", "at byte 2: expected a name in double quotes"},
             {"01", "at byte 2: expected the end"},
             {"-", "at byte 2: expected a digit"},
             {"1.", "at byte 3: expected a digit"},
             {"1e", "at byte 3: expected a digit"},
             {"tru", "at byte 1: expected a value"},
             {"\"abc", "at byte 5: expected the end of a string"},
             {"\"a\nb\"", "at byte 3: expected no bare control character in a string"},
             {"\"\\x\"", "at byte 2: expected an escape"},
             {"\"\\u12\"", "at byte 2: expected four digits after '\\u'"},
             {"\"\xff\"", "at byte 2: expected UTF-8"},
             {"1 2", "at byte 3: expected the end"},
             {std::string("[\0]", 3), "at byte 2: expected a value"},
             {std::string(40, '[') + std::string(40, ']'),
              "at byte 34: expected less nesting: at most 32 levels"}})
        CHECK(read(json) == words);
}

TEST_CASE("the members of an object are told with their text as it stands") {
    auto members = json_members(R"( {"task":"a\u0062", "payload" : {"x": [1, 2]},"n":null} )");
    REQUIRE(members);
    REQUIRE(members->size() == 3);
    CHECK((*members)[0].raw == R"("a\u0062")");
    CHECK(*json_string((*members)[0].raw) == "ab");
    CHECK((*members)[1].name == "payload");
    CHECK((*members)[1].raw == R"({"x": [1, 2]})");
    CHECK(begins_json_object((*members)[1].raw));
    CHECK((*members)[2].raw == "null");
    CHECK_FALSE(json_string("12"));
    CHECK_FALSE(json_members("[]"));
    CHECK_FALSE(json_members("{} x"));
}

TEST_CASE("every prefix of a document is refused, and none reads past its end") {
    std::string const json = R"({"a":[1.5e-3,"x\n\u00e4",{"b":false}],"c":null})";
    CHECK(check_json(json));
    for (std::size_t length = 0; length < json.size(); ++length)
        CHECK_FALSE(check_json(std::string(json.substr(0, length))));
}
