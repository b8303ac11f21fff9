// text/iso_time_test.cc: ISO times read strictly and printed in one form.

#include "text/iso_time.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::text;

namespace {

/// Seconds since 1970, UTC where nothing else is said; -1: refused.
std::int64_t at(std::string_view text) {
    auto const time = parse_iso_time(text);
    return time ? time->local - time->offset.value_or(0) : -1;
}

}  // namespace

TEST_CASE("an ISO time is read in its usual forms") {
    CHECK(at("2026-03-29T03:00:00+02:00") == 1'774'746'000);
    CHECK(at("2026-03-29T03:00:00+0200") == 1'774'746'000);
    CHECK(at("2026-03-29 03:00+02") == 1'774'746'000);
    CHECK(at("2026-03-29T01:00:00Z") == 1'774'746'000);
    CHECK(at("2026-03-29T01:00:00.999z") == 1'774'746'000);
    CHECK(at("2026-03-28T20:30:00-04:30") == 1'774'746'000);
    CHECK(at("2026-03-29") == 1'774'742'400);
    CHECK_FALSE(parse_iso_time("2026-03-29T01:00")->offset);
    CHECK(parse_iso_time("2026-03-29T01:00+00:00")->offset == 0);
    CHECK(at("0001-01-01") == -62'135'596'800);
}

TEST_CASE("what is no ISO time is refused with one") {
    for (std::string_view text : {"",
                                  "now",
                                  "2026",
                                  "2026-13-01",
                                  "2026-02-30",
                                  "2026-3-29",
                                  "2026-03-29T",
                                  "2026-03-29T1",
                                  "2026-03-29T24:00",
                                  "2026-03-29T01:60",
                                  "2026-03-29T01:00:60",
                                  "2026-03-29T01:00:00+",
                                  "2026-03-29T01:00:00+2:00",
                                  "2026-03-29T01:00:00+02:0",
                                  "2026-03-29T01:00:00 +02:00",
                                  "2026-03-29T01:00:00Zx",
                                  "0000-01-01",
                                  "+2026-01-01",
                                  "2026-03-29T01:00:00.Z",
                                  "-1"}) {
        INFO(text);
        CHECK(at(text) == -1);
    }
    CHECK(parse_iso_time("noon").error().what ==
          "found the time 'noon', expected one as '2026-03-29T03:00:00+02:00'");
}

TEST_CASE("an instant is printed with its offset, and is read again") {
    CHECK(print_iso_time(1'774'746'000, 7200) == "2026-03-29T03:00:00+02:00");
    CHECK(print_iso_time(1'774'746'000, -16'200) == "2026-03-28T20:30:00-04:30");
    CHECK(print_iso_time(-1, 0) == "1969-12-31T23:59:59+00:00");
    CHECK(print_offset(1172) == "+00:19:32");
    CHECK(print_local_time(1'774'746'000, 0) == "2026-03-29 01:00");
    CHECK(print_local_time(1'774'746'005, 0) == "2026-03-29 01:00:05");
    for (std::int64_t time = -62'000'000'000; time < 250'000'000'000; time += 7'654'321'987)
        for (std::int32_t offset : {0, 20'700, -34'200, 50'400}) {
            auto const again = parse_iso_time(print_iso_time(time, offset));
            REQUIRE(again);
            CHECK(again->local - *again->offset == time);
            CHECK(again->offset == offset);
        }
}
