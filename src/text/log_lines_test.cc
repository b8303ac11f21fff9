// text/log_lines_test.cc: output cut into lines, whatever way it was read.

#include "text/log_lines.h"

#include <doctest/doctest.h>

#include <random>

using namespace lares;
using namespace lares::text;
using namespace std::chrono_literals;

namespace {

WallTime const now(1'795'342'503'214ms);

/// Writes `output` in pieces of `piece` bytes.
std::string written(LineFormat const& format, std::string_view output, std::size_t piece = 1000) {
    LineWriter writer(format);
    std::string out;
    for (std::size_t at = 0; at < output.size(); at += piece)
        writer.write(output.substr(at, piece), now, out);
    writer.finish(now, out);
    return out;
}

LineFormat text_format() { return {.format = LogFormat::text, .prefix = "web| "}; }
LineFormat json_format() { return {.format = LogFormat::json, .name = "web", .stream = "stdout"}; }
LineFormat stripping() { return {.format = LogFormat::text, .strip_ansi = true}; }

}  // namespace

TEST_CASE("a time is printed in UTC with milliseconds") {
    CHECK(print_utc(WallTime(0ms)) == "1970-01-01T00:00:00.000Z");
    CHECK(print_utc(now) == "2026-11-22T10:15:03.214Z");
    CHECK(print_utc(WallTime(951'782'399'999ms)) == "2000-02-28T23:59:59.999Z");
    CHECK(print_utc(WallTime(951'782'400'000ms)) == "2000-02-29T00:00:00.000Z");
    CHECK(print_utc(WallTime(-1ms)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("each line has the prefix, and the time where it is asked for") {
    CHECK(written(text_format(), "a\n\nb\n") == "web| a\nweb| \nweb| b\n");
    auto format = text_format();
    format.timestamp = true;
    CHECK(written(format, "a\n") == "2026-11-22T10:15:03.214Z web| a\n");
}

TEST_CASE("a line that a read cuts is written once it is complete") {
    LineWriter writer(text_format());
    std::string out;
    writer.write("one\ntw", now, out);
    CHECK(out == "web| one\n");
    writer.write("o", now, out);
    CHECK(out == "web| one\n");
    writer.write("\n", now, out);
    CHECK(out == "web| one\nweb| two\n");
}

TEST_CASE("a last line without its end is written at the end, once") {
    LineWriter writer(text_format());
    std::string out;
    writer.write("a", now, out);
    writer.finish(now, out);
    writer.finish(now, out);
    CHECK(out == "web| a\n");
}

TEST_CASE("json gives an object a line") {
    CHECK(written(json_format(), "say \"hi\"\r\n\xFF\x1b[0m\n") ==
          "{\"time\":\"2026-11-22T10:15:03.214Z\",\"program\":\"web\",\"stream\":\"stdout\","
          "\"line\":\"say \\\"hi\\\"\"}\n"
          "{\"time\":\"2026-11-22T10:15:03.214Z\",\"program\":\"web\",\"stream\":\"stdout\","
          "\"line\":\"\xEF\xBF\xBD\\u001b[0m\"}\n");
}

TEST_CASE("a line longer than 64 KB goes on as another") {
    LineFormat format{.format = LogFormat::text};
    std::string limit(64 << 10, 'x');
    CHECK(written(format, limit + "\n", 100'000) == limit + "\n");
    CHECK(written(format, limit + "y\n", 100'000) == limit + "\ny\n");
    CHECK(written(format, limit + limit + limit, 1 << 20) ==
          limit + "\n" + limit + "\n" + limit + "\n");
    CHECK(written(format, limit + "y\n", 7) == limit + "\ny\n");
}

TEST_CASE("a long line is not cut inside a character") {
    LineFormat format{.format = LogFormat::text};
    std::string most((64 << 10) - 1, 'x');
    CHECK(written(format, most + "\xE2\x82\xAC!\n") == most + "\n\xE2\x82\xAC!\n");
    CHECK(written(format, most + "\xFF!\n") == most + "\xFF\n!\n");
}

TEST_CASE("raw output passes as it is") {
    CHECK(written({}, "a\nb\x1b[1mc", 2) == "a\nb\x1b[1mc");
    CHECK(written({.strip_ansi = true}, "a\nb\x1b[1mc\x1b", 2) == "a\nbc\x1b");
}

TEST_CASE("escape sequences are removed however a read cuts them") {
    std::string_view output =
        "\x1b[1;31mred\x1b[0m \x1b[?25l\x1b[2K\x1b]0;title\aa\x1b]8;;http://x\x1b\\link\n";
    for (std::size_t piece = 1; piece < output.size(); ++piece) {
        CAPTURE(piece);
        CHECK(written(stripping(), output, piece) == "red alink\n");
    }
}

TEST_CASE("a sequence ends with the first byte from @ to ~") {
    CHECK(written(stripping(), "a\x1b[1@b\x1b[3~c\x1b[ qd\n") == "abcd\n");
}

TEST_CASE("what only begins like an escape sequence stays") {
    CHECK(written(stripping(), "a\x1b(Bb\n") == "a\x1b(Bb\n");
    CHECK(written(stripping(), "a\x1b\x1b[1mb\n") ==
          "a\x1b"
          "b\n");
    CHECK(written(stripping(), "a\x1b") == "a\x1b\n");
}

TEST_CASE("an escape sequence that never ends hides no more than its line") {
    CHECK(written(stripping(), "a\x1b[12\nb\x1b]0;title\nc\n") == "a\nb\nc\n");
    CHECK(written(stripping(), "a\x1b[1\xC3\xA9z\n") == "a\xC3\xA9z\n");
    CHECK(written(stripping(), "a\x1b]0;x\x1b[1mb\n") == "ab\n");
}

TEST_CASE("the way of reading changes nothing of what is written") {
    std::mt19937 random(10);
    for (int round = 0; round < 3'000; ++round) {
        std::string output(random() % 60, ' ');
        for (char& c : output) c = "ab\n\r\x1b[]m;1\a\\\xC3\xA9\xFF"[random() % 15];
        for (auto format : {text_format(), json_format(), stripping()})
            CHECK(written(format, output, 1 + random() % 7) == written(format, output));
    }
}
