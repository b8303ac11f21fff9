// text/calendar_file_test.cc: which days a calendar file names, and what is wrong with it.

#include "text/calendar_file.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>

using namespace lares::text;

namespace {

std::string event(std::string const& lines) {
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n" + lines +
           "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

/// The days as "2026-12-25 ...", at most six; then how many more.
std::string days(std::string const& text) {
    CalendarRead const read = parse_calendar(text);
    for (Diagnostic const& error : read.found) INFO(error.what, " ", error.hint);
    CHECK(read.found.empty());
    std::string words;
    for (std::size_t i = 0; i < read.days.size() && i < 6; ++i) {
        std::chrono::year_month_day const date{
            std::chrono::sys_days(std::chrono::days(read.days[i]))};
        auto two = [](unsigned n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
        words += (i > 0 ? " " : "") + std::to_string(int(date.year())) +
                 two(unsigned(date.month())) + two(unsigned(date.day()));
    }
    if (read.days.size() > 6) words += " +" + std::to_string(read.days.size() - 6);
    return words;
}

/// "line: what" of the first error.
std::string error(std::string const& text) {
    CalendarRead const read = parse_calendar(text);
    if (read.found.empty()) return "";
    return std::to_string(read.found[0].place.line) + ": " + read.found[0].what;
}

}  // namespace

TEST_CASE("an event of whole days ends before its DTEND") {
    CHECK(days(event("DTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227")) ==
          "2026-12-25 2026-12-26");
    CHECK(days(event("DTSTART;VALUE=DATE:20261225")) == "2026-12-25");
    CHECK(days(event("DTSTART:20261225\nDURATION:P1W")) ==
          "2026-12-25 2026-12-26 2026-12-27 2026-12-28 2026-12-29 2026-12-30 +1");
}

TEST_CASE("an event with times takes the days it touches") {
    CHECK(days(event("DTSTART;TZID=Europe/Berlin:20261224T120000\nDTEND:20261226T000000")) ==
          "2026-12-24 2026-12-25");
    CHECK(days(event("DTSTART:20261224T120000Z\nDTEND:20261225T080000Z")) ==
          "2026-12-24 2026-12-25");
    CHECK(days(event("DTSTART:20261224T120000\nDTEND:20261224T130000")) == "2026-12-24");
}

TEST_CASE("yearly rules go on, to their end or to 2100") {
    CHECK(days(event("DTSTART:20260101\nRRULE:FREQ=YEARLY;COUNT=3")) ==
          "2026-01-01 2027-01-01 2028-01-01");
    CHECK(days(event("DTSTART:20260101\nRRULE:FREQ=YEARLY;UNTIL=20270101T000000Z")) ==
          "2026-01-01 2027-01-01");
    CHECK(days(event("DTSTART:20260101\nRRULE:FREQ=YEARLY;INTERVAL=2;COUNT=2")) ==
          "2026-01-01 2028-01-01");
    CHECK(parse_calendar(event("DTSTART:20260101\nRRULE:FREQ=YEARLY")).days.size() == 75);
    CHECK(days(event("DTSTART:20240229\nRRULE:FREQ=YEARLY;COUNT=2")) == "2024-02-29 2028-02-29");
    CHECK(days(event("DTSTART:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2")) ==
          "2026-11-26 2027-11-25");
    CHECK(days(event("DTSTART:20260525\nRRULE:freq=yearly;bymonth=5;byday=-1MO;count=2")) ==
          "2026-05-25 2027-05-31");
    CHECK(days(event("DTSTART:20260101\nRRULE:FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4;COUNT=1")) ==
          "2026-07-04");
}

TEST_CASE("weekly and daily rules are understood without BY parts") {
    CHECK(days(event("DTSTART:20260103\nRRULE:FREQ=WEEKLY;COUNT=2")) == "2026-01-03 2026-01-10");
    CHECK(days(event("DTSTART:20260103\nRRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260106")) ==
          "2026-01-03 2026-01-05");
}

TEST_CASE("single days are added and taken away") {
    CHECK(days(event("DTSTART:20260101\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE:20270101\n"
                     "RDATE;VALUE=DATE:20260601,20260602")) ==
          "2026-01-01 2026-06-01 2026-06-02 2028-01-01");
}

TEST_CASE("folded lines are one, and quoted parameters may hold a colon") {
    CHECK(days(event("DTSTART;VALUE=\r\n DATE:2026\r\n\t1225")) == "2026-12-25");
    CHECK(days(event("DTSTART;X=\"a:b;c\":20261225")) == "2026-12-25");
}

TEST_CASE("what lies in alarms and zones is not the event's") {
    CHECK(days("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nBEGIN:DAYLIGHT\nDTSTART:19700329T020000\n"
               "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
               "BEGIN:VEVENT\nDTSTART:20261225\nBEGIN:VALARM\nDURATION:P9D\nEND:VALARM\n"
               "END:VEVENT\nBEGIN:VEVENT\nDTSTART:20261226\nSTATUS:CANCELLED\nEND:VEVENT\n"
               "END:VCALENDAR\n") == "2026-12-25");
}

TEST_CASE("what is wrong is told with its line") {
    CHECK(error(event("DTSTART:20261325")) == "4: DTSTART: found '20261325'");
    CHECK(error(event("SUMMARY:x")) == "3: an event without a DTSTART that can be read");
    CHECK(error(event("DTSTART:20260101\nRRULE:FREQ=MONTHLY")).starts_with("5: RRULE"));
    CHECK(error(event("DTSTART:20260101\nRRULE:FREQ=WEEKLY;BYDAY=SA,SU")).starts_with("5: RRULE"));
    CHECK(error(event("DTSTART:20260101\nRRULE:COUNT=2")).starts_with("5: RRULE"));
    CHECK(error(event("DTSTART:20260101\nEXDATE:soon")).starts_with("5: EXDATE"));
    CHECK(error(event("DTSTART:20260101\nnonsense")).starts_with("5: found a line without ':'"));
    CHECK(
        error("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n").starts_with("3: the file ends"));
    CHECK(error("").starts_with("0: no day in it"));
    CHECK(error("BEGIN:VCALENDAR\nEND:VCALENDAR\n").starts_with("0: no day in it"));
}

TEST_CASE("CSV has a date somewhere in each row, a header or none, and perhaps a last day") {
    CHECK(days("date,name\n2026-12-25,Christmas\n2026-12-26,\"St, Stephen\"\n") ==
          "2026-12-25 2026-12-26");
    CHECK(days("\xef\xbb\xbf# closed\nname;from;to\r\nsummer;2026-08-03;2026-08-05\r\n\r\n") ==
          "2026-08-03 2026-08-04 2026-08-05");
    CHECK(days("2026-12-25\n2026-12-25\n2026-01-01") == "2026-01-01 2026-12-25");
    CHECK(days("2026-12-25T00:00:00\tx") == "2026-12-25");
    CHECK(error("date\n2026-12-25\n25.12.2026\n") == "3: found no date");
    CHECK(error("date\n2026-02-30\n") == "2: found no date");
    CHECK(error("2026-12-25,2026-12-24\n") == "1: the last day lies before the first");
}

TEST_CASE("a calendar has bounds") {
    CHECK(error(std::string((4 << 20) + 1, 'x')).starts_with("0: a calendar of"));
    CHECK(error("1900-01-01,2199-12-31\n") == "1: more than 75000 days");
    std::string many = "BEGIN:VCALENDAR\n";
    for (int i = 0; i < 1'000; ++i)
        many += "BEGIN:VEVENT\nDTSTART:19000101\nDURATION:P4000D\nRRULE:FREQ=DAILY\nEND:VEVENT\n";
    CHECK(parse_calendar(many).days.size() <= 75'000);
    CHECK(parse_calendar(std::string(100'000, '\n') + "x\n" + std::string(200'000, 'y'))
              .found.size() <= 20);
}

TEST_CASE("any bytes give days or errors") {
    std::mt19937 random(5);
    constexpr char const* parts[] = {"BEGIN:VCALENDAR\n",
                                     "BEGIN:VEVENT\n",
                                     "END:VEVENT\n",
                                     "DTSTART:",
                                     "20261225",
                                     "\n",
                                     " ",
                                     "RRULE:FREQ=YEARLY",
                                     ";COUNT=",
                                     "99999",
                                     "EXDATE:",
                                     ",",
                                     "\"",
                                     "\xff",
                                     "DTEND:1",
                                     "2026-01-01",
                                     "P1D",
                                     "DURATION:",
                                     "BYDAY=5MO;BYMONTH=2",
                                     "T"};
    for (int i = 0; i < 5'000; ++i) {
        std::string text = random() % 2 == 0 ? "BEGIN:VCALENDAR\n" : "";
        for (auto n = random() % 30; n > 0; --n) text += parts[random() % std::size(parts)];
        CalendarRead const read = parse_calendar(text);
        CHECK((!read.days.empty() || !read.found.empty()));
    }
}
