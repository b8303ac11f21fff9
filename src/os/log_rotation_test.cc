// os/log_rotation_test.cc: names, retention, read sizes, ends of periods, and telling troubles.

#include "os/log_rotation.h"

#include <doctest/doctest.h>

#include <ctime>

#include "os/log_calendar.h"
#include "os/log_growth.h"
#include "os/log_syslog.h"
#include "os/log_trouble.h"
#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using log_world::Zone;
using namespace std::chrono_literals;

namespace {

// The rules spelled out, so that no time zone files are needed.
char const* const berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
char const* const new_york = "EST5EDT,M3.2.0,M11.1.0";

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::string local(WallTime when) {
    std::time_t time = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
    std::tm fields{};
    ::localtime_r(&time, &fields);
    char text[64];
    std::strftime(text, sizeof text, "%a %Y-%m-%d %H:%M:%S %z", &fields);
    return text;
}

WallTime wall(int year, int month, int day, int hour, int minute = 0, int second = 0) {
    std::tm fields{};
    fields.tm_year = year - 1900;
    fields.tm_mon = month - 1;
    fields.tm_mday = day;
    fields.tm_hour = hour;
    fields.tm_min = minute;
    fields.tm_sec = second;
    fields.tm_isdst = -1;
    return at(std::mktime(&fields));
}

}  // namespace

TEST_CASE("rotated logs are numbered as supervisord numbers them") {
    CHECK(sibling_path("/var/log/web.log", 1, false) == "/var/log/web.log.1");
    CHECK(sibling_path("/var/log/web.log", 12, true) == "/var/log/web.log.12.gz");
}

TEST_CASE("without a limit no sibling is too old or too much") {
    std::vector<Sibling> siblings{{.number = 1, .bytes = 1'000'000'000'000}};
    CHECK(expired(siblings, {}, at(2'000'000'000)).empty());
    CHECK_FALSE(Retention{}.is_asked());
}

TEST_CASE("siblings go when they reach their age") {
    std::vector<Sibling> siblings{{.number = 1, .changed = at(1000)},
                                  {.number = 2, .changed = at(900)},
                                  {.number = 3, .changed = at(800)}};
    Retention retention{.keep_for = 100s};
    CHECK(expired(siblings, retention, at(899)).empty());
    auto gone = expired(siblings, retention, at(1000));
    REQUIRE(gone.size() == 2);
    CHECK(gone[0].number == 2);
    CHECK(next_expiry(siblings, retention) == at(900));
    CHECK_FALSE(next_expiry({}, retention));
    CHECK_FALSE(next_expiry(siblings, {}));
}

TEST_CASE("of too many bytes the oldest go, also a small one behind a large one") {
    std::vector<Sibling> siblings{
        {.number = 1, .bytes = 60}, {.number = 2, .bytes = 40}, {.number = 3, .bytes = 1}};
    CHECK(expired(siblings, {.keep_bytes = 101}, at(0)).empty());
    CHECK(expired(siblings, {.keep_bytes = 100}, at(0)).size() == 1);
    auto gone = expired(siblings, {.keep_bytes = 61}, at(0));
    REQUIRE(gone.size() == 2);
    CHECK(gone[0].number == 2);
    CHECK(gone[1].number == 3);
}

TEST_CASE("a read stops where the log is to be rotated, but is never too small to be quick") {
    CHECK(read_size(0, 0) == 1 << 20);
    CHECK(read_size(0, 50 << 20) == 1 << 20);
    CHECK(read_size((50 << 20) - 500'000, 50 << 20) == 500'000);
    CHECK(read_size((50 << 20) - 10, 50 << 20) == 128 << 10);
    CHECK(read_size(60 << 20, 50 << 20) == 128 << 10);
}

TEST_CASE("a day ends at local midnight, also the days of 23 and 25 hours") {
    Zone zone(berlin);
    struct Row {
        WallTime from;
        char const* end;
    };
    // clang-format off
    Row const rows[] = {
        {wall(2026, 7, 14, 15, 30),     "Wed 2026-07-15 00:00:00 +0200"},
        {wall(2026, 7, 15,  0,  0),     "Thu 2026-07-16 00:00:00 +0200"},
        {wall(2026, 7, 14, 23, 59, 59), "Wed 2026-07-15 00:00:00 +0200"},
        {wall(2026, 3, 29,  1,  0),     "Mon 2026-03-30 00:00:00 +0200"},  // 23 hours
        {wall(2026, 10, 25, 1,  0),     "Mon 2026-10-26 00:00:00 +0100"},  // 25 hours
        {wall(2026, 12, 31, 12, 0),     "Fri 2027-01-01 00:00:00 +0100"},
    };
    // clang-format on
    for (Row const& row : rows) {
        CAPTURE(local(row.from));
        CHECK(local(period_end(row.from, 24h)) == row.end);
    }
}

TEST_CASE("seven days end with Sunday") {
    Zone zone(berlin);
    CHECK(local(period_end(wall(2026, 11, 22, 12), 168h)) == "Mon 2026-11-23 00:00:00 +0100");
    CHECK(local(period_end(wall(2026, 11, 23, 0), 168h)) == "Mon 2026-11-30 00:00:00 +0100");
}

TEST_CASE("a period of less than a day ends at its multiples since midnight, and at midnight") {
    Zone zone(new_york);
    CHECK(local(period_end(wall(2026, 7, 14, 15, 30), 1h)) == "Tue 2026-07-14 16:00:00 -0400");
    CHECK(local(period_end(wall(2026, 7, 14, 16, 0), 1h)) == "Tue 2026-07-14 17:00:00 -0400");
    CHECK(local(period_end(wall(2026, 7, 14, 19, 0), 5h)) == "Tue 2026-07-14 20:00:00 -0400");
    CHECK(local(period_end(wall(2026, 7, 14, 21, 0), 5h)) == "Wed 2026-07-15 00:00:00 -0400");
    CHECK(local(period_end(wall(2026, 7, 14, 15, 7), 15min)) == "Tue 2026-07-14 15:15:00 -0400");
}

TEST_CASE("an odd period of more than a day is counted on from a Monday") {
    Zone zone("UTC");
    CHECK(local(period_end(at(4 * 86'400), 36h)) == "Tue 1970-01-06 12:00:00 +0000");
    CHECK(local(period_end(at(5 * 86'400 + 43'200), 36h)) == "Thu 1970-01-08 00:00:00 +0000");
}

TEST_CASE("the end of a period is always to come, whatever the clocks do") {
    Zone zone(berlin);
    for (Duration every : {Duration(1s), Duration(7min), Duration(1h), Duration(5h), Duration(24h),
                           Duration(36h), Duration(168h)}) {
        for (std::int64_t hour = 0; hour < 24 * 366; ++hour) {
            WallTime now = at(1'767'225'600 + hour * 3600 + 1);
            WallTime end = period_end(now, every);
            REQUIRE(end > now);
            REQUIRE(end <= now + every + 2h);
        }
    }
}

TEST_CASE("a period that ends in the hour that comes twice does not end before now") {
    Zone zone(berlin);
    std::int64_t half_past_two = 1'792'895'400;  // 2026-10-25 02:30, read as if it were UTC
    Duration every = std::chrono::seconds(half_past_two - 4 * 86'400);
    WallTime second_time = at(1'792'895'400 - 3600 - 1);  // 02:29:59 +0100
    CHECK(local(second_time) == "Sun 2026-10-25 02:29:59 +0100");
    CHECK(period_end(second_time, every) > second_time);
}

TEST_CASE("a trouble is told when it begins and when it is over, and tried again after a pause") {
    TroubleTeller teller(1s);
    Instant now(10s);
    CHECK(teller.may_try(now));
    CHECK_FALSE(teller.worked("/f"));
    CHECK(teller.failed("disk full", now) ==
          TroubleNews{.ok = false, .words = "disk full", .lost_bytes = 0});
    teller.lost(5);
    CHECK_FALSE(teller.may_try(now + 999ms));
    CHECK(teller.may_try(now + 1s));
    CHECK_FALSE(teller.failed("disk full", now + 1s));
    CHECK_FALSE(teller.may_try(now + 1999ms));
    teller.lost(2);
    CHECK(teller.worked("/f") ==
          TroubleNews{.ok = true, .words = "'/f' works again; 7 bytes were lost", .lost_bytes = 7});
    CHECK_FALSE(teller.worked("/f"));
    CHECK(teller.may_try(now));
    CHECK(teller.failed("disk full", now));  // and from the beginning
}

TEST_CASE("a syslog line is cut at 8 KB and never empty") {
    std::vector<std::string> lines;
    SyslogSink sink = [&](std::string const& line) { lines.push_back(line); };
    SyslogLines syslog("", sink);
    syslog.write(std::string(10'000, 'x') + "\n\n\na\nb");
    CHECK(lines.size() == 3);
    CHECK(lines[0].size() == 8192);
    CHECK(lines[1].size() == 10'000 - 8192);
    CHECK(lines[2] == "a");
    syslog.finish();
    syslog.finish();
    CHECK(lines.size() == 4);
    lines.clear();
    syslog.write(std::string(8192, 'y') + "\nz\n");
    CHECK(lines == std::vector<std::string>{std::string(8192, 'y'), "z"});
}

TEST_CASE("of too many followers the oldest is told, and none is kept without bound") {
    LogGrowth growth;
    int told = 0;
    for (int i = 0; i < 1500; ++i) {
        if (auto now = growth.ask(ports::ChannelId{1}, [&] { ++told; })) now();
    }
    CHECK(told == 500);
    CHECK(growth.grown(ports::ChannelId{1}).size() == 1000);
    CHECK(growth.grown(ports::ChannelId{1}).empty());
    growth.forget(ports::ChannelId{1});
    CHECK_FALSE(growth.ask(ports::ChannelId{1}, [] {}));
}
