// cli/simulate_test.cc: `lares simulate` on scripted configurations and pasts.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"
#include "cli/simulated.h"
#include "sim/zones.h"

namespace lares::cli {
namespace {

/// UTC, and one an hour ahead.
sim::Zones two_zones() {
    sim::Zones zones;
    zones.set("Plus", {"Plus", 3600, {}});
    return zones;
}

constexpr std::int64_t monday = 1'774'828'800;  // 2026-03-30, UTC
constexpr std::int64_t hour = 3600, a_day = 24 * hour;

struct House : Machine {
    House() {
        Machine::zones = &known;
        now = monday;
        database.past = [this](std::string const& path, std::int64_t) -> Result<simulate::Past> {
            asked_path = path;
            if (trouble) return *trouble;
            return past;
        };
        write("schedule = 0 3 * * *\n");
    }
    void write(std::string const& options) {
        files["/etc/t.conf"] =
            "[supervisord]\n[lares]\ndatabase = /var/t.db\n[task:report]\ncommand = /bin/true\n" +
            options;
    }
    sim::Zones known = two_zones();
    simulate::Past past;
    std::optional<Error> trouble;
    std::string asked_path;
};

bool holds(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

config::Task task(std::string const& name, std::string const& expression) {
    config::Task made;
    made.name = name;
    if (!expression.empty())
        made.schedules.push_back({expression, text::parse_cron(expression)->cron, ""});
    return made;
}

simulate::Report play(config::Settings const& settings, simulate::Past const& past = {},
                      std::optional<std::int64_t> assumed = std::nullopt, int days = 7) {
    sim::Zones zones = two_zones();
    Scenario const scenario = scenario_of(settings, zones, "host", past, {.seconds = assumed},
                                          {.from = monday - 1, .days = days});
    REQUIRE(scenario.problems.empty());
    return simulate::simulate(scenario.tasks, monday - 1, days, 100'000, 100, scenario.resources);
}

}  // namespace

TEST_CASE("simulate plays past durations and says where they are from") {
    House house;
    house.files["/var/t.db"] = "";
    house.past.tasks["report"].attempts = {{2 * hour}};
    house.past.runs = 1;
    house.past.first = house.past.last = monday - a_day;
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "2"}) == 0);
    CHECK(
        holds(house.out, "2 days from 2026-03-30 00:00 on; the past 1 days of '/var/t.db': 1 run"));
    CHECK(holds(house.out, "report  2    2     8.3 %"));
    CHECK(holds(house.out, "no two tasks begin in the same minute"));
    CHECK(house.err == "");
    CHECK(house.daemon.requests.empty());
}

TEST_CASE("simulate asks a running daemon when there is no database") {
    House house;
    house.files["/etc/t.conf"] += "[unix_http_server]\nfile=/run/t.sock\n";
    house.daemon.answer("lares.runs",
                        text::Struct{{"runs", text::Array{text::Struct{{"subject", "report"},
                                                                       {"job", 5},
                                                                       {"started", 1'774'000'000},
                                                                       {"ended", 1'774'003'600},
                                                                       {"wall", 3600.0},
                                                                       {"outcome", "ok"}}}}});
    house.daemon.answer("lares.jobs", text::Struct{{"jobs", text::Array{}}});
    CHECK(house.run({"simulate", "/etc/t.conf"}) == 0);
    CHECK(holds(house.out, "the past 1 days of the daemon: 1 runs"));
    CHECK(holds(house.out, "report  30   30    4.2 %"));
}

TEST_CASE("what a simulation cannot know is said, with the tasks that it is about") {
    House house;
    house.files["/etc/t.conf"] =
        "[supervisord]\n[program:db]\ncommand = cat\n"
        "[task:a]\ncommand = cat\nschedule = @daily\nretries = 3\n"
        "[task:b]\ncommand = cat\nschedule = @daily\nretries = 1\nneeds = a db\nrate = 1/min\n"
        "retry_budget = 5/h\n"
        "[task:off]\ncommand = cat\nenabled = no\n"
        "[task:c]\ncommand = cat\nschedule = @daily\nneeds = off\n"
        "[task:d]\ncommand = cat\nafter = a\nunique = {{file}}\n"
        "[task:e]\ncommand = cat {{file}}\nevery = 1h\n"
        "[task:f]\ncommand = cat\nschedule = @reboot\n"
        "[task:g]\nremote = yes\nevery = 1h\n";
    CHECK(house.run({"simulate", "/etc/t.conf", "--assume", "1m"}) == 0);
    CHECK(!holds(house.out, "not played:"));
    CHECK(holds(house.out, "note: programs that tasks need are taken to be up: 'db'\n"));
    CHECK(holds(house.out, "note: what it needs is not enabled, so it never starts: 'c'\n"));
    CHECK(holds(house.out,
                "note: unique keys come from payloads of other tasks, which are not "
                "known; what follows on these has none: 'd'\n"));
    CHECK(holds(house.out, "note: clocks bring 'e' no job: payload for task 'e': "));
    CHECK(holds(house.out, "note: no start of the machine is played; @reboot: 'f'\n"));
    CHECK(holds(house.out,
                "note: workers elsewhere are taken to be as many as 'workers' says: 'g'\n"));
    CHECK(!holds(house.out, "FAILED"));
    CHECK(!holds(house.out, "UNIQUE"));
}

TEST_CASE("what each rule cost is told, in words and as JSON") {
    House house;
    house.files["/var/t.db"] = "";
    house.files["/etc/t.conf"] =
        "[supervisord]\n[lares]\ndatabase = /var/t.db\nresources = db:1\n"
        "[task:sync]\ncommand = cat\nschedule = * * * * *\ncircuit = 3\nretries = 1\n"
        "retry_backoff = 10s\nretry_budget = 2/h\npriority = 5\nresources = db:1\n"
        "[task:low]\ncommand = cat\nschedule = */10 * * * *\nunique = only\nresources = db:1\n";
    using How = simulate::Attempt::How;
    house.past.tasks["sync"].attempts = {{5, How::error, 1}};
    house.past.tasks["low"].attempts = {{700}};
    house.past.runs = 2;
    house.past.first = house.past.last = monday - a_day;
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "1"}) == 0);
    CHECK(holds(house.out, "TASK  DUE   RUNS  FAILED  DEAD  UNIQUE  BUSY"));
    CHECK(holds(house.out, "PRIORITY  RUNS  LATE  MEAN"));
    CHECK(holds(house.out, "\n5 "));
    CHECK(holds(house.out, "\n0 "));
    CHECK(holds(house.out, "HELD UP BY    OF    ATTEMPTS  LONGEST"));
    CHECK(holds(house.out, "\ncircuit       sync  "));
    CHECK(holds(house.out, "\nretry_budget  sync  "));
    CHECK(holds(house.out, "circuit of sync: opened "));
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "1", "--json"}) == 0);
    for (char const* part : {"\"duplicates\":", "\"circuit_opened\":", "\"held\":{\"circuit\":{",
                             "\"retry_budget\":{\"attempts\":", "\"priorities\":[{\"priority\":5,",
                             "\"played_until\":\"2026-03-31T"})
        CHECK_MESSAGE(holds(house.out, part), part);
}

TEST_CASE("a configuration that is more than is played ends, and says where") {
    House house;
    house.write("every = 1s\n");
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "400"}) == 0);
    CHECK(holds(house.out, "there is more than is played; it ends with 2026-04-10 "));
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "400", "--json"}) == 0);
    CHECK(holds(house.out, "\"cut\":true,\"played_until\":\"2026-04-10T"));
}

TEST_CASE("a changed priority of a task counts also for what came to it in the past") {
    config::Settings settings;
    settings.tasks = {task("a", "")};
    settings.tasks[0].priority = 9;
    simulate::PastReader reader;
    for (int i = 0; i < 3; ++i)
        reader.add_job({.task = "a",
                        .created = monday - a_day + i,
                        .source = "put by anna",
                        .priority = i == 2 ? 7 : 1});
    simulate::Past const past = reader.take();
    simulate::Report const report = play(settings, past, 0, 1);
    REQUIRE(report.priorities.size() == 2);
    CHECK(report.priorities[0].priority == 9);
    CHECK(report.priorities[0].started == 2);
    CHECK(report.priorities[1].priority == 7);
}

TEST_CASE("a calendar is of the task's zone, also when a schedule has one of its own") {
    config::Settings settings;
    settings.tasks = {task("a", "30 0 * * *")};
    settings.tasks[0].schedules[0].timezone = "Plus";
    // 00:30 in Plus is 23:30 of the day before in the task's zone: it is Monday's that is left out.
    settings.tasks[0].calendar = {config::Calendar::How::except, "", {20'542}};
    simulate::Report const report = play(settings, {}, 0, 2);
    CHECK(report.tasks[0].due == 1);
}

TEST_CASE("attempts fail as they did in the past, or as often as is said, and are tried again") {
    House house;
    house.files["/var/t.db"] = "";
    house.write("schedule = 0 3 * * *\nretries = 1\nretry_backoff = 1m\n");
    using How = simulate::Attempt::How;
    house.past.tasks["report"].attempts = {{60, How::error, 1}, {60}};
    house.past.runs = 2;
    house.past.first = house.past.last = monday - a_day;
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "10"}) == 0);
    CHECK(holds(house.out, "TASK    DUE  RUNS  FAILED  DEAD"));
    CHECK(holds(house.out, "report  10   20    10      - "));
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "10", "--fail", "100%"}) == 0);
    CHECK(holds(house.out, "report  10   20    20      10"));
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "10", "--fail", "0%", "--json"}) == 0);
    CHECK(holds(house.out, "\"runs\":10,\"failed\":0,\"dead\":0,"));
    CHECK(house.run({"simulate", "/etc/t.conf", "--fail", "101%"}) == 2);
    CHECK(holds(house.err, "--fail"));
    CHECK(house.run({"simulate", "/etc/t.conf", "--fail", "often"}) == 2);
}

TEST_CASE("without a past simulate says so and assumes what it was told, or the timeout") {
    House house;
    CHECK(house.run({"simulate", "/etc/t.conf", "--assume", "1h"}) == 0);
    CHECK(holds(house.out, "without a past: no database and no daemon"));
    CHECK(holds(house.out, "note: no run is remembered of 'report': 1h are assumed"));
    house.write("schedule = 0 3 * * *\ntimeout = 2h\n");
    CHECK(house.run({"simulate", "/etc/t.conf"}) == 0);
    CHECK(holds(house.out, "its timeout of 2h is assumed"));
    CHECK(holds(house.out, "8.3 %"));
}

TEST_CASE("a database that was named must be there and readable") {
    House house;
    CHECK(house.run({"simulate", "/etc/t.conf", "--database", "/nowhere.db"}) == 2);
    CHECK(holds(house.err, "--database: there is none at '/nowhere.db'"));
    house.files["/x.db"] = "";
    house.trouble = Error{Error::Kind::io, "database '/x.db': is damaged"};
    CHECK(house.run({"simulate", "/etc/t.conf", "--database", "/x.db"}) == 2);
    CHECK(holds(house.err, "is damaged"));
    CHECK(house.asked_path == "/x.db");
}

TEST_CASE("a configured database that cannot be read leaves the clocks, and is told") {
    House house;
    house.files["/var/t.db"] = "";
    house.trouble = Error{Error::Kind::denied, "permission denied"};
    CHECK(house.run({"simulate", "/etc/t.conf"}) == 0);
    CHECK(holds(house.out, "its database cannot be read (permission denied)"));
}

TEST_CASE("simulate refuses bad input with exit status 2 and the place") {
    House house;
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "0"}) == 2);
    CHECK(holds(house.err, "--days: found '0', expected a number from 1 to 400"));
    CHECK(house.run({"simulate", "/etc/t.conf", "--assume", "soon"}) == 2);
    CHECK(house.run({"simulate", "/etc/t.conf", "--from", "soon"}) == 2);
    house.write("schedule = 0 22-2 * * *\n");
    CHECK(house.run({"simulate", "/etc/t.conf"}) == 2);
    CHECK(holds(house.err, "/etc/t.conf:6"));
    CHECK(house.run({"simulate", "/etc/none.conf"}) == 2);
    CHECK(house.run({"simulate", "/etc/none.conf", "--json"}) == 2);
    CHECK(holds(house.out, "{\"error\":"));
}

TEST_CASE("simulate --json has every figure, with instants as ISO 8601") {
    House house;
    house.write("schedule = * * * * *\n");
    CHECK(house.run({"simulate", "/etc/t.conf", "--days", "1", "--assume", "90s", "--from",
                     "2026-03-30T00:00:00+00:00", "--json"}) == 0);
    CHECK(holds(house.out, "\"from\":\"2026-03-30T00:00:00+00:00\""));
    CHECK(holds(house.out, "\"task\":\"report\",\"due\":1440,\"runs\":960,"));
    CHECK(holds(house.out, "\"left\":480"));
    CHECK(holds(house.out, "\"greatest_wait_at\":\"2026-03-30T"));
}

TEST_CASE("a simulation keeps to calendars, closed hours, resources and what follows") {
    config::Settings settings;
    settings.work.resources = {{"db", 1}};
    settings.tasks = {task("a", "0 3 * * *"), task("b", "0 3 * * *"), task("c", ""),
                      task("d", "0 9 * * *"), task("off", "* * * * *")};
    settings.tasks[0].rules.resources = settings.tasks[1].rules.resources = {{"db", 1}};
    settings.tasks[0].on_success = {"c"};
    settings.tasks[1].calendar = {config::Calendar::How::except, "", {20'543}};  // Tuesday
    settings.tasks[3].not_between = {{.from_minute = 8 * 60, .to_minute = 10 * 60}};
    settings.tasks[4].enabled = false;
    simulate::Report const report = play(settings, {}, hour);
    REQUIRE(report.tasks.size() == 4);
    CHECK(report.tasks[0].started == 7);
    CHECK(report.tasks[1].started == 6);
    CHECK(report.tasks[1].late == 6);
    CHECK(report.tasks[2].started == 7);
    CHECK(report.tasks[3].late == 7);
    CHECK(report.tasks[3].greatest_wait == hour);
}

TEST_CASE("closed hours over midnight count for the day on which they begin, in the task's zone") {
    config::Settings settings;
    settings.tasks = {task("a", "30 0 * * *")};
    settings.tasks[0].timezone = "Plus";
    // From Monday 22:00 to Tuesday 06:00 in a zone an hour ahead.
    settings.tasks[0].not_between = {
        {.from_minute = 22 * 60, .to_minute = 6 * 60, .weekdays = 1 << 1}};
    simulate::Report const report = play(settings, {}, 0);
    CHECK(report.tasks[0].late == 1);
    CHECK(report.tasks[0].greatest_wait == 5 * hour + 1800);
    CHECK(report.tasks[0].greatest_wait_at == monday + 23 * hour + 1800);
}

TEST_CASE("what came in the past from outside comes again, what clocks brought comes by them") {
    config::Settings settings;
    settings.tasks = {task("a", "0 3 * * *")};
    simulate::Past past;
    past.first = monday - 14 * a_day;
    past.last = monday - 1;
    past.tasks["a"].arrivals = {{.at = monday - 1 - 8 * a_day}, {.at = monday - 7 * a_day + 100}};
    simulate::Report const report = play(settings, past, 0);
    CHECK(report.tasks[0].due == 7 + 1);
}

TEST_CASE("a thousand tasks without a past are one note") {
    config::Settings settings;
    for (int i = 0; i < 1'000; ++i) settings.tasks.push_back(task("t" + std::to_string(i), ""));
    sim::Zones zones = two_zones();
    Scenario const scenario =
        scenario_of(settings, zones, "host", {}, {.seconds = 60}, {.from = monday});
    REQUIRE(scenario.notes.size() == 1);
    CHECK(holds(scenario.notes.front(), "'t4' and 995 more: 1m are assumed"));
}

}  // namespace lares::cli
