// control/job_operations_test.cc: jobs put, found, and acted on through the table of operations.

#include <doctest/doctest.h>

#include "base/limits.h"
#include "control/job_input.h"
#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Array;
using text::Struct;
using text::Value;

namespace {

struct Shop : Office {
    ScriptedWork& work = house.scripted_work;
    Shop() { work.add_task("report"); }

    NewJob const& last() const { return work.put_jobs.back(); }
    job::Job& add_job(job::Id id, job::State state = job::State::ready) {
        job::Job job;
        job.id = id;
        job.task = "report";
        job.state = state;
        job.created = house.time;
        work.memory.jobs.push_back(job);
        return work.memory.jobs.back();
    }
    ports::RunRow& add_run(std::uint64_t run, job::Id job) {
        ports::RunRow row;
        row.run = run;
        row.kind = "job";
        row.subject = "report";
        row.job = job;
        row.started = house.time;
        row.ended = house.time + Duration(1500);
        row.outcome = "ok";
        row.log = "/log/run" + std::to_string(run);
        work.memory.runs.push_back(row);
        return work.memory.runs.back();
    }
};

}  // namespace

TEST_CASE("a job is put with its payload as JSON or as a struct, and its number comes back") {
    Shop shop;
    CHECK(shop.call("lares.put", {"report", R"({"day": "2026-03-01"})"}) ==
          R"({"job":812,"duplicate":false})");
    CHECK(shop.last().payload == R"({"day": "2026-03-01"})");
    CHECK(shop.last().source == "put");
    CHECK(shop.call("lares.put", {"report", Struct{{"n", 3}, {"deep", Struct{{"x", true}}}}}) ==
          R"({"job":813,"duplicate":false})");
    CHECK(shop.last().payload == R"({"n":3,"deep":{"x":true}})");
    CHECK(shop.call("lares.put", {"report"}) == R"({"job":814,"duplicate":false})");
    CHECK(shop.last().payload == "{}");
}

TEST_CASE("options of a job are read, and a wrong one is refused with its name") {
    Shop shop;
    shop.call("lares.put", {"report", "",
                            Struct{{"key", "k"},
                                   {"once", "o"},
                                   {"priority", 5},
                                   {"in", "5min"},
                                   {"after", list({7, "8"})}}});
    CHECK(shop.last().key == "k");
    CHECK(shop.last().once == "put report o");
    CHECK(shop.last().priority == 5);
    CHECK(shop.last().not_before == shop.house.time + Duration(300'000));
    CHECK(shop.last().after == std::vector<job::Id>{7, 8});
    shop.call("lares.put", {"report", "", Struct{{"at", "2026-03-01T02:00:00Z"}}});
    CHECK(print_iso(shop.last().not_before) == "2026-03-01T02:00:00.000Z");
    auto refused = [&](Struct options) {
        return shop.call("lares.put", {"report", "", std::move(options)});
    };
    CHECK(refused({{"priorty", 5}}) ==
          "fault 3 BAD_ARGUMENTS: priorty: a job has no such member; did you mean 'priority'?");
    CHECK(refused({{"priority", "high"}}).starts_with("fault 3 BAD_ARGUMENTS: priority: it must"));
    CHECK(refused({{"priority", 1'000'001}}).starts_with("fault 3"));
    CHECK(refused({{"at", "soon"}}).starts_with("fault 3 BAD_ARGUMENTS: at: "));
    CHECK(refused({{"in", "-1s"}}).starts_with("fault 3 BAD_ARGUMENTS: in: "));
    CHECK(refused({{"after", "x"}}).starts_with("fault 3 BAD_ARGUMENTS: after: "));
    CHECK(refused({{"key", "a\nb"}}).starts_with("fault 3 BAD_ARGUMENTS: key: "));
    CHECK(refused({{"key", std::string(600, 'k')}}).starts_with("fault 3 BAD_ARGUMENTS: key: "));
    CHECK(shop.work.put_jobs.size() == 2);
}

TEST_CASE("a payload that is no JSON object is refused and nothing is put") {
    Shop shop;
    for (auto const* payload : {"[1]", "\"x\"", "{", "{\"a\":}", "{} x", "12"})
        CHECK(shop.call("lares.put", {"report", payload})
                  .starts_with("fault 3 BAD_ARGUMENTS: payload: "));
    NewJob job;
    auto fault = set_payload(job, "{\"a\":\"" + std::string(limits::payload_bytes, 'x') + "\"}");
    REQUIRE(fault);
    CHECK(fault->words.find("it may have 4194304") != std::string::npos);
    CHECK(shop.work.put_jobs.empty());
}

TEST_CASE("the same idempotency key gives the job that was there") {
    Shop shop;
    shop.call("lares.put", {"report", "", Struct{{"once", "x"}}});
    CHECK(shop.call("lares.put", {"report", "", Struct{{"once", "x"}}}) ==
          R"({"job":812,"duplicate":true})");
}

TEST_CASE("what the house refuses is told in its words") {
    Shop shop;
    CHECK(shop.call("lares.put", {"nope"}) == "fault 3 BAD_ARGUMENTS: there is no task 'nope'");
    shop.work.failure = Error{Error::Kind::unavailable, "the disk is full"};
    CHECK(shop.call("lares.put", {"report"}) == "fault 30 FAILED: the disk is full");
}

TEST_CASE("a batch is put as a whole, and duplicates are told by line") {
    Shop shop;
    CHECK(shop.call("lares.put_batch", {"{\"task\":\"report\",\"payload\":{\"n\":1}}\n\r\n"
                                        "{\"task\":\"report\",\"once\":\"a\",\"priority\":3}\n"
                                        "{\"task\":\"report\",\"once\":\"a\"}"}) ==
          R"({"jobs":2,"first":812,"last":813,"duplicate_count":1,)"
          R"("duplicates":[{"line":4,"job":813}]})");
    CHECK(shop.work.put_jobs[0].payload == "{\"n\":1}");
    CHECK(shop.work.put_jobs[1].priority == 3);
    CHECK(shop.work.put_jobs[1].once == "put report a");
}

TEST_CASE("a faulty line refuses its whole batch, and every faulty line is told") {
    Shop shop;
    CHECK(shop.call("lares.put_batch", {"{\"task\":\"report\"}\n{\"task\":\"report\",}\n{}\n"
                                        "{\"task\":\"report\",\"payload\":[]}\n"
                                        "{\"task\":\"report\",\"task\":\"report\"}\n"
                                        "{\"task\":\"report\",\"colour\":1}"}) ==
          "fault 3 BAD_ARGUMENTS: line 2: at byte 18: expected a name in double quotes; each line "
          "is a JSON object; line 3: task: it is missing; name the task of each job; line 4: "
          "payload: it must be a JSON object; as {\"name\": \"value\"}; line 5: task: it stands "
          "there twice; line 6: colour: a job has no such member; it has task, payload, key, once, "
          "priority, at, in and after");
    CHECK(shop.call("lares.put_batch", {"\n\n"}) == "fault 3 BAD_ARGUMENTS: there is no job in it");
    CHECK(shop.work.put_jobs.empty());
}

TEST_CASE("a batch of too many jobs is refused") {
    Shop shop;
    std::string text;
    for (std::size_t i = 0; i <= limits::batch_jobs; ++i) text += "{\"task\":\"report\"}\n";
    auto batch = read_batch(text, shop.house, "put");
    REQUIRE(batch.faults.size() == 1);
    CHECK(words_of(batch.faults[0].second).starts_with("a batch may have 100000 jobs"));
}

TEST_CASE("run waits until the job has ended and tells how, with the end of its log") {
    Shop shop;
    auto request = shop.ask("lares.run", {"report", "", Struct{{"wait", true}}});
    CHECK(shop.last().source == "run");
    CHECK(shop.answer(request) == "nothing yet");
    auto job = shop.add_job(812, job::State::done);
    job.run = 17;
    auto& run = shop.add_run(17, 812);
    run.code = 3;
    shop.house.scripted_logs.files["/log/run17"].bytes = "all is well\n";
    shop.work.ends.at(812)(job);
    shop.house.scripted_logs.deliver();
    auto answer = shop.answer(request);
    CHECK(answer.find(R"("state":"done")") != std::string::npos);
    CHECK(answer.find(R"("code":3)") != std::string::npos);
    CHECK(answer.find(R"("log":"all is well\n")") != std::string::npos);
}

TEST_CASE("run without waiting answers with the number, whether wait is left out or false") {
    Shop shop;
    CHECK(shop.call("lares.run", {"report"}) == R"({"job":812,"duplicate":false})");
    CHECK(shop.call("lares.run", {"report", "", Struct{{"wait", false}}}) ==
          R"({"job":813,"duplicate":false})");
    CHECK(shop.work.ends.empty());
}

TEST_CASE("who waits for a job and goes away is forgotten by the house") {
    Shop shop;
    auto request = shop.ask("lares.run", {"report", "", Struct{{"wait", true}}});
    shop.hang_up(request);
    CHECK(shop.house.forgotten == std::vector<WaitId>{77});
}

TEST_CASE("jobs are listed newest first, filtered and page by page") {
    Shop shop;
    for (job::Id id = 1; id <= 5; ++id)
        shop.add_job(id, id % 2 ? job::State::dead : job::State::ready);
    auto ids = [&](Struct filters) {
        auto answer = shop.call("lares.jobs", {std::move(filters)});
        std::string found;
        for (std::size_t at = 0; (at = answer.find("\"job\":", at)) != answer.npos; at += 6)
            found += answer[at + 6];
        return found + (answer.find("\"more\":true") != answer.npos ? "+" : "");
    };
    CHECK(ids({}) == "54321");
    CHECK(ids({{"state", "dead"}}) == "531");
    CHECK(ids({{"state", "live"}}) == "42");
    CHECK(ids({{"limit", 2}}) == "54+");
    CHECK(ids({{"limit", 2}, {"before", 4}}) == "32+");
    CHECK(ids({{"task", "other"}}) == "");
    CHECK(shop.call("lares.jobs", {Struct{{"stat", "dead"}}}) ==
          "fault 3 BAD_ARGUMENTS: there is no 'stat' here, did you mean 'state'?");
    CHECK(shop.call("lares.jobs", {Struct{{"state", "lost"}}}).starts_with("fault 3"));
    CHECK(shop.call("lares.jobs", {Struct{{"since", "whenever"}}}).starts_with("fault 3"));
}

TEST_CASE("one job is told with its runs, its events and what it waits for") {
    Shop shop;
    shop.add_job(812);
    shop.add_run(17, 812);
    shop.work.memory.events.push_back({.id = 813, .kind = "job.accepted", .subject = "job/812"});
    shop.work.reasons[812] = {{.kind = "paused", .words = "paused by anna at 10:42"}};
    auto answer = shop.call("lares.job", {"812"});
    CHECK(answer.find(R"("run":17)") != std::string::npos);
    CHECK(answer.find(R"("kind":"job.accepted")") != std::string::npos);
    CHECK(answer.find("paused by anna at 10:42") != std::string::npos);
    CHECK(shop.call("lares.job", {9}) == "fault 3 BAD_ARGUMENTS: there is no job 9");
    CHECK(shop.call("lares.job", {0}) ==
          "fault 3 BAD_ARGUMENTS: the number of a job must be 1 or more");
    shop.work.memory.failure = Error{Error::Kind::unavailable, "the database is locked"};
    CHECK(shop.call("lares.job", {812}) == "fault 30 FAILED: the database is locked");
}

TEST_CASE("acts on a job are passed on with who asks") {
    Shop shop;
    CHECK(shop.call("lares.cancel", {812}) == "true");
    CHECK(shop.call("lares.retry", {"4000000000"}) == "true");
    CHECK(shop.call("lares.priority", {812, -5}) == "true");
    CHECK(shop.work.notes.size() == 3);
    CHECK(shop.work.notes[0].starts_with("cancel 812 by "));
    CHECK(shop.work.notes[1].starts_with("retry 4000000000 by "));
    CHECK(shop.work.notes[2].starts_with("priority 812 -5 by "));
    shop.work.failure = Error{Error::Kind::conflict, "job 812 has ended already"};
    CHECK(shop.call("lares.cancel", {812}) == "fault 30 FAILED: job 812 has ended already");
    CHECK(shop.call("lares.cancel", {-1}).starts_with("fault 3"));
}

TEST_CASE("all dead jobs of a task are retried, an entry each") {
    Shop shop;
    CHECK(shop.call("lares.retry_dead", {"report"}) == "[]");
    shop.add_job(1, job::State::dead);
    shop.add_job(2, job::State::done);
    shop.add_job(3, job::State::dead);
    CHECK(shop.call("lares.retry_dead", {"report"}) ==
          R"([{"job":3,"ok":true,"words":""},{"job":1,"ok":true,"words":""}])");
    CHECK(shop.call("lares.retry_dead", {"nope"}).starts_with("fault 3"));
}

TEST_CASE("a number beyond 32 bits goes out as its digits") {
    Shop shop;
    shop.work.next_job = 5'000'000'000;
    CHECK(shop.call("lares.put", {"report"}) == R"({"job":"5000000000","duplicate":false})");
}

TEST_CASE("a run is put again as it was or as its task is now") {
    Shop shop;
    shop.add_job(812, job::State::dead).payload = "{\"a\":1}";
    shop.add_run(17, 812);
    CHECK(shop.call("lares.rerun", {17}) == R"({"job":812,"duplicate":false})");
    CHECK(shop.last().payload == "{\"a\":1}");
    CHECK(shop.last().source == "rerun of run 17 as now");
    shop.call("lares.rerun", {17, "as-then"});
    CHECK(shop.last().source == "rerun of run 17 as then");
    CHECK(shop.call("lares.rerun", {17, "as-ever"}).starts_with("fault 3"));
    CHECK(shop.call("lares.rerun", {18}) == "fault 3 BAD_ARGUMENTS: there is no run 18");
    shop.add_run(19, 0).kind = "program";
    CHECK(shop.call("lares.rerun", {19}).starts_with("fault 30 FAILED: run 19 is of a program"));
    shop.add_run(20, 4000);
    CHECK(shop.call("lares.rerun", {20}) ==
          "fault 30 FAILED: the job of run 20 is not kept any more");
}
