// control/log_window_test.cc: the table of spec §4.4, line by line, and characters that are cut.

#include "control/log_window.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "base/limits.h"

using namespace lares;
using namespace lares::control;

namespace {

/// As os/ reads: from the end when the offset is negative, never outside the file.
ports::LogRead look(std::string const& log, LogWindow const& window) {
    auto size = static_cast<std::int64_t>(log.size());
    auto from =
        std::clamp<std::int64_t>(window.offset < 0 ? size + window.offset : window.offset, 0, size);
    ports::LogRead read;
    read.exists = true;
    read.size = size;
    read.bytes =
        log.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(window.length));
    return read;
}

std::string read(std::string const& log, std::int64_t offset, std::int64_t length) {
    auto window = read_window(offset, length);
    return window ? read_text(*window, look(log, *window)) : "BAD_ARGUMENTS";
}

Tail tail(std::string const& log, std::int64_t offset, std::int64_t length) {
    return tail_answer(offset, length, look(log, tail_window(length)));
}

std::string const ten = "0123456789";
constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("reading takes length bytes from offset, or all from there") {
    CHECK(read(ten, 0, 4) == "0123");
    CHECK(read(ten, 3, 4) == "3456");
    CHECK(read(ten, 0, 0) == ten);
    CHECK(read(ten, 7, 0) == "789");
    CHECK(read(ten, 7, 100) == "789");
}

TEST_CASE("reading past the end gives nothing") {
    CHECK(read(ten, 10, 5) == "");
    CHECK(read(ten, most, most) == "");
    CHECK(read("", 0, 0) == "");
}

TEST_CASE("reading from a negative offset takes the last bytes, at most the whole log") {
    CHECK(read(ten, -3, 0) == "789");
    CHECK(read(ten, -100, 0) == ten);
    CHECK(read(ten, least, 0) == ten);
}

TEST_CASE("a negative offset with a length, and a negative length, contradict themselves") {
    CHECK(read(ten, -3, 1) == "BAD_ARGUMENTS");
    CHECK(read(ten, -3, -1) == "BAD_ARGUMENTS");
    CHECK(read(ten, 0, -1) == "BAD_ARGUMENTS");
    CHECK(read(ten, 100, -1) == "BAD_ARGUMENTS");
}

TEST_CASE("one reading is bounded") {
    CHECK(read_window(0, 0)->wanted == limits::log_read_bytes);
    CHECK(read_window(5, most)->wanted == limits::log_read_bytes);
    CHECK(read_window(least, 0)->offset == -limits::log_read_bytes);
    CHECK(tail_window(most).offset == -limits::log_read_bytes);
}

TEST_CASE("tailing gives the last length bytes, the size, and whether more was written") {
    CHECK(tail(ten, 0, 5) == Tail{"56789", 10, true});
    CHECK(tail(ten, 5, 5) == Tail{"56789", 10, false});
    CHECK(tail(ten, 4, 5) == Tail{"56789", 10, true});
    CHECK(tail(ten, 0, 10) == Tail{ten, 10, false});
    CHECK(tail(ten, 0, 100) == Tail{ten, 10, false});
}

TEST_CASE("tailing gives bytes before the offset too, as supervisord does") {
    CHECK(tail(ten, 7, 5) == Tail{"56789", 10, false});
    CHECK(tail(ten, 9, 5) == Tail{"56789", 10, false});
}

TEST_CASE("tailing past the end gives nothing but the size") {
    CHECK(tail(ten, 10, 5) == Tail{"", 10, false});
    CHECK(tail(ten, 100, 5) == Tail{"", 10, false});
    CHECK(tail(ten, most, most) == Tail{"", 10, false});
    CHECK(tail("", 0, 5) == Tail{"", 0, false});
}

TEST_CASE("tailing takes negative numbers as nought, never as a fault") {
    CHECK(tail(ten, 0, 0) == Tail{"", 10, true});
    CHECK(tail(ten, -5, -5) == Tail{"", 10, true});
    CHECK(tail(ten, least, 3) == Tail{"789", 10, true});
    CHECK(tail(ten, -1, 10) == Tail{ten, 10, false});
}

TEST_CASE("a character that the window's end cuts is given whole, and not again by the next") {
    std::string log = "aé€𝄞z";  // 1 + 2 + 3 + 4 + 1 bytes
    for (std::int64_t step = 1; step <= 11; ++step) {
        std::string all;
        for (std::int64_t offset = 0; offset < 11; offset += step) all += read(log, offset, step);
        CHECK(all == log);
    }
    CHECK(read(log, 1, 1) == "é");
    CHECK(read(log, 2, 1) == "");
}

TEST_CASE("a character cut by the front of a tail is left out") {
    CHECK(tail("aé€", 0, 2).text == "");
    CHECK(tail("aé€", 0, 4).text == "€");
    CHECK(tail("aé€", 0, 5).text == "é€");
    CHECK(read("aé€", -4, 0) == "€");
}

TEST_CASE("a character still being written waits for its other bytes") {
    CHECK(read("ab\xE2\x82", 0, 0) == "ab");
    CHECK(tail("ab\xE2\x82", 0, 100).text == "ab");
    CHECK(tail("ab\xF0\x9D\x84", 0, 100).text == "ab");
}

TEST_CASE("bytes that are no characters stay, for the face to replace") {
    CHECK(read("a\xFFz\x1B", 0, 0) == "a\xFFz\x1B");
    CHECK(tail("\x80z", 0, 10).text == "\x80z");
    CHECK(read("a\xE9 b", 0, 2) == "a\xE9");
    CHECK(read("a\xE9 b", 2, 2) == " b");
}
