// config/work_values_test.cc: the grammars of what tasks and folders say, one line a case.

#include "config/work_values.h"

#include <doctest/doctest.h>

#include "config/memory_world.h"

using namespace lares;
using namespace lares::config;
using namespace std::chrono_literals;

TEST_CASE("a rate is how many in which time") {
    auto check = [](std::string_view text, int count, Duration span) {
        CAPTURE(text);
        auto rate = parse_rate(text);
        REQUIRE(rate);
        CHECK(*rate == queue::Rate{count, span});
        CHECK(*parse_rate(print_rate(*rate)) == *rate);
    };
    check("10/min", 10, 1min);
    check("1/s", 1, 1s);
    check("5/10s", 5, 10s);
    check("100 / h", 100, 1h);
    check("3/d", 3, 24h);
    check("off", 0, 0s);
    for (auto bad : {"", "10", "10/", "0/s", "-1/s", "10/0s", "10/5", "x/s", "10/min/s",
                     "1000001/s", "10/fortnight"})
        CHECK_FALSE(parse_rate(bad).ok());
}

TEST_CASE("a backoff is one duration or two that grow") {
    CHECK(*parse_backoff("30s..1h") == std::pair<Duration, Duration>(30s, 1h));
    CHECK(*parse_backoff("5s") == std::pair<Duration, Duration>(5s, 5s));
    CHECK(*parse_backoff("0s .. 1m") == std::pair<Duration, Duration>(0s, 1min));
    for (auto bad : {"", "..", "1h..1s", "1s..", "..1s", "1s...2s"})
        CHECK_FALSE(parse_backoff(bad).ok());
}

TEST_CASE("overlap has four manners, one with a number") {
    CHECK(*parse_overlap("skip") == std::pair(queue::Overlap::skip, 0));
    CHECK(*parse_overlap("parallel 4") == std::pair(queue::Overlap::parallel, 4));
    for (auto bad : {"", "parallel", "parallel 0", "parallel x", "skip 3", "Queue", "parallel 4 5"})
        CHECK_FALSE(parse_overlap(bad).ok());
}

TEST_CASE("resources are names with counts") {
    CHECK(*parse_resources("db:2, gpu disk:10") ==
          std::map<std::string, int>{{"db", 2}, {"disk", 10}, {"gpu", 1}});
    CHECK(parse_resources("")->empty());
    for (auto bad : {"db:0", "db:x", ":1", "db:1:2", "db, db", "a/b"})
        CHECK_FALSE(parse_resources(bad).ok());
}

TEST_CASE("catch-up is none, the latest, or all within bounds") {
    CHECK(parse_catchup("none")->what == Catchup::What::none);
    CHECK(*parse_catchup("latest") == Catchup{});
    CHECK(*parse_catchup("all, max 20, rate 10/min") ==
          Catchup{Catchup::What::all, 20, {10, 1min}});
    CHECK(parse_catchup("all")->most == 100);
    for (auto bad : {"", "some", "none, max 3", "all, max 0", "all, 20", "all,", "all, rate x"})
        CHECK_FALSE(parse_catchup(bad).ok());
}

TEST_CASE("every is a duration from start or end") {
    CHECK(*parse_every("5min") == EveryTrigger{5min, false});
    CHECK(*parse_every("5m from start") == EveryTrigger{5min, false});
    CHECK(*parse_every("1h30m from end") == EveryTrigger{90min, true});
    for (auto bad : {"", "0s", "999ms", "5min from", "5min from now", "from end"})
        CHECK_FALSE(parse_every(bad).ok());
}

TEST_CASE("after is all of several tasks or any of them") {
    using On = AfterTrigger::On;
    CHECK(*parse_after("a") == AfterTrigger{{{"a", On::success}}, false});
    CHECK(*parse_after("a, b:any,c:failure") ==
          AfterTrigger{{{"a", On::success}, {"b", On::any}, {"c", On::failure}}, false});
    CHECK(*parse_after("a|b") == AfterTrigger{{{"a", On::success}, {"b", On::success}}, true});
    for (auto bad : {"a,", "a||b", "a, b | c", "a:maybe", ":any", "a b"})
        CHECK_FALSE(parse_after(bad).ok());
}

TEST_CASE("an event trigger is a type of supervisord's or a kind of the journal") {
    CHECK(*parse_event_trigger("PROCESS_STATE_FATAL web:*") ==
          EventTrigger{"PROCESS_STATE_FATAL", "web:*"});
    CHECK(*parse_event_trigger("run.slow") == EventTrigger{"run.slow", ""});
    CHECK(parse_event_trigger("PROCESS_STATE_FATL").error().what.find("did you mean") !=
          std::string::npos);
    for (auto bad : {"", "x", "process_state", "run."}) CHECK_FALSE(parse_event_trigger(bad).ok());
}

TEST_CASE("closed hours are hours, days, or both") {
    auto hours =
        parse_closed_hours("22:00-06:00 Mon-Fri, 12:00-13:30\nSat Sun, 0:00-24:00 Fri-Mon");
    REQUIRE(hours);
    CHECK(*hours == std::vector<ClosedHours>{
                        {1320, 360, 0x3e}, {720, 810, 0x7f}, {0, 1440, 0x41}, {0, 1440, 0x63}});
    CHECK((*parse_closed_hours("22:00-24:00 weekends"))[0] == ClosedHours{1320, 1440, 0x41});
    CHECK((*parse_closed_hours("wednesday tuesday"))[0].weekdays == 0x0c);
    for (auto bad : {"22:00", "22-06", "22:00-22:00", "24:00-06:00", "25:00-26:00", "22:60-23:00",
                     "22:00-06:00 Someday", "22:0-23:00", "Mon-", "-Fri", "1:00-2:00-3:00"})
        CHECK_FALSE(parse_closed_hours(bad).ok());
}

TEST_CASE("expectations say by when, how often, how soon, or that there is output") {
    using Kind = Expect::Kind;
    auto check = [](std::string_view text, Expect expected) {
        CAPTURE(text);
        expected.text = text;
        auto expect = parse_expect(text);
        REQUIRE(expect);
        CHECK(*expect == expected);
    };
    check("by 06:00", {.kind = Kind::by, .by_minute = 360});
    check("by 06:00 daily", {.kind = Kind::by, .by_minute = 360});
    check("by 23:59 Mon-Fri at least 3",
          {.kind = Kind::by, .by_minute = 1439, .weekdays = 0x3e, .count = 3});
    check("by 6:00 at least 1 files", {.kind = Kind::by, .by_minute = 360, .count = 1});
    check("every 1h", {.kind = Kind::every, .span = 1h});
    check("within 10min of file /in/a b*.csv",
          {.kind = Kind::within_of_file, .span = 10min, .pattern = "/in/a b*.csv"});
    check("output", {.kind = Kind::output});
    check("output within 5m", {.kind = Kind::output, .span = 5min});
    for (auto bad : {"", "by", "by noon", "by 06:00 at 3", "by 06:00 at least 0", "every",
                     "every 1h 2h", "within 10min", "within 10min of file", "output in 5m",
                     "output within 0s", "hourly", "by 06:00 at least 3 dogs"})
        CHECK_FALSE(parse_expect(bad).ok());
}

TEST_CASE("a payload names its keys, some with what they are when nobody says") {
    auto payload = parse_payload("file, copies=1, note=");
    REQUIRE(payload);
    CHECK(payload->first == std::vector<std::string>{"file", "copies", "note"});
    CHECK(payload->second == std::map<std::string, std::string>{{"copies", "1"}, {"note", ""}});
    for (auto bad : {"a b", "a,a", "=1", "a,,b", "{{a}}"}) CHECK_FALSE(parse_payload(bad).ok());
}

TEST_CASE("a disposal keeps, deletes or moves") {
    World world = memory_world({});
    using What = Folder::After::What;
    CHECK(parse_disposal(world, "keep")->what == What::keep);
    CHECK(parse_disposal(world, "delete")->what == What::remove);
    CHECK(*parse_disposal(world, "move:done") == Folder::After{What::move, "done"});
    CHECK(*parse_disposal(world, "move: ~web/x/../y") == Folder::After{What::move, "/home/web/y"});
    for (auto bad : {"", "move", "move:", "remove"}) CHECK_FALSE(parse_disposal(world, bad).ok());
}

TEST_CASE("an escaped text comes back as it was, whatever its bytes") {
    for (std::string text : {"", "a", "\n", " a\tb\n\n", "\\n", "\"quoted\"", "'", "a\\", "%"})
        CHECK(*parse_escaped(print_escaped(text)) == text);
    for (auto bad : {"a\\b", "a\\"}) CHECK_FALSE(parse_escaped(bad).ok());
}
