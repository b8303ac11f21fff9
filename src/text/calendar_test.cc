// text/calendar_test.cc: days from calendars as they are found, and refusals with their line.

#include "text/calendar.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace lares::text;

namespace {

std::vector<std::int32_t> days(std::initializer_list<char const*> dates) {
    std::vector<std::int32_t> all;
    for (auto const* date : dates) all.push_back(*parse_day(date));
    return all;
}

std::string event(std::string const& lines) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n" + lines +
           "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

}  // namespace

TEST_CASE("a date is a day since 1970") {
    CHECK(*parse_day("1970-01-02") == 1);
    CHECK(*parse_day("20260228") == *parse_day("2026-02-28"));
    for (auto bad : {"", "2026-02-30", "2026-2-3", "26-02-03", "2026-13-01", "2026/01/01"})
        CHECK_FALSE(parse_day(bad).ok());
}

TEST_CASE("the first column of a CSV file names the days") {
    CHECK(*parse_calendar("\xef\xbb\xbf"
                          "date;name\r\n2026-12-25;Christmas\r\n\r\n# no\n"
                          "\"2026-01-01\",New Year\n2026-12-25\n") ==
          days({"2026-01-01", "2026-12-25"}));
    CHECK(parse_calendar("")->empty());
    CHECK(parse_calendar("a\n2026-01-01\nsoon\n").error().what ==
          "line 3: 'soon' is no date; write 2026-12-25");
}

TEST_CASE("whole days of iCalendar events are named, the end not counted") {
    CHECK(*parse_calendar(event("DTSTART;VALUE=DATE:20260403\r\nDTEND;VALUE=DATE:20260407\r\n")) ==
          days({"2026-04-03", "2026-04-04", "2026-04-05", "2026-04-06"}));
    CHECK(*parse_calendar(event("DTSTART:20260403T090000Z\r\nDTEND:20260403T100000Z\r\n")) ==
          days({"2026-04-03"}));
    CHECK(parse_calendar(event("DTSTART;VALUE=DATE:20260403\r\nDURATION:P2W\r\n"))->size() == 14);
    CHECK(*parse_calendar(event("DTSTART;VALUE=DA\r\n TE:20260403\r\n")) == days({"2026-04-03"}));
}

TEST_CASE("yearly days are followed within their bounds") {
    auto yearly = [](std::string const& rule, std::string const& more = "") {
        return parse_calendar(
            event("DTSTART;VALUE=DATE:20241225\r\nRRULE:FREQ=YEARLY" + rule + "\r\n" + more));
    };
    CHECK(yearly("")->size() == 100);
    CHECK(*yearly(";COUNT=2") == days({"2024-12-25", "2025-12-25"}));
    CHECK(*yearly(";INTERVAL=2;UNTIL=20281225T000000Z") ==
          days({"2024-12-25", "2026-12-25", "2028-12-25"}));
    CHECK(*yearly(";COUNT=3", "EXDATE;VALUE=DATE:20251225,20261225\r\n") == days({"2024-12-25"}));
    CHECK(parse_calendar(event("DTSTART:20240229\r\nRRULE:FREQ=YEARLY;COUNT=9\r\n"))->size() == 3);
}

TEST_CASE("a rule that is not followed is refused with its line, since days would be missed") {
    auto bad = parse_calendar(event("DTSTART:20240101\r\nRRULE:FREQ=WEEKLY\r\n"));
    REQUIRE_FALSE(bad.ok());
    CHECK(bad.error().what.starts_with("line 6: only FREQ=YEARLY"));
    CHECK_FALSE(parse_calendar(event("DTSTART:20240101\r\nRRULE:FREQ=YEARLY;BYDAY=1MO\r\n")).ok());
    CHECK_FALSE(parse_calendar(event("SUMMARY:y\r\n")).ok());
    CHECK_FALSE(parse_calendar(event("DTSTART:20240101\r\nDTEND:20990101\r\n")).ok());
}

TEST_CASE("any bytes give days or words") {
    std::mt19937 random(17);
    std::string good = event(
        "DTSTART;VALUE=DATE:20260403\r\nRRULE:FREQ=YEARLY;COUNT=3\r\n"
        "EXDATE:20260403,20270403\r\nDURATION:P3D\r\n");
    for (int i = 0; i < 3'000; ++i) {
        std::string spoilt = good;
        for (int k = 0; k < 3; ++k) spoilt[random() % spoilt.size()] = static_cast<char>(random());
        auto read = parse_calendar(spoilt.substr(0, random() % spoilt.size()));
        if (!read) CHECK_FALSE(read.error().what.empty());
    }
}
