// control/task_operations_test.cc: tasks, folders, maintenance and workers through the table.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Struct;

namespace {

struct Shop : Office {
    ScriptedWork& work = house.scripted_work;
    Shop() { work.add_task("report"); }
};

}  // namespace

TEST_CASE("tasks are told with what they do and when they are due") {
    Shop shop;
    auto& info = shop.work.infos["report"];
    info.depth.ready = 3;
    info.next = shop.house.time;
    info.blocks = {{.kind = "paused", .words = "paused by anna"}};
    auto answer = shop.call("lares.tasks");
    CHECK(answer.find(R"("task":"report")") != std::string::npos);
    CHECK(answer.find(R"("ready":3)") != std::string::npos);
    CHECK(answer.find(R"("words":"paused by anna")") != std::string::npos);
    CHECK(answer.find(R"("next":1700000000)") != std::string::npos);
    CHECK(shop.call("lares.task", {"report"}).find(R"("workers":1)") != std::string::npos);
    CHECK(shop.call("lares.task", {"x"}) == "fault 3 BAD_ARGUMENTS: there is no task 'x'");
    shop.work.memory.jobs = {{.id = 1, .task = "report", .state = job::State::dead}};
    CHECK(shop.call("lares.work") ==
          R"({"tasks":1,"ready":3,"running":0,"dead":1,"parked":0,"paused":["report"],)"
          R"("late":[],"maintenance":false,"trouble":""})");
}

TEST_CASE("a task is paused, resumed and drained by name, or all are") {
    Shop shop;
    CHECK(shop.call("lares.pause", {"report", "upgrade"}) == "true");
    CHECK(shop.call("lares.resume", {"all"}) == "true");
    CHECK(shop.call("lares.drain", {"report"}) == "true");
    CHECK(shop.work.notes[0].starts_with("pause 'report' upgrade by "));
    CHECK(shop.work.notes[1].starts_with("resume '' by "));
    CHECK(shop.work.notes[2].starts_with("drain 'report' by "));
    CHECK(shop.call("lares.pause", {"nope"}).starts_with("fault 3"));
    CHECK(shop.call("lares.pause", {""}).starts_with("fault 3"));
    CHECK(shop.work.notes.size() == 3);
}

TEST_CASE("a maintenance begins, is shown and ends") {
    Shop shop;
    CHECK(shop.call("lares.maintenance_begin", {"2h", list({"db"}), "upgrade"}) == "true");
    CHECK(shop.work.notes[0].starts_with("maintenance 7200000 db upgrade by "));
    CHECK(shop.call("lares.maintenance_end") == "true");
    shop.work.held = {.is_on = true, .reason = "upgrade"};
    CHECK(shop.call("lares.maintenance").find(R"("on":true)") != std::string::npos);
    for (auto const* span : {"", "soon", "0s", "-1h", "9999999h"})
        CHECK(shop.call("lares.maintenance_begin", {span}).starts_with("fault 3"));
}

TEST_CASE("workers speak to the house in checked figures") {
    Shop shop;
    CHECK(shop.call("lares.claim", {"report", "w1", 2, 90}) == "[]");
    CHECK(shop.work.notes.back() == "claim report for w1 2 90000");
    CHECK(shop.call("lares.claim", {"report", "", 2, 90}).starts_with("fault 3"));
    CHECK(shop.call("lares.claim", {"report", "w", 0, 90}).starts_with("fault 3"));
    CHECK(shop.call("lares.claim", {"report", "w", 1, 100'000}).starts_with("fault 3"));
    CHECK(shop.call("lares.heartbeat", {812, "3", 50, "half"}) == "true");
    CHECK(shop.work.notes.back() == "heartbeat 812 3 50 half");
    CHECK(shop.call("lares.heartbeat", {812, 0}).starts_with("fault 3"));
    CHECK(shop.call("lares.heartbeat", {812, 3, 101}).starts_with("fault 3"));
    CHECK(shop.call("lares.finish", {812, 3, false, 2, "no ink"}) == "true");
    CHECK(shop.work.notes.back() == "finish 812 3 bad 2 no ink  ");
    CHECK(shop.call("lares.finish", {812, 3, true, 0, "", std::string(70'000, 'x')})
              .starts_with("fault 3"));
    CHECK(shop.call("lares.settle_file", {5, true}) == "true");
    CHECK(shop.work.notes.back().starts_with("settle 5 run by "));
}

TEST_CASE("what a person asks of programs is noted in the journal with who and of what") {
    Shop shop;
    shop.house.add_running("web", "web");
    shop.call("supervisor.stopProcess", {"web"});
    shop.call("lares.restart", {list({"web", "db:*"})});
    shop.call("supervisor.getAllProcessInfo");
    shop.call("lares.pause", {"report"});
    REQUIRE(shop.work.journal.size() == 2);
    CHECK(
        shop.work.journal[0].starts_with("operator program/web:web: supervisor.stopProcess web ("));
    CHECK(shop.work.journal[1].starts_with("operator daemon: lares.restart web, db:* ("));
    CHECK(shop.work.journal[0].find(" from pid ") != std::string::npos);
}
