// text/quantity_test.cc: sizes, durations, numbers and switches, and how they are refused.

#include "text/quantity.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares;
using namespace lares::text;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string error(Result<T> result) {
    return result ? "" : result.error().what;
}

std::int64_t bytes(std::string_view text) {
    CAPTURE(text);
    auto parsed = parse_size(text);
    REQUIRE(parsed.ok());
    return *parsed;
}

Duration duration(std::string_view text) {
    CAPTURE(text);
    auto parsed = parse_duration(text);
    REQUIRE(parsed.ok());
    return *parsed;
}

long long integer(std::string_view text) {
    CAPTURE(text);
    auto parsed = parse_integer(text);
    REQUIRE(parsed.ok());
    return *parsed;
}

}  // namespace

TEST_CASE("a size is bytes, or a number and a unit in any case") {
    CHECK(bytes("0") == 0);
    CHECK(bytes("1024") == 1024);
    CHECK(bytes("50MB") == 50 << 20);
    CHECK(bytes("1 kB") == 1024);
    CHECK(bytes(" 2GB") == std::int64_t(2) << 30);
    CHECK(bytes("1TB") == std::int64_t(1) << 40);
    CHECK(bytes("4k") == 4096);
    CHECK(bytes("1_000") == 1000);
    CHECK(bytes("3T") == std::int64_t(3) << 40);
}

TEST_CASE("a size that is none is refused in supervisord's words") {
    CHECK(error(parse_size("")) == "invalid literal for int() with base 10: ''");
    CHECK(error(parse_size("1.5MB")) == "invalid literal for int() with base 10: '1.5'");
    CHECK(error(parse_size("1PB")) == "invalid literal for int() with base 10: '1pb'");
    CHECK(error(parse_size("MB")) == "invalid literal for int() with base 10: ''");
    CHECK(error(parse_size("50MB ")) == "invalid literal for int() with base 10: '50mb '");
    CHECK(error(parse_size("-1")) == "'-1' is negative; a size is 0 or more");
    CHECK(error(parse_size("9999999999GB")) == "'9999999999GB' is more bytes than any disk has");
}

TEST_CASE("a size is printed in its shortest exact form") {
    CHECK(print_size(0) == "0");
    CHECK(print_size(1536) == "1536");
    CHECK(print_size(50 << 20) == "50MB");
    CHECK(print_size(1000 * 1024) == "1000KB");
    CHECK(print_size(std::int64_t(1) << 40) == "1TB");
    CHECK(print_size((std::int64_t(1) << 30) + 1024) == "1048577KB");
}

TEST_CASE("a duration has a unit, or is in seconds with up to three decimals") {
    CHECK(duration("500ms") == 500ms);
    CHECK(duration("10s") == 10s);
    CHECK(duration("5m") == 5min);
    CHECK(duration("5min") == 5min);
    CHECK(duration("2h") == 2h);
    CHECK(duration("1d") == 24h);
    CHECK(duration("10") == 10s);
    CHECK(duration(" +1_0 ") == 10s);
    CHECK(duration("0.5") == 500ms);
    CHECK(duration("1.125") == 1125ms);
    CHECK(duration("0") == 0s);
    CHECK(duration("1.5h") == 90min);
}

TEST_CASE("durations add up, each unit smaller than the one before") {
    CHECK(duration("1h30m") == 90min);
    CHECK(duration("1d 2h 3min 4s 5ms") == 26h + 3min + 4s + 5ms);
    CHECK(error(parse_duration("5m5m")) != "");
    CHECK(error(parse_duration("30m1h")) != "");
    CHECK(error(parse_duration("1h30")) != "");
}

TEST_CASE("a duration that is none, negative or too long is refused") {
    CHECK(error(parse_duration("2w")) ==
          "'2w' is not a duration; write 500ms, 10s, 5m, 2h, 1d or 1h30m");
    CHECK(error(parse_duration("-1")) == "'-1' is negative; a duration is 0 or more");
    for (auto text : {"", " ", "s", ".5", "5.", "0.1234", "1..2", "1.5ms", "-1s", "1 2", "0x10",
                      "5S", "9223372036854775807", "9223372036854775807h", "99999999999999999999",
                      "106751991168d1000000000000d", "1e3", "inf"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).ok());
    }
}

TEST_CASE("a duration is printed in parts") {
    CHECK(print_duration(0s) == "0s");
    CHECK(print_duration(500ms) == "500ms");
    CHECK(print_duration(90min) == "1h30m");
    CHECK(print_duration(24h + 1ms) == "1d1ms");
    CHECK(print_duration(-90s) == "-1m30s");
    CHECK(print_duration(Duration::min()).starts_with("-106751991167d"));
}

TEST_CASE("what is printed reads back the same") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 20'000; ++round) {
        auto number = static_cast<std::int64_t>(random() >> 1 >> (random() % 63));
        CHECK(bytes(print_size(number)) == number);
        CHECK(duration(print_duration(Duration(number))) == Duration(number));
        CHECK(integer(std::to_string(-number)) == -number);
    }
}

TEST_CASE("a whole number is Python's int()") {
    CHECK(integer("0") == 0);
    CHECK(integer(" -12\n") == -12);
    CHECK(integer("+1_000") == 1000);
    CHECK(integer("007") == 7);
    CHECK(integer("-9223372036854775808") == std::numeric_limits<long long>::min());
}

TEST_CASE("what is no whole number is refused in Python's words") {
    CHECK(error(parse_integer("1.5")) == "invalid literal for int() with base 10: '1.5'");
    CHECK(error(parse_integer(" x")) == "invalid literal for int() with base 10: ' x'");
    for (auto text : {"", " ", "-", "+-1", "--1", "_1", "1_", "1__0", "- 1", "1 2", "0x1", "1e3"}) {
        CAPTURE(text);
        CHECK(error(parse_integer(text)).starts_with("invalid literal for int()"));
    }
    CHECK(error(parse_integer("9223372036854775808")) ==
          "'9223372036854775808' is too large for a whole number");
}

TEST_CASE("a switch is one of eight words, in any case") {
    for (auto text : {"yes", "TRUE", "On", "1"}) CHECK(*parse_boolean(text) == true);
    for (auto text : {"no", "False", "OFF", "0"}) CHECK(*parse_boolean(text) == false);
    CHECK(error(parse_boolean("maybe")) == "not a valid boolean value: 'maybe'");
    CHECK(error(parse_boolean("Yes ")) == "not a valid boolean value: 'Yes '");
}

TEST_CASE("an octal number is written with or without its prefix") {
    CHECK(*parse_octal("022") == 022);
    CHECK(*parse_octal("0o22") == 022);
    CHECK(*parse_octal(" 0O_7_7 ") == 077);
    CHECK(*parse_octal("22") == 022);
    CHECK(*parse_octal("-0") == 0);
    CHECK(error(parse_octal("9")) == "9 can not be converted to an octal type");
    for (auto text : {"", "0o", "-1", "0x7", "7 7", "7__7", "77777777777777"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_octal(text).ok());
    }
}
