// core/schedule_test.cc: when a schedule is due around changes of the clock, told in zones made by
// hand; each trap of spec/triggers.md §5 by name. Random ones: tests/schedule.

#include "core/schedule.h"

#include <doctest/doctest.h>

#include <chrono>
#include <ctime>

using namespace lares;
using namespace lares::schedule;
using Strings = std::vector<std::string>;

namespace {

std::int64_t utc(std::string const& words) {
    std::tm parts{};
    bool const seconds = words.size() > 16;
    REQUIRE(strptime(words.c_str(), seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &parts));
    return timegm(&parts);
}

std::string words(std::int64_t at, std::int32_t offset) {
    auto local = std::time_t(at + offset);
    std::tm parts{};
    gmtime_r(&local, &parts);
    char text[64];
    std::strftime(text, sizeof text, parts.tm_sec != 0 ? "%m-%d %H:%M:%S" : "%m-%d %H:%M", &parts);
    int const minutes = offset / 60;
    std::string sign = minutes < 0 ? "-" : "+";
    return text + (" " + sign) + std::to_string(std::abs(minutes) / 60) +
           (minutes % 60 != 0 ? ":" + std::to_string(std::abs(minutes) % 60) : "");
}

constexpr std::int32_t hour = 3600;

/// 2026: forward at 02:00 on 29 March, back at 03:00 on 25 October.
Zone berlin() {
    return {"Berlin",
            hour,
            {{utc("2026-03-29 01:00"), 2 * hour},
             {utc("2026-10-25 01:00"), hour},
             {utc("2027-03-28 01:00"), 2 * hour}}};
}

Zone one_change(std::string const& at, std::int32_t before, std::int32_t after) {
    return {"made by hand", before, {{utc(at), after}}};
}

text::Cron cron(std::string const& expression) {
    auto read = text::parse_cron(expression);
    INFO(expression);
    REQUIRE(read.ok());
    return read->cron;
}

/// The next three, as local time and offset; "+n" behind what stands for n more, "made up" said.
Strings next(std::string const& expression, Zone const& zone, std::string const& after_utc,
             Dst dst = Dst::vixie, int count = 3) {
    Strings found;
    std::int64_t after = utc(after_utc);
    for (int i = 0; i < count; ++i) {
        auto due = next_due(cron(expression), zone, after, dst);
        if (!due) break;
        CHECK(due->at > after);
        after = due->at;
        std::string line = words(after, offset_at(zone, after));
        if (due->made_up) line += " made up";
        if (due->coalesced > 0) line += " +" + std::to_string(due->coalesced);
        found.push_back(line);
    }
    return found;
}

}  // namespace

TEST_CASE("a fixed-time job that falls into a gap runs once at its end") {
    CHECK(next("30 2 * * *", berlin(), "2026-03-28 12:00") ==
          Strings{"03-29 03:00 +2 made up", "03-30 02:30 +2", "03-31 02:30 +2"});
    CHECK(next("0 3 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2", "03-30 03:00 +2"});
}

TEST_CASE("several runs that fall into one gap are one, and their number is kept") {
    CHECK(next("0,15,30 2 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up +2", "03-30 02:00 +2"});
    CHECK(next("15 2,3 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up", "03-29 03:15 +2"});
    CHECK(next("0 2,3 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up +1", "03-30 02:00 +2"});
}

TEST_CASE("a wildcard job follows the clock through a gap") {
    CHECK(next("30 * * * *", berlin(), "2026-03-29 00:00") ==
          Strings{"03-29 01:30 +1", "03-29 03:30 +2", "03-29 04:30 +2"});
    CHECK(next("*/15 2 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 1) ==
          Strings{"03-30 02:00 +2"});
    CHECK(next("0 */2 * * *", berlin(), "2026-03-28 23:30", Dst::vixie, 1) ==
          Strings{"03-29 04:00 +2"});
    CHECK(next("0 0-23/2 * * *", berlin(), "2026-03-28 23:30", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up", "03-29 04:00 +2"});
}

TEST_CASE("a fixed-time job runs in the first pass of an overlap only, also when asked between") {
    CHECK(next("15 2 * * *", berlin(), "2026-10-24 12:00", Dst::vixie, 2) ==
          Strings{"10-25 02:15 +2", "10-26 02:15 +1"});
    CHECK(next("15 2 * * *", berlin(), "2026-10-25 00:20", Dst::vixie, 1) ==
          Strings{"10-26 02:15 +1"});
    CHECK(next("15 2 * * *", berlin(), "2026-10-25 01:05", Dst::vixie, 1) ==
          Strings{"10-26 02:15 +1"});
    CHECK(next("5,35 1-3 * * *", berlin(), "2026-10-24 23:50") ==
          Strings{"10-25 02:05 +2", "10-25 02:35 +2", "10-25 03:05 +1"});
    CHECK(next("59 2 * * *", berlin(), "2026-10-25 00:59", Dst::vixie, 1) ==
          Strings{"10-26 02:59 +1"});
    CHECK(next("0 3 * * *", berlin(), "2026-10-25 00:30", Dst::vixie, 1) ==
          Strings{"10-25 03:00 +1"});
}

TEST_CASE("a wildcard job runs in both passes of an overlap") {
    CHECK(next("30 * * * *", berlin(), "2026-10-24 23:45") ==
          Strings{"10-25 02:30 +2", "10-25 02:30 +1", "10-25 03:30 +1"});
    CHECK(next("*/30 2 * * *", berlin(), "2026-10-25 00:10") ==
          Strings{"10-25 02:30 +2", "10-25 02:00 +1", "10-25 02:30 +1"});
}

TEST_CASE("half an hour, two hours and midnight are gaps like others") {
    Zone const lord_howe = one_change("2026-10-03 15:30", 37'800, 39'600);
    CHECK(next("15 2 * * *", lord_howe, "2026-10-03 02:00", Dst::vixie, 2) ==
          Strings{"10-04 02:30 +11 made up", "10-05 02:15 +11"});
    Zone const troll = one_change("2026-03-29 01:00", 0, 2 * hour);
    CHECK(next("30 2 * * *", troll, "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up", "03-30 02:30 +2"});
    Zone const beirut = one_change("2026-03-28 22:00", 2 * hour, 3 * hour);
    CHECK(next("0 0 * * *", beirut, "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 01:00 +3 made up", "03-30 00:00 +3"});
    Zone const santiago = one_change("2026-04-05 03:00", -3 * hour, -4 * hour);
    CHECK(next("30 23 * * *", santiago, "2026-04-04 15:00", Dst::vixie, 2) ==
          Strings{"04-04 23:30 -3", "04-05 23:30 -4"});
}

TEST_CASE("a day that does not exist is not made up") {
    Zone const apia = one_change("2011-12-30 10:00", -10 * hour, 14 * hour);
    CHECK(next("0 12 * * *", apia, "2011-12-29 20:00", Dst::vixie, 3) ==
          Strings{"12-29 12:00 -10", "12-31 12:00 +14", "01-01 12:00 +14"});
    CHECK(next("0 12 30 * *", apia, "2011-12-29 20:00", Dst::vixie, 1) ==
          Strings{"01-30 12:00 +14"});
    CHECK(next("30 * * * *", apia, "2011-12-30 09:40", Dst::vixie, 1) ==
          Strings{"12-31 00:30 +14"});
}

TEST_CASE("a gap is made up below three hours and not from three hours on") {
    Zone const below = one_change("2026-05-01 00:00", 0, 3 * hour - 60);
    CHECK(next("30 1 * * *", below, "2026-04-30 12:00", Dst::vixie, 1) ==
          Strings{"05-01 02:59 +2:59 made up"});
    Zone const three = one_change("2026-05-01 00:00", 0, 3 * hour);
    CHECK(next("30 1 * * *", three, "2026-04-30 12:00", Dst::vixie, 1) ==
          Strings{"05-02 01:30 +3"});
    CHECK(next("0 3 * * *", three, "2026-04-30 12:00", Dst::vixie, 1) == Strings{"05-01 03:00 +3"});
}

TEST_CASE("an overlap of up to 181 minutes is silent, a longer one begins anew") {
    Zone const silent = one_change("2026-05-01 12:00", 4 * hour, 4 * hour - 181 * 60);
    CHECK(next("30 14 * * *", silent, "2026-05-01 05:00", Dst::vixie, 2) ==
          Strings{"05-01 14:30 +4", "05-02 14:30 +0:59"});
    Zone const anew = one_change("2026-05-01 12:00", 4 * hour, 4 * hour - 182 * 60);
    CHECK(next("30 14 * * *", anew, "2026-05-01 05:00", Dst::vixie, 2) ==
          Strings{"05-01 14:30 +4", "05-01 14:30 +0:58"});
}

TEST_CASE("a gap of up to four minutes is made up for wildcard jobs too") {
    Zone const small = one_change("2026-05-01 00:00", 0, 240);
    CHECK(next("2 * * * *", small, "2026-04-30 23:30", Dst::vixie, 1) ==
          Strings{"05-01 00:04 +0:4 made up"});
    Zone const medium = one_change("2026-05-01 00:00", 0, 300);
    CHECK(next("2 * * * *", medium, "2026-04-30 23:30", Dst::vixie, 1) ==
          Strings{"05-01 01:02 +0:5"});
}

TEST_CASE("a gap inside an overlap is measured from virtual time") {
    // Back an hour at 03:00, forward again half an hour later: 02:30 to 03:30.
    Zone const twice{"made by hand",
                     2 * hour,
                     {{utc("2026-10-25 01:00"), hour}, {utc("2026-10-25 01:30"), 2 * hour}}};
    CHECK(next("45 2 * * *", twice, "2026-10-25 00:00", Dst::vixie, 2) ==
          Strings{"10-25 02:45 +2", "10-26 02:45 +2"});
    CHECK(next("15 3 * * *", twice, "2026-10-25 00:00", Dst::vixie, 1) ==
          Strings{"10-25 03:30 +2 made up"});
}

TEST_CASE("dst = wall runs every local time that exists once and makes nothing up") {
    CHECK(next("30 2 * * *", berlin(), "2026-03-28 12:00", Dst::wall, 1) ==
          Strings{"03-30 02:30 +2"});
    CHECK(next("30 * * * *", berlin(), "2026-10-24 23:45", Dst::wall) ==
          Strings{"10-25 02:30 +2", "10-25 03:30 +1", "10-25 04:30 +1"});
    Zone const day_back = one_change("2026-05-01 12:00", 12 * hour, -12 * hour);
    CHECK(next("30 14 * * *", day_back, "2026-05-01 00:00", Dst::wall, 2) ==
          Strings{"05-01 14:30 +12", "05-02 14:30 -12"});
}

TEST_CASE("dst = elapsed runs whenever the local time fits") {
    CHECK(next("30 2 * * *", berlin(), "2026-03-28 12:00", Dst::elapsed, 1) ==
          Strings{"03-30 02:30 +2"});
    CHECK(next("15 2 * * *", berlin(), "2026-10-25 00:00", Dst::elapsed) ==
          Strings{"10-25 02:15 +2", "10-25 02:15 +1", "10-26 02:15 +1"});
}

TEST_CASE("seconds are kept apart") {
    CHECK(next("*/20 30 2 * * *", berlin(), "2026-03-28 12:00", Dst::vixie, 2) ==
          Strings{"03-29 03:00 +2 made up +2", "03-30 02:30 +2"});
    CHECK(next("*/30 * * * * *", berlin(), "2026-01-01 00:00:10") ==
          Strings{"01-01 01:00:30 +1", "01-01 01:01 +1", "01-01 01:01:30 +1"});
}

TEST_CASE("the search goes 400 years and ends") {
    Zone const flat;
    CHECK(next_due(cron("0 0 29 2 */7"), flat, utc("2372-03-01 00:00"))->at ==
          utc("2376-02-29 00:00"));
    CHECK_FALSE(next_due(cron("0 0 30 2 *"), berlin(), 0));
    CHECK_FALSE(next_due(cron("@reboot"), berlin(), 0));
    CHECK_FALSE(next_due(cron("* * * * *"), flat, std::int64_t(1) << 62));
    CHECK(next_due(cron("* * * * *"), flat, -(std::int64_t(1) << 62)));
}

TEST_CASE("a run that only ever falls into gaps that are not made up is not looked for for ever") {
    // 29 March 2026 is the only 29 March in this zone's gap.
    CHECK(next("*/5 2 29 3 *", berlin(), "2026-03-28 12:00", Dst::vixie, 1) ==
          Strings{"03-29 02:00 +2"});
    CHECK(next_due(cron("*/5 2 29 3 *"), berlin(), utc("2026-03-28 12:00"))->at ==
          utc("2027-03-29 00:00"));
}

TEST_CASE("what was missed is counted exactly and the newest are told") {
    auto const flat = missed(cron("* * * * *"), {}, 0, 365 * 86'400, 3);
    CHECK(flat.count == 365 * 1440);
    REQUIRE(flat.newest.size() == 3);
    CHECK(flat.newest.back().at == 365 * 86'400);
    CHECK(flat.newest.front().at == 365 * 86'400 - 120);
    auto const gap =
        missed(cron("30 2 * * *"), berlin(), utc("2026-03-27 12:00"), utc("2026-03-30 12:00"), 10);
    CHECK(gap.count == 3);
    REQUIRE(gap.newest.size() == 3);
    CHECK(gap.newest[1] == Due{utc("2026-03-29 01:00"), 0, true});
    // The run at the end of the gap is one, though 03:00 is a time of its own as well.
    CHECK(count_due(cron("0 2,3 * * *"), berlin(), utc("2026-03-28 12:00"),
                    utc("2026-03-30 12:00")) == 3);
    CHECK(missed(cron("30 2 * * *"), berlin(), 100, 100, 10).count == 0);
    CHECK(missed(cron("30 2 * * *"), berlin(), 100, 0, 10).newest.empty());
    CHECK(missed(cron("0 0 30 2 *"), berlin(), 0, utc("2400-01-01 00:00"), 10).count == 0);
}

TEST_CASE("jitter is steady for the same words and stays below its bound") {
    using namespace std::chrono_literals;
    CHECK(stable_jitter(300s, "host report") == stable_jitter(300s, "host report"));
    CHECK(stable_jitter(0s, "host report") == 0s);
    std::vector<int> thirds(3);
    for (int i = 0; i < 3'000; ++i) {
        Duration const delay = stable_jitter(300s, "host task" + std::to_string(i));
        REQUIRE(delay >= 0s);
        REQUIRE(delay < 300s);
        ++thirds[std::size_t(delay / 100s)];
    }
    for (int third : thirds) CHECK(third > 900);
}
