// cli/next_test.cc: `lares next`, of an expression and of hand-made tasks.

#include <doctest/doctest.h>

#include "cli/berlin_zones_test.h"
#include "cli/scripted_test.h"
#include "control/coming.h"

namespace lares::cli {
namespace {

using control::coming;
using control::ComingRun;
using control::Outlook;
using control::outlook_calendar;
using control::outlook_text;

struct NextMachine : Machine {
    NextMachine() { Machine::zones = &two; }
    sim::Zones two = berlin_zones();
};

config::Task task(std::string const& name, std::string const& expression,
                  std::string const& zone = "") {
    config::Task made;
    made.name = name;
    made.timezone = zone;
    made.schedules.push_back({expression, text::parse_cron(expression)->cron, ""});
    return made;
}

constexpr std::int64_t monday = 1'774'828'800;  // 2026-03-30, UTC

Outlook outlook(std::vector<config::Task> tasks, std::int64_t days = 1, std::size_t most = 100,
                std::int64_t from = monday - 1) {
    sim::Zones zones = berlin_zones();
    config::Settings settings;
    settings.tasks = std::move(tasks);
    return coming(settings, zones, "host", from, from + days * 86'400, most);
}

std::string told(Outlook const& outlook) {
    std::string all;
    for (ComingRun const& run : outlook.runs)
        all += run.task + " " + std::to_string((run.at - monday) / 60) + "; ";
    return all;
}

}  // namespace

TEST_CASE("next --expr --json prints exactly the instants with their offsets") {
    NextMachine machine;
    CHECK(machine.run({"next", "--expr", "*/15 * * * *", "--tz", "UTC", "--from",
                       "2026-01-01T00:07:30+00:00", "--count", "3", "--json"}) == 0);
    CHECK(machine.out ==
          "{\"next\":[\"2026-01-01T00:15:00+00:00\",\"2026-01-01T00:30:00+00:00\","
          "\"2026-01-01T00:45:00+00:00\"]}\n");
    CHECK(machine.err == "");
    CHECK(machine.daemon.requests.empty());
    CHECK(machine.run({"next", "--expr", "30 2 * * *", "--tz", "Europe/Berlin", "--from",
                       "2026-03-28T12:00:00+01:00", "--count", "2", "--json"}) == 0);
    CHECK(machine.out ==
          "{\"next\":[\"2026-03-29T03:00:00+02:00\",\"2026-03-30T02:30:00+02:00\"]}\n");
}

TEST_CASE("what never fires has an empty list") {
    NextMachine machine;
    CHECK(machine.run({"next", "--expr", "0 0 30 2 *", "--tz", "UTC", "--json"}) == 0);
    CHECK(machine.out == "{\"next\":[]}\n");
    CHECK(machine.run({"next", "--expr", "0 0 30 2 *", "--tz", "UTC"}) == 0);
    CHECK(machine.out.find("note: never fires: there is no 30 February") != std::string::npos);
}

TEST_CASE("a bad expression, zone, time or count is refused with 2 and said in JSON") {
    NextMachine machine;
    auto refused = [&](std::vector<char const*> words) {
        words.insert(words.begin(), {"next", "--json"});
        CHECK(machine.run(words) == 2);
        CHECK(machine.out.starts_with("{\"error\":\""));
        CHECK(machine.out.ends_with("\"}\n"));
        CHECK(machine.err.starts_with("lares: "));
        return machine.out;
    };
    CHECK(refused({"--expr", "60 * * * *"}).find("expected 0 to 59") != std::string::npos);
    refused({"--expr", ""});
    refused({"--expr", "-1 * * * *"});
    refused({"--expr"});
    refused({"--expr", "0 22-2 * * *"});
    CHECK(refused({"--expr", "* * * * *", "--tz", "Mars/Base"}).find("Mars/Base") !=
          std::string::npos);
    refused({"--expr", "* * * * *", "--from", "yesterday"});
    refused({"--expr", "* * * * *", "--count", "0"});
    refused({"--expr", "* * * * *", "--count", "ten"});
    refused({"--expr", "* * * * *", "--count", "99999999999"});
    refused({"--expr", "* * * * *", "--days", "3"});
    refused({"--tz", "UTC"});
    refused({"--days", "-1"});
    refused({"--bogus"});
}

TEST_CASE("a time without an offset is local, and none is now") {
    NextMachine machine;
    CHECK(machine.run({"next", "--expr", "0 * * * *", "--tz", "Europe/Berlin", "--from",
                       "2026-07-01T12:30", "--count", "1", "--json"}) == 0);
    CHECK(machine.out == "{\"next\":[\"2026-07-01T13:00:00+02:00\"]}\n");
    CHECK(machine.run({"next", "--expr", "0 * * * *", "--count", "1", "--json"}) == 0);
    CHECK(machine.out == "{\"next\":[\"2026-03-29T01:00:00+00:00\"]}\n");
}

TEST_CASE("people are told the words, the kind of job, changes of the clock and hints") {
    NextMachine machine;
    CHECK(machine.run({"next", "--expr", "15,30 2 * * *", "--tz", "Europe/Berlin", "--from",
                       "2026-03-28T12:00:00+01:00", "--count", "2"}) == 0);
    CHECK(machine.out ==
          "15,30 2 * * *: at 02:15 and 02:30 every day\n"
          "time zone Europe/Berlin; fixed-time job: made up once when the clock skips it, not "
          "repeated when it goes back\n"
          "  -- the clock goes forward 1 h: 2026-03-29 02:00 becomes 2026-03-29 03:00\n"
          "Sun 2026-03-29 03:00 +02:00  2026-03-29 01:00 UTC  made up: the clock skipped 2 times, "
          "which are one run\n"
          "Mon 2026-03-30 02:15 +02:00  2026-03-30 00:15 UTC\n");
    CHECK(machine.run({"next", "--expr", "*/30 2 * * *", "--tz", "Europe/Berlin", "--from",
                       "2026-10-25T02:10:00+02:00", "--count", "2"}) == 0);
    CHECK(machine.out.find("02:30 +02:00  2026-10-25 00:30 UTC  first of two passes\n") !=
          std::string::npos);
    CHECK(machine.out.find("02:00 +01:00  2026-10-25 01:00 UTC  second pass\n") !=
          std::string::npos);
    CHECK(machine.run({"next", "--expr", "0 0 13 * 5", "--count", "1"}) == 0);
    CHECK(machine.out.find("note: both day of month and weekday are given") != std::string::npos);
    CHECK(machine.run({"next", "--expr", "@reboot"}) == 0);
    CHECK(machine.out.find("runs once a boot") != std::string::npos);
}

TEST_CASE("next without an expression reads the configuration") {
    NextMachine machine;
    CHECK(machine.run({"next"}) == 0);
    CHECK(machine.out == "no schedule is due in that time\n");
    CHECK(machine.run({"next", "--ics"}) == 0);
    CHECK(machine.out.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
    machine.files["/etc/bad.conf"] = "[supervisord]\n[program:x]\nstartsecs=soon\n";
    CHECK(machine.run({"next", "-c", "/etc/bad.conf"}) == 1);
    CHECK(machine.err.find("'lares check' shows them") != std::string::npos);
    machine.files.clear();
    CHECK(machine.run({"next"}) == 2);
}

TEST_CASE("runs of all tasks come in the order of time, in each task's own zone") {
    CHECK(told(outlook({task("a", "0 12 * * *"), task("b", "0 12 * * *", "Europe/Berlin"),
                        task("c", "30 11 * * *")})) == "b 600; c 690; a 720; ");
}

TEST_CASE("what falls on the same minute is named, what does not is not") {
    auto const found = outlook({task("a", "0 12 * * *"), task("b", "0 12 * * *"),
                                task("c", "1 12 * * *"), task("d", "0 12 * * *")});
    REQUIRE(found.runs.size() == 4);
    CHECK(found.runs[0].with == std::vector<std::string>{"b", "d"});
    CHECK(found.runs[3].with.empty());
    CHECK(outlook_text(found).find("a  same minute as b, d\n") != std::string::npos);
}

TEST_CASE("what never fires is named, and a zone that does not exist is a problem") {
    auto const found = outlook({task("a", "0 0 30 2 *"), task("b", "0 0 * * *", "Mars/Base"),
                                task("c", "@reboot"), task("d", "0 0 * * *")});
    CHECK(found.never == std::vector<std::string>{"task 'a': '0 0 30 2 *' never fires"});
    CHECK(found.problems ==
          std::vector<std::string>{"task 'b': no time zone is called 'Mars/Base'"});
    CHECK(told(found) == "d 0; ");
}

TEST_CASE("tasks that are switched off and days that a calendar excludes bring no run") {
    auto off = task("off", "0 1 * * *");
    off.enabled = false;
    auto holiday = task("work", "0 6 * * *");
    holiday.calendar = {config::Calendar::How::except, "", {20'543}};  // 2026-03-31
    auto only = task("feast", "0 7 * * *");
    only.calendar = {config::Calendar::How::only, "", {20'543}};
    CHECK(told(outlook({off, holiday, only}, 3)) == "work 360; feast 1860; work 3240; ");
}

TEST_CASE("jitter shows where a run really starts") {
    auto late = task("late", "0 6 * * *");
    late.jitter = std::chrono::hours(1);
    auto const found = outlook({late});
    REQUIRE(found.runs.size() == 1);
    CHECK(found.runs[0].at >= found.runs[0].due.at);
    CHECK(found.runs[0].at < found.runs[0].due.at + 3600);
    CHECK(found.runs[0].at ==
          found.runs[0].due.at +
              schedule::stable_jitter(std::chrono::hours(1), "host late").count() / 1000);
}

TEST_CASE("a long list is cut, and that is said") {
    auto const found = outlook({task("a", "* * * * *")}, 7, 50);
    CHECK(found.runs.size() == 50);
    CHECK(found.cut);
    CHECK(outlook_text(found).find("only the first 50 are shown") != std::string::npos);
}

TEST_CASE("a calendar file is escaped, folded and in UTC") {
    auto const found = outlook({task(std::string("a,b;c\\") + std::string(80, 'x') + "\xc3\xa9\n",
                                     "0 12 * * *", "Europe/Berlin")});
    std::string const calendar = outlook_calendar(found, monday, "host");
    CHECK(calendar.find("DTSTART:20260330T100000Z\r\n") != std::string::npos);
    CHECK(calendar.find("DTSTAMP:20260330T000000Z\r\n") != std::string::npos);
    CHECK(calendar.find("SUMMARY:a\\,b\\;c\\\\xxx") != std::string::npos);
    CHECK(calendar.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    for (std::size_t at = 0; at < calendar.size();) {
        std::size_t const end = calendar.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        CHECK(end - at <= 75);
        CHECK(calendar.substr(at, end - at).find('\n') == std::string::npos);
        at = end + 2;
    }
}

}  // namespace lares::cli
