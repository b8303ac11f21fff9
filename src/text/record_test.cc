// text/record_test.cc: what is put in comes out, whatever it holds.

#include "text/record.h"

#include <doctest/doctest.h>

using namespace lares::text;

TEST_CASE("every value comes back as it was, whatever bytes it holds") {
    std::string odd = "a\\b\nc=d\\n\r";
    odd += '\0';
    odd += "\xff end\\";
    RecordWriter writer;
    writer.put("odd", odd);
    writer.put("empty", "");
    writer.put_number("low", INT64_MIN);
    writer.put_number("high", INT64_MAX);
    auto record = Record::parse(writer.take());
    CHECK(record.text("odd") == odd);
    CHECK(record.find("empty") == "");
    CHECK(record.number("low") == INT64_MIN);
    CHECK(record.number("high") == INT64_MAX);
}

TEST_CASE("what is not there, or is no number, is told apart from nothing and 0") {
    auto record = Record::parse("a=1\nb=x\nc=7x\nd=99999999999999999999\n");
    CHECK_FALSE(record.find("z"));
    CHECK_FALSE(record.find_number("b"));
    CHECK_FALSE(record.find_number("c"));
    CHECK_FALSE(record.find_number("d"));
    CHECK(record.number("z") == 0);
    CHECK(record.find_number("a") == 1);
}

TEST_CASE("lines of another version are skipped, a torn last line is read as far as it goes") {
    auto record = Record::parse("what is this\n\nfuture=5\na=1\nb=2");
    CHECK(record.number("a") == 1);
    CHECK(record.text("b") == "2");
}

TEST_CASE("a name that comes several times is a list; alone the last one counts") {
    RecordWriter writer;
    for (auto word : {"x", "", "y"}) writer.put("item", word);
    writer.put_if("none", "");
    writer.put_number_if("none", 0);
    auto record = Record::parse(writer.take());
    CHECK(record.all("item") == std::vector<std::string>{"x", "", "y"});
    CHECK(record.text("item") == "y");
    CHECK_FALSE(record.find("none"));
}
