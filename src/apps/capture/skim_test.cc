// apps/capture/skim_test.cc: what is taken out of a message, and what odd messages give.

#include "apps/capture/skim.h"

#include <doctest/doctest.h>

namespace lares::capture {

namespace {

Skimmer const skimmer({{"id", 0}, {"user.name", 1}, {"tags.*", 2}, {"list.*.id", 3}, {"user", 4}});

std::string all(std::string_view json) {
    std::vector<Values> slots;
    if (!skimmer.skim(json, slots)) return "no";
    std::string out;
    for (auto const& slot : slots) {
        for (std::size_t i = 0; i < slot.count; ++i)
            out.append(i == 0 ? "" : ",").append(slot.list[i]);
        out += '|';
    }
    return out;
}

}  // namespace

TEST_CASE("wanted values are found by their path and by nothing else") {
    CHECK(
        all(R"({"id":1,"user":{"id":2,"name":"a"},"tags":["x","y"],"list":[{"id":3},{"no":1},{"id":4}]})") ==
        R"(1|"a"|"x","y"|3,4|{"id":2,"name":"a"}|)");
    CHECK(all(R"({"x":{"id":1},"name":"a","tags":{"0":"x"}})") == "|||||");
    CHECK(all(R"( { "id" : 1 , "user" : { "name" : "a" } } )") == R"(1|"a"|||{ "name" : "a" }|)");
    CHECK(all(R"({"a":"\"id\":7,","b":["}",{"c":"]"}],"id":-1.5e3})") == "-1.5e3|||||");
    CHECK(all(R"({"id":null,"user":null})") == "|||||");
    CHECK(all("{}") == "|||||");
}

TEST_CASE("what is no object, or ends within, is said to be none") {
    for (auto const* each :
         {"", "[]", "1", "{", R"({"id")", R"({"id":)", R"({"id":1)", R"({"id":1,)", R"({"id":"x)",
          R"({"id":"x\)", R"({"id":1}x)", R"({"id" 1})", R"({id:1})", R"({"user":{"name":}})"})
        CHECK_MESSAGE(all(each) == "no", each);
    std::string deep(100'000, '[');
    CHECK(all("{\"id\":" + deep) == "no");
}

TEST_CASE("more values than a slot holds are left out") {
    std::string json = R"({"tags":[0)";
    for (int i = 0; i < 40; ++i) json += ",1";
    std::vector<Values> slots;
    REQUIRE(skimmer.skim(json + "]}", slots));
    CHECK(slots[2].count == Values::most);
}

TEST_CASE("escapes are undone; what is no escape stays") {
    CHECK(plain(R"("a\n\"\\\/é\u00e9\ud83d\ude00")") == "a\n\"\\/éé😀");
    CHECK(plain(R"("\ud83d x \ude00\u12 \q")") == "\xEF\xBF\xBD x \xEF\xBF\xBD\\u12 \\q");
    CHECK(plain("12") == "12");
    CHECK(plain("\"") == "\"");
    CHECK(plain("") == "");
}

}  // namespace lares::capture
