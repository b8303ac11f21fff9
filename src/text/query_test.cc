// text/query_test.cc: fields of queries and forms.

#include "text/query.h"

#include <doctest/doctest.h>

using namespace lares::text;

TEST_CASE("a name is decoded once, and what is no code stays") {
    CHECK(decode_percent("g%3Ap%3ap") == "g:p:p");
    CHECK(decode_percent("%253A") == "%3A");
    CHECK(decode_percent("100%") == "100%");
    CHECK(decode_percent("%4") == "%4");
    CHECK(decode_percent("%zz%4g") == "%zz%4g");
    CHECK(decode_percent("a+b") == "a+b");
}

TEST_CASE("what was encoded is decoded to the same") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(decode_percent(encode_percent(all)) == all);
    CHECK(encode_percent("a b&c=d/~") == "a%20b%26c%3Dd%2F~");
}

TEST_CASE("a query is its fields, in order, with plus signs as spaces") {
    CHECK(parse_query("a=1&b=two+words&c=%26") ==
          Fields{{"a", "1"}, {"b", "two words"}, {"c", "&"}});
    CHECK(parse_query("a=b=c") == Fields{{"a", "b=c"}});
    CHECK(parse_query("&&flag&") == Fields{{"flag", ""}});
    CHECK(parse_query("=x") == Fields{{"", "x"}});
    CHECK(parse_query("").empty());
}

TEST_CASE("the first field of a name counts, and a missing one is empty") {
    auto fields = parse_query("a=1&a=2");
    CHECK(field(fields, "a") == "1");
    CHECK(field(fields, "b").empty());
}

TEST_CASE("a cookie is found by its whole name, the first of two") {
    CHECK(cookie("a=1; b=2", "b") == "2");
    CHECK(cookie("a=1;b=2=3; b=4", "b") == "2=3");
    CHECK(cookie("ab=1;  a=2", "a") == "2");
    CHECK(cookie("a=; b", "a").empty());
    CHECK(cookie("a=; b", "b").empty());
    CHECK(cookie("", "a").empty());
    CHECK(cookie(";;; ;", "a").empty());
}

TEST_CASE("a query of endless fields is cut off") {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "a=1&";
    CHECK(parse_query(many).size() == 100);
}
