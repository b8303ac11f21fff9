// store/inserts_test.cc: rows that are gathered, and what must see them or refuses them.

#include "store/inserts.h"

#include <doctest/doctest.h>

#include "store/world_test.h"

namespace lares::store {

using namespace testing;
using ports::Commit;

namespace {

/// Jobs of these numbers, and an event of each: 1,000 more.
Commit put_jobs(Commit::Kind kind, job::Id from, job::Id to) {
    Commit commit;
    commit.kind = kind;
    for (job::Id id = from; id < to; ++id) {
        commit.writes.emplace_back(ports::PutJob{a_job(id)});
        commit.writes.emplace_back(
            ports::PutEvent{an_event(1'000 + id, "job/" + std::to_string(id))});
    }
    return commit;
}

std::size_t jobs_of(House& house) {
    return house.read(ports::JobsAsked{.limit = 1'000})->jobs.size();
}
std::size_t events_of(House& house) {
    return house.read(ports::EventsAsked{.limit = 1'000})->events.size();
}

}  // namespace

TEST_CASE("as many new rows as there are are written, each as it was") {
    for (job::Id count = 1; count <= 25; ++count) {
        CAPTURE(count);
        Folder folder;
        House house(folder / "lares.db");
        REQUIRE(house.commit(put_jobs(Commit::Kind::ask, 1, count + 1)));
        CHECK(jobs_of(house) == count);
        CHECK(events_of(house) == count);
        for (job::Id id = 1; id <= count; ++id) {
            CHECK(house.read(ports::JobAsked{id})->jobs.at(0) == a_job(id));
            std::string subject = "job/" + std::to_string(id);
            CHECK(house.read(ports::EventsAsked{.subject = subject})->events.at(0) ==
                  an_event(1'000 + id, subject));
        }
    }
}

TEST_CASE("a job that is changed in the transaction that made it is there by then") {
    Folder folder;
    House house(folder / "lares.db");
    Commit commit = put_jobs(Commit::Kind::must, 1, 12);
    job::Job changed = a_job(11);
    changed.state = job::State::done;
    commit.writes.emplace_back(ports::SetJob{changed});
    commit.writes.emplace_back(ports::PutJob{a_job(12)});
    auto written = house.commit(std::move(commit));
    REQUIRE(written);
    CHECK(written->conflicts.empty());
    CHECK(house.read(ports::JobAsked{11})->jobs.at(0).state == job::State::done);
    CHECK(jobs_of(house) == 12);
    // Not in one commit, but in one transaction.
    job::Job running = a_job(20);
    running.state = job::State::running;
    for (auto const& each :
         house.commit_all({put_jobs(Commit::Kind::ask, 20, 23), ask(ports::SetJob{running})}))
        CHECK(each);
    CHECK(house.read(ports::JobAsked{20})->jobs.at(0).state == job::State::running);
}

TEST_CASE("what must be written and is there already is left, and all else is written") {
    Folder folder;
    House house(folder / "lares.db");
    job::Job before = a_job(5);
    before.task = "before";
    REQUIRE(house.commit(ask(ports::PutJob{before})));
    REQUIRE(house.commit(put_jobs(Commit::Kind::must, 1, 21)));
    CHECK(house.read(ports::JobAsked{5})->jobs.at(0).task == "before");
    CHECK(jobs_of(house) == 20);
    CHECK(events_of(house) == 20);
    REQUIRE(house.commit(put_jobs(Commit::Kind::must, 1, 21)));  // once more, as after a doubt
    CHECK(jobs_of(house) == 20);
    CHECK(events_of(house) == 20);
}

TEST_CASE("of commits of one transaction only that one is refused whose row is there") {
    Folder folder;
    House house(folder / "lares.db");
    REQUIRE(house.commit(ask(ports::PutJob{a_job(30)}, ports::PutEvent{an_event(1'040)})));
    auto answers = house.commit_all({put_jobs(Commit::Kind::ask, 1, 4),
                                     put_jobs(Commit::Kind::ask, 28, 33),  // 30 is there
                                     put_jobs(Commit::Kind::ask, 40, 41),  // and event 1,040
                                     put_jobs(Commit::Kind::ask, 50, 59)});
    REQUIRE(answers.size() == 4);
    CHECK(answers[0].ok());
    REQUIRE(!answers[1].ok());
    CHECK(answers[1].error().what == "job 30 is there already");
    REQUIRE(!answers[2].ok());
    CHECK(answers[2].error().what == "event 1040 is there already");
    CHECK(answers[3].ok());
    CHECK(jobs_of(house) == 13);
    CHECK(events_of(house) == 13);
}

}  // namespace lares::store
