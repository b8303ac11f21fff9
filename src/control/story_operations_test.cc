// control/story_operations_test.cc: why, trace, audit, at and diff over a store in memory.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Struct;

namespace {

struct Journal : Office {
    ScriptedWork& work = house.scripted_work;
    MemoryStore& store = work.memory;
    Journal() { work.add_task("report"); }

    WallTime at(int seconds) const { return house.time - Duration(3'600'000 - seconds * 1000); }
    void event(job::Id id, int seconds, std::string kind, std::string subject, job::Id cause,
               std::string words, std::string data = {}) {
        store.events.push_back({.id = id,
                                .at = at(seconds),
                                .kind = std::move(kind),
                                .subject = std::move(subject),
                                .cause = cause,
                                .words = std::move(words),
                                .data = std::move(data)});
    }
    /// A file, its job, an attempt that crashed, one that went well.
    void tell_a_story() {
        event(1, 0, "daemon.start", "daemon", 0, "the daemon began");
        event(10, 1, "folder.file", "file//in/a.pdf", 1, "arrived");
        event(12, 2, "job.accepted", "job/11", 10, "accepted");
        event(13, 3, "run.started", "run/7", 12, "attempt 1");
        event(14, 4, "run.ended", "run/7", 13, "killed by signal 11");
        event(15, 4, "job.retry", "job/11", 14, "retry 1 of 2 in 30 s");
        event(16, 34, "run.started", "run/8", 15, "attempt 2");
        event(17, 36, "run.ended", "run/8", 16, "exited with 0");
        event(18, 36, "job.done", "job/11", 17, "done");
        event(20, 40, "program.state", "program/web:web", 1, "RUNNING",
              R"({"from":"STARTING","to":"RUNNING"})");
        job::Job job{.id = 11, .task = "report", .created = at(2), .ended = at(36)};
        job.state = job::State::done;
        job.cause = 10;
        job.run = 8;
        store.jobs.push_back(job);
    }
    std::string lines(std::string method, text::Array parameters) {
        auto request = ask(std::move(method), std::move(parameters));
        store.deliver();
        auto parsed = text::parse_answer(wire.replies[request].body);
        if (auto const* fault = std::get_if<text::XmlRpcFault>(&*parsed)) return fault->words;
        std::string out;
        auto const* list = std::get<text::Value>(*parsed).find("lines");
        for (auto const& line : *list->array()) out += *line.text() + "\n";
        return out;
    }
};

}  // namespace

TEST_CASE("a trace tells the whole story of a job as a tree, whatever of it was asked for") {
    Journal journal;
    journal.store.delays = true;
    journal.tell_a_story();
    auto story = journal.lines("lares.trace", {"11"});
    CHECK(story ==
          "2023-11-14 21:13:20 the daemon began\n"
          "└─ 21:13:21 file '/in/a.pdf': arrived\n"
          "   └─ 21:13:22 job 11: accepted  <--\n"
          "      └─ 21:13:23 run 7: attempt 1\n"
          "         └─ 21:13:24 run 7: killed by signal 11\n"
          "            └─ 21:13:24 job 11: retry 1 of 2 in 30 s  <--\n"
          "               └─ 21:13:54 run 8: attempt 2\n"
          "                  └─ 21:13:56 run 8: exited with 0\n"
          "                     └─ 21:13:56 job 11: done  <--\n");
    auto unmarked = [](std::string text) {
        for (auto mark = text.find("  <--"); mark != text.npos; mark = text.find("  <--"))
            text.erase(mark, 5);
        return text;
    };
    for (auto const* asked : {"job 11", "run 8", "/in/a.pdf", "event/14", "14"})
        CHECK_MESSAGE(unmarked(journal.lines("lares.trace", {asked})) == unmarked(story), asked);
    CHECK(journal.lines("lares.trace", {"999"}) == "BAD_ARGUMENTS: nothing is known of job 999");
}

TEST_CASE("a trace of a broad cause does not go down into everything") {
    Journal journal;
    journal.tell_a_story();
    CHECK(journal.lines("lares.trace", {"event 1"}) ==
          "2023-11-14 21:13:20 the daemon began  <--\n");
}

TEST_CASE("a trace through damaged causes ends") {
    Journal journal;
    for (job::Id id = 1; id <= 300; ++id)
        journal.event(id, 1, "operator", "daemon", id % 300 + 1, "loop");
    CHECK(journal.lines("lares.trace", {"event 5"}).find("loop") != std::string::npos);
}

TEST_CASE("why tells what a job waits for, that it runs, or how it ended") {
    Journal journal;
    journal.tell_a_story();
    job::Job ready{.id = 30, .task = "report"};
    journal.store.jobs.push_back(ready);
    journal.work.reasons[30] = {{.kind = "resource", .words = "resource db is held by job 812"},
                                {.kind = "paused", .words = "paused by anna at 10:42"}};
    CHECK(journal.lines("lares.why", {"30"}) ==
          "job 30 of 'report' waits: resource db is held by job 812; paused by anna at 10:42\n"
          "  resource db is held by job 812\n  paused by anna at 10:42\n");
    CHECK(journal.lines("lares.why", {"job 11"}) ==
          "job 11 of 'report' has ended: done, at 2023-11-14 21:13:56\n");
    job::Job running{.id = 31, .task = "report", .state = job::State::running, .attempts = 2};
    journal.store.jobs.push_back(running);
    journal.work.runs_now = {{.id = 31, .pid = 77, .started = journal.at(100)}};
    CHECK(journal.lines("lares.why", {"31"}) ==
          "job 31 of 'report' runs: attempt 2, pid 77, since 2023-11-14 21:15:00\n");
    CHECK(journal.lines("lares.why", {"99"}) == "BAD_ARGUMENTS: there is no job 99");
}

TEST_CASE("why tells of tasks, folders, files and programs") {
    Journal journal;
    journal.work.task_reasons["report"] = {
        {.kind = "window", .words = "not between 22:00 and 06:00"}};
    CHECK(journal.lines("lares.why", {"report"}) ==
          "task 'report' has no job that waits; one that came now waits: not between 22:00 and "
          "06:00\n  not between 22:00 and 06:00\n");
    config::Folder folder;
    folder.name = "in";
    folder.path = "/in";
    journal.work.folder_infos.push_back({.folder = &folder,
                                         .waiting = 1,
                                         .blocked = "task 'report' is full",
                                         .reasons = {{"/in/b.pdf", "it still grows"}}});
    auto answer = journal.lines("lares.why", {"in"});
    CHECK(answer ==
          "folder 'in' takes nothing in: task 'report' is full; 1 file waits, 0 are "
          "worked on\n  /in/b.pdf: it still grows\n");
    CHECK(journal.lines("lares.why", {"/in"}) == answer);
    CHECK(journal.lines("lares.why", {"/in/b.pdf"}) == "file '/in/b.pdf' waits: it still grows\n");
    journal.store.files.push_back(
        {.id = 5, .path = "/in/c.pdf", .state = "done", .words = "moved"});
    CHECK(journal.lines("lares.why", {"/in/c.pdf"}) == "file '/in/c.pdf': done, moved\n");
    journal.store.files.push_back({.id = 6,
                                   .path = "/in/d.pdf",
                                   .state = "done",
                                   .job = 11,
                                   .destination = "/done/d.pdf",
                                   .words = "done"});
    auto moved = journal.lines("lares.why", {"/done/d.pdf"});
    CHECK(moved == "file '/in/d.pdf': done; moved to '/done/d.pdf'; job 11\n");
    CHECK(journal.lines("lares.why", {"/in/d.pdf"}) == moved);
    CHECK(journal.lines("lares.why", {"/x"}) == "BAD_ARGUMENTS: no folder has seen '/x'");
    journal.house.add("web", "web").waits_for = "db (FATAL)";
    CHECK(journal.lines("lares.why", {"web"}) ==
          "program web is STOPPED\n  waits for db (FATAL)\n");
    CHECK(journal.lines("lares.why", {"nothing"}).starts_with("BAD_ARGUMENTS: "));
}

TEST_CASE("an audit finds nothing when all is told, and whatever is not") {
    Journal journal;
    journal.tell_a_story();
    journal.work.due = {{"report#0", "report", journal.at(60)}};
    journal.event(21, 61, "trigger.skipped", "trigger/report#0", 0, "still running",
                  "{\"due\":" + std::to_string(journal.at(60).time_since_epoch().count()) + "}");
    CHECK(journal.lines("lares.audit", {}) == "0 unexplained: 1 job, 1 due time, 0 files\n");
    journal.work.due.push_back({"report#0", "report", journal.at(120)});
    journal.store.jobs.push_back({.id = 40, .task = "report", .created = journal.at(200)});
    journal.store.files.push_back(
        {.id = 41, .path = "/in/x", .state = "taken", .job = 11, .seen = journal.at(300)});
    CHECK(journal.lines("lares.audit", {}) ==
          "3 unexplained: 2 jobs, 2 due times, 1 file\n"
          "2023-11-14 21:15:20 trigger 0 of 'report': was due, but neither fired nor was skipped "
          "or missed\n"
          "2023-11-14 21:16:40 job 40: accepted, but neither under way nor ended\n"
          "2023-11-14 21:18:20 file '/in/x': taken in, but its job neither runs nor was it "
          "settled\n");
    journal.work.live = {40};
    CHECK(journal.lines("lares.audit", {}).starts_with("2 unexplained"));
    CHECK(journal.lines("lares.audit", {"whenever"}).starts_with("BAD_ARGUMENTS"));
}

TEST_CASE("a moment is told from the events before it") {
    Journal journal;
    journal.tell_a_story();
    journal.event(22, 45, "task.paused", "task/report", 0, "paused by anna");
    journal.store.runs.push_back(
        {.run = 7, .kind = "job", .job = 11, .started = journal.at(3), .ended = journal.at(4)});
    CHECK(journal.lines("lares.at", {"2023-11-14 21:13:23"}) ==
          "at 2023-11-14 21:13:23\nthe daemon ran since 2023-11-14 21:13:20\n"
          "job 11 of 'report': running (run 7), since 2023-11-14 21:13:23\n");
    CHECK(journal.lines("lares.at", {"2023-11-14 21:14:10"}) ==
          "at 2023-11-14 21:14:10\nthe daemon ran since 2023-11-14 21:13:20\n"
          "task 'report': paused by anna, since 2023-11-14 21:14:05\n"
          "program web:web: RUNNING, since 2023-11-14 21:14:00\nno job was waiting or running\n");
    CHECK(journal.lines("lares.at", {"tomorrow 03:00"}).starts_with("BAD_ARGUMENTS"));
}

TEST_CASE("two runs are compared field by field") {
    Journal journal;
    ports::RunRow before{.run = 1, .subject = "report", .environment = "A=1\nB=2\n"};
    auto after = before;
    after.run = 2;
    after.environment = "A=1\nB=3\nC=4\n";
    after.directory = "/b";
    after.code = 1;
    journal.store.runs = {before, after};
    CHECK(journal.lines("lares.run_diff", {1, 2}) ==
          "what was run\n  directory: (none) -> /b\nenvironment\n  B: 2 -> 3\n  C: (none) -> 4\n"
          "how it went\n  exit code: 0 -> 1\n");
    CHECK(journal.lines("lares.run_diff", {1, 1}) == "");
    CHECK(journal.lines("lares.run_diff", {1, 9}) == "BAD_ARGUMENTS: there is no run 9");
}

TEST_CASE("runs, their logs and events are read") {
    Journal journal;
    journal.tell_a_story();
    ports::RunRow run{.run = 7, .kind = "job", .subject = "report", .job = 11, .log = "/log/7"};
    journal.store.runs.push_back(run);
    journal.house.scripted_logs.files["/log/7"].bytes = "hello";
    auto log = [&](text::Array parameters) {
        auto request = journal.ask("lares.run_log", std::move(parameters));
        journal.house.scripted_logs.deliver();
        return journal.answer(request);
    };
    CHECK(log({7}) == R"({"run":7,"text":"hello","offset":5,"size":5,"ended":false})");
    CHECK(log({7, 2, 2}) == R"({"run":7,"text":"ll","offset":4,"size":5,"ended":false})");
    CHECK(log({7, 0, 0}).starts_with("fault 3"));
    CHECK(log({8}) == "fault 3 BAD_ARGUMENTS: there is no run 8");
    CHECK(journal.call("lares.runs", {Struct{{"task", "report"}}}).find(R"("run":7)") !=
          std::string::npos);
    CHECK(journal.call("lares.run_info", {7}).find(R"("environment":"")") != std::string::npos);
    auto events = journal.call("lares.events", {Struct{{"kind", "program."}}});
    CHECK(events.find(R"("subject":"program/web:web")") != std::string::npos);
    CHECK(events.find("job.done") == std::string::npos);
}
