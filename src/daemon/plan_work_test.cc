// daemon/plan_work_test.cc: what a plan says of tasks, folders and channels.

#include "daemon/plan_work.h"

#include <doctest/doctest.h>

#include "config/memory_world.h"
#include "daemon/next_runs.h"
#include "sim/zones.h"

using namespace lares;
using namespace lares::daemon;

namespace {

constexpr char const* file = "/etc/lares.conf";
/// 2026-11-28 12:00 UTC.
constexpr std::int64_t noon = 1'795'867'200;

struct Configuration {
    explicit Configuration(std::string text) {
        text = "[supervisord]\n" + text;
        auto loaded = config::load(config::memory_world({{file, text}}), file);
        for (auto const& found : loaded.found) MESSAGE(found.what);
        REQUIRE(loaded.settings);
        settings = std::move(*loaded.settings);
        ini = ini_of({{file, text}});
    }
    config::Settings settings;
    text::Ini ini;
};

struct House {
    sim::Zones zones;
    std::map<std::string, AtWork> jobs, files;
    std::vector<std::string> warnings;
    bool is_before_known = true;

    std::vector<control::PlannedWork> plan(std::string before, std::string after) {
        Configuration running(std::move(before)), wanted(std::move(after));
        text::Ini nothing;
        Texts texts{wanted.ini, is_before_known ? running.ini : nothing};
        return planned_work({.running = running.settings,
                             .wanted = wanted.settings,
                             .texts = texts,
                             .zones = zones,
                             .host = "h",
                             .now = noon,
                             .jobs = [this](auto const& name) { return jobs[name]; },
                             .files = [this](auto const& name) { return files[name]; }},
                            warnings);
    }
};

std::string task(std::string const& name, std::string const& lines) {
    return "[task:" + name + "]\ncommand = cat\n" + lines;
}

std::vector<std::string> words(control::PlannedWork const& work) {
    std::vector<std::string> all;
    for (auto const& one : work.options)
        all.push_back(one.place + " " + one.option + ": " + one.before + " -> " + one.after);
    return all;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a task with another schedule is shown with both, and its runs before and after") {
    House house;
    auto plan = house.plan(task("report", "schedule = 0 2 * * *\n"),
                           task("report", "schedule = 30 3 * * 1-5\ntimeout = 5m\n"));
    REQUIRE(plan.size() == 1);
    CHECK(plan[0].action == plan::Action::change);
    CHECK(plan[0].kind == "task");
    CHECK(words(plan[0]) == Lines{"/etc/lares.conf:4 schedule: 0 2 * * * -> 30 3 * * 1-5",
                                  "/etc/lares.conf:5 timeout: (0s by default) -> 5m"});
    CHECK(plan[0].next_before == Lines{"2026-11-29T02:00:00+00:00", "2026-11-30T02:00:00+00:00",
                                       "2026-12-01T02:00:00+00:00", "2026-12-02T02:00:00+00:00",
                                       "2026-12-03T02:00:00+00:00"});
    CHECK(plan[0].next_after == Lines{"2026-11-30T03:30:00+00:00", "2026-12-01T03:30:00+00:00",
                                      "2026-12-02T03:30:00+00:00", "2026-12-03T03:30:00+00:00",
                                      "2026-12-04T03:30:00+00:00"});
    CHECK(plan[0].notes == Lines{"a new schedule counts from the update on: nothing is caught up"});
}

TEST_CASE("a task that is not enabled any more has runs before and none after") {
    House house;
    auto plan = house.plan(task("a", "schedule = @daily\n"),
                           task("a", "schedule = @daily\nenabled = no\n"));
    REQUIRE(plan.size() == 1);
    CHECK(plan[0].next_before.size() == 5);
    CHECK(plan[0].next_after.empty());
}

TEST_CASE("days that a calendar leaves out are no next runs, also of schedules of each minute") {
    config::Calendar calendar{.how = config::Calendar::How::except, .file = "x"};
    for (std::int32_t day = 20'785; day < 20'785 + 300; ++day) calendar.days.push_back(day);
    Configuration configuration(task("a", "schedule = * * * * *\n"));
    auto& task = configuration.settings.tasks.at(0);
    task.calendar = calendar;
    sim::Zones zones;
    auto runs = next_runs({.task = task, .zones = zones, .host = "h", .after = noon, .most = 2});
    CHECK(runs == Lines{"2027-09-24T00:00:00+00:00", "2027-09-24T00:01:00+00:00"});
    task.calendar.how = config::Calendar::How::only;
    task.calendar.days.clear();
    CHECK(next_runs({.task = task, .zones = zones, .host = "h", .after = noon}).empty());
}

TEST_CASE("of a task that goes its waiting jobs and its runs are told, and what becomes of them") {
    House house;
    house.jobs["old"] = {.waiting = 3, .running = 1};
    auto plan = house.plan(task("old", "schedule = @daily\n") + task("b", ""), task("b", ""));
    REQUIRE(plan.size() == 1);
    CHECK(plan[0].action == plan::Action::remove);
    CHECK(plan[0].waiting == 3);
    CHECK(plan[0].next_before.size() == 5);
    CHECK(plan[0].notes ==
          Lines{"3 jobs wait: they stay in the database, not started, until the task is "
                "configured again or they are cancelled",
                "1 run goes on to the end; a retry then waits as well"});
}

TEST_CASE("a new task without a schedule says what brings it jobs") {
    House house;
    auto plan = house.plan(task("a", ""),
                           task("a", "") + task("b", "after = a\nevery = 5m\n") + task("c", ""));
    REQUIRE(plan.size() == 2);
    CHECK(plan[0].name == "b");
    CHECK(plan[0].notes == Lines{"no schedule brings it jobs; other options do: every, after"});
    CHECK(plan[1].notes ==
          Lines{"no schedule brings it jobs: a folder, another task or a person does"});
}

TEST_CASE("secrets and environments are not shown, only that they changed") {
    House house;
    auto with = [&](std::string const& secret) {
        return task("a", "http = /hook/a\nenvironment = A=\"" + secret +
                             "\"\nhttp_secret = " + secret + "\n");
    };
    auto plan = house.plan(with("one-secret"), with("another-secret"));
    REQUIRE(plan.size() == 1);
    CHECK(words(plan[0]) == Lines{"/etc/lares.conf:6 http_secret: (not shown) -> (not shown)",
                                  "/etc/lares.conf:5 environment: (not shown) -> (not shown)"});
}

TEST_CASE("without the texts that are applied the old values are not known, and it is said") {
    House house;
    house.is_before_known = false;
    auto plan = house.plan(task("a", "retries = 1\n"), task("a", "retries = 2\n"));
    REQUIRE(plan.size() == 1);
    CHECK(words(plan[0]) == Lines{"/etc/lares.conf:4 retries: (not known) -> 2"});
}

TEST_CASE("a folder that goes says what stays in it; one that comes, that it takes what is there") {
    House house;
    house.files["in"] = {.waiting = 2, .running = 1};
    auto folder = task("a", "") + "[folder:in]\npath = /srv/in\ntask = a\n";
    auto plan = house.plan(folder, task("a", ""));
    REQUIRE(plan.size() == 1);
    CHECK(plan[0].kind == "folder");
    CHECK(plan[0].notes ==
          Lines{"'/srv/in' is watched no longer; 2 files that wait stay where they are",
                "1 file is with jobs, which go on; they are moved as done and failed said, unless "
                "the daemon starts anew before"});
    plan = house.plan(task("a", ""), folder);
    CHECK(plan[0].notes == Lines{"what lies in '/srv/in' already is taken as well"});
    plan = house.plan(folder, folder + "settle = 0s\n");
    REQUIRE(plan.size() == 1);
    CHECK(words(plan[0]) == Lines{"/etc/lares.conf:7 settle: (2s by default) -> 0s"});
}

TEST_CASE("channels and what [lares] says of work are in the plan, too") {
    House house;
    auto channel = [](std::string const& path) {
        return "[channel:ops]\ntype = command\ncommand = " + path + "\n";
    };
    auto plan = house.plan(channel("/bin/one") + "[lares]\nresources = db:1\n",
                           channel("/bin/two") + "[lares]\nresources = db:2\n");
    REQUIRE(plan.size() == 2);
    CHECK(plan[0].kind == "channel");
    CHECK(words(plan[0]) == Lines{"/etc/lares.conf:4 command: /bin/one -> /bin/two"});
    CHECK(plan[1].kind == "lares");
    CHECK(words(plan[1]) == Lines{"/etc/lares.conf:6 resources: db:1 -> db:2"});
}

TEST_CASE("nothing is planned for what only moved in its file") {
    House house;
    CHECK(house
              .plan(task("a", "retries = 1\n") + task("b", ""),
                    task("b", "") + "\n\n" + task("a", "retries = 1\n"))
              .empty());
}
