// core/when_test.cc: what people write for a moment, and which moment it is.

#include "core/when.h"

#include <doctest/doctest.h>

using namespace lares;

namespace {

// 2026-03-10 10:00:00 UTC; one hour ahead until the 29th at 01:00 UTC, then two.
WallTime const now{std::chrono::seconds(1'773'136'800)};
int offset(WallTime at) { return at < WallTime(std::chrono::seconds(1'774'746'000)) ? 3600 : 7200; }
int autumn(WallTime at) { return at < WallTime(std::chrono::seconds(1'774'746'000)) ? 7200 : 3600; }

std::string read(std::string_view text, Toward toward = Toward::past) {
    auto at = parse_when(text, now, offset, toward);
    return at ? print_iso(*at) : at.error().what;
}

}  // namespace

TEST_CASE("a moment is read as people write it") {
    CHECK(read("now") == "2026-03-10T10:00:00.000Z");
    CHECK(read("2026-03-01 03:12") == "2026-03-01T02:12:00.000Z");
    CHECK(read("2026-03-01T03:12:05.250") == "2026-03-01T02:12:05.250Z");
    CHECK(read("2026-03-01T03:12:05Z") == "2026-03-01T03:12:05.000Z");
    CHECK(read("2026-03-01 03:12 +05:30") == "2026-02-28T21:42:00.000Z");
    CHECK(read("2026-03-01T03:12-0800") == "2026-03-01T11:12:00.000Z");
    CHECK(read("2026-03-01") == "2026-02-28T23:00:00.000Z");
    CHECK(read("2026-06-01 03:12") == "2026-06-01T01:12:00.000Z");
    CHECK(read("5min ago") == "2026-03-10T09:55:00.000Z");
    CHECK(read("in 1h30m") == "2026-03-10T11:30:00.000Z");
    CHECK(read("+90") == "2026-03-10T10:01:30.000Z");
    CHECK(read("1773136800.5") == "2026-03-10T10:00:00.500Z");
}

TEST_CASE("a time of day alone means the last one, or the next one") {
    CHECK(read("03:12") == "2026-03-10T02:12:00.000Z");
    CHECK(read("23:00") == "2026-03-09T22:00:00.000Z");
    CHECK(read("03:12", Toward::future) == "2026-03-11T02:12:00.000Z");
    CHECK(read("23:00", Toward::future) == "2026-03-10T22:00:00.000Z");
    CHECK(read("yesterday 03:12") == "2026-03-09T02:12:00.000Z");
    CHECK(read("tomorrow 03:12:30") == "2026-03-11T02:12:30.000Z");
    CHECK(read("today 23:00") == "2026-03-10T22:00:00.000Z");
}

TEST_CASE("of a repeated hour the first pass is meant, and a skipped hour is a moment too") {
    auto at = parse_when("2026-03-29 02:30", now, autumn, Toward::past);
    CHECK(print_iso(*at) == "2026-03-29T00:30:00.000Z");
    CHECK(read("2026-03-29 02:30") == "2026-03-29T00:30:00.000Z");
    CHECK(read("2026-03-29 03:30") == "2026-03-29T01:30:00.000Z");
}

TEST_CASE("what is no time is refused") {
    for (auto const* text : {"", "soon", "25:00", "03:60", "2026-02-30", "2026-13-01 00:00", "12",
                             "2026-03-01 03:12 CET", "2026-03-01x", "in", "in -5min", "ago",
                             "1e300", "-5", "--:--", "999999999999999999999"})
        CHECK_MESSAGE(read(text).starts_with("'"), text);
}

TEST_CASE("a moment is printed in local time") {
    CHECK(print_when(now, offset) == "2026-03-10 11:00:00");
    CHECK(print_clock(now, offset) == "11:00:00");
}
