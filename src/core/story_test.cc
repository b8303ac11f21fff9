// core/story_test.cc: rows in any order become one tree, and no rows a circle.

#include "core/story.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace lares;
using namespace lares::story;

namespace {

int utc(WallTime) { return 0; }
WallTime at(int seconds) { return WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

journal::EventRow event(job::Id id, int seconds, std::string kind, std::string subject,
                        job::Id cause = 0, std::string words = {}) {
    return {.id = id,
            .at = at(seconds),
            .kind = std::move(kind),
            .subject = std::move(subject),
            .cause = cause,
            .words = std::move(words)};
}

job::Job ended_job() {
    job::Job job{.id = 11, .task = "report", .created = at(2), .ended = at(9)};
    job.state = job::State::dead;
    job.source = "schedule";
    job.why = "retries used up";
    job.cause = 10;
    return job;
}

std::string told(Facts const& facts, std::string_view asked = "") {
    std::string text;
    for (auto const& line : print(tell(facts, asked), utc)) text += line + "\n";
    return text;
}

}  // namespace

TEST_CASE("what the journal no longer has is told from the rows of jobs and runs") {
    Facts facts;
    facts.jobs = {ended_job()};
    facts.runs = {{.run = 7,
                   .kind = "job",
                   .job = 11,
                   .attempt = 1,
                   .started = at(3),
                   .ended = at(9),
                   .outcome = "error",
                   .code = 2,
                   .wall = Duration(6000)}};
    CHECK(told(facts, "run/7") ==
          "2023-11-14 22:13:22 job 11 of 'report': accepted, from schedule\n"
          "├─ 22:13:23 run 7, attempt 1: error, exit code 2 after 6 s  <--\n"
          "└─ 22:13:29 job 11: dead, retries used up\n");
    facts.runs[0].signal = 9;
    CHECK(told(facts).find("error, killed by signal 9 after 6 s") != std::string::npos);
    facts.runs[0].ended = {};
    facts.runs[0].pid = 77;
    CHECK(told(facts).find("attempt 1: runs, pid 77") != std::string::npos);
}

TEST_CASE("what both events and rows tell is told once") {
    Facts facts;
    facts.jobs = {ended_job(), ended_job()};
    facts.runs = {{.run = 7, .job = 11, .started = at(3)}};
    facts.events = {event(12, 2, "job.accepted", "job/11"),
                    event(13, 3, "run.started", "run/7", 12),
                    event(14, 9, "job.dead", "job/11", 13), event(12, 2, "job.accepted", "job/11")};
    CHECK(told(facts) ==
          "2023-11-14 22:13:22 job 11: job.accepted\n"
          "└─ 22:13:23 run 7: run.started\n"
          "   └─ 22:13:29 job 11: job.dead\n");
}

TEST_CASE("a job's number as a cause means its acceptance") {
    Facts facts;
    facts.events = {event(12, 2, "job.accepted", "job/11"),
                    event(20, 9, "job.accepted", "job/19", 11)};
    CHECK(told(facts) ==
          "2023-11-14 22:13:22 job 11: job.accepted\n"
          "└─ 22:13:29 job 19: job.accepted\n");
}

TEST_CASE("an event of a job that names no cause hangs under the job") {
    Facts facts;
    facts.events = {event(12, 2, "job.accepted", "job/11"), event(15, 5, "operator", "job/11")};
    CHECK(told(facts) ==
          "2023-11-14 22:13:22 job 11: job.accepted\n"
          "└─ 22:13:25 job 11: operator\n");
}

TEST_CASE("branches are drawn, the date stands where it changes, and who did it is said") {
    Facts facts;
    facts.events = {event(1, 0, "clock.step", "clock"),
                    event(2, 1, "trigger.fired", "trigger/a#0", 1),
                    event(3, 2, "job.accepted", "job/9", 2),
                    event(4, 90'000, "operator", "config", 1, "applied")};
    facts.events.back().who = "anna";
    CHECK(told(facts, "event/3") ==
          "2023-11-14 22:13:20 clock.step\n"
          "├─ 22:13:21 trigger 0 of 'a': trigger.fired\n"
          "│  └─ 22:13:22 job 9: job.accepted  <--\n"
          "└─ 2023-11-15 23:13:20 config: applied, by anna\n");
}

TEST_CASE("siblings stand in the order of time, then of number") {
    Facts facts;
    facts.events = {event(1, 0, "a", "s"), event(5, 3, "c", "s", 1), event(3, 9, "d", "s", 1),
                    event(4, 3, "b", "s", 1)};
    CHECK(told(facts) ==
          "2023-11-14 22:13:20 s: a\n├─ 22:13:23 s: b\n├─ 22:13:23 s: c\n"
          "└─ 22:13:29 s: d\n");
}

TEST_CASE("any rows in any order give each event once, and the same tree") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        Facts facts;
        auto number = [&](int below) { return static_cast<job::Id>(random() % unsigned(below)); };
        for (job::Id id = 1; id <= 40; ++id)
            facts.events.push_back(event(id, int(number(20)), "operator",
                                         "job/" + std::to_string(number(50)), number(60)));
        for (int i = 0; i < 10; ++i)
            facts.jobs.push_back({.id = number(60), .task = "t", .cause = number(60)});
        auto lines = tell(facts, "job/3");
        std::size_t events = 0;
        for (job::Id id = 1; id <= 40; ++id) {
            auto count = std::ranges::count(lines, id, &Line::id);
            CHECK(count == 1);
            events += static_cast<std::size_t>(count);
        }
        CHECK(events == 40);
        auto before = told(facts, "job/3");
        std::ranges::shuffle(facts.events, random);
        CHECK(told(facts, "job/3") == before);
    }
}

TEST_CASE("a chain of ten thousand causes is told without a deep stack") {
    Facts facts;
    for (job::Id id = 1; id <= 10'000; ++id) facts.events.push_back(event(id, 0, "k", "s", id - 1));
    auto lines = tell(facts, "");
    CHECK(lines.size() >= 200);
    CHECK(lines.size() <= 10'000);
}

TEST_CASE("subjects are named as people name them") {
    CHECK(subject_words("job/812") == "job 812");
    CHECK(subject_words("file//in/a b") == "file '/in/a b'");
    CHECK(subject_words("trigger/report#0") == "trigger 0 of 'report'");
    CHECK(subject_words("trigger/report") == "trigger of 'report'");
    CHECK(subject_words("clock") == "clock");
    CHECK(job_of("job/812") == 812);
    CHECK(job_of("job/812x") == 0);
    CHECK(job_of("run/812") == 0);
    CHECK(run_of("run/") == 0);
}
