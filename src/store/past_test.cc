// store/past_test.cc: the past read beside a store that is open.

#include "store/past.h"

#include <doctest/doctest.h>

#include "store/world_test.h"

namespace lares::store {

using namespace testing;

namespace {

ports::RunRow a_run(std::uint64_t run, job::Id job, std::int64_t started, std::int64_t ms) {
    ports::RunRow row;
    row.run = run;
    row.kind = "job";
    row.subject = "report";
    row.job = job;
    row.started = WallTime(std::chrono::seconds(started));
    row.ended = row.started + Duration(ms);
    row.wall = Duration(ms);
    row.outcome = "ok";
    return row;
}

}  // namespace

TEST_CASE("the past is read while a daemon has the database open, and only since it was asked") {
    Folder folder;
    House house(folder / "lares.db");
    job::Job by_clock = a_job(house.store->next_id()), by_hand = a_job(house.store->next_id());
    by_clock.source = "schedule 0 3 * * *";
    by_hand.source = "put by anna";
    by_hand.key = "k";
    by_clock.created = by_hand.created = WallTime(std::chrono::seconds(2000));
    ports::RunRow open_run = a_run(4, by_hand.id, 2500, 0);
    open_run.ended = {};
    ports::RunRow failed = a_run(2, by_clock.id, 2000, 5'000);
    failed.outcome = "error";
    failed.code = 3;
    REQUIRE(house.commit(ask(ports::PutJob{by_clock}, ports::PutJob{by_hand},
                             ports::PutRun{a_run(1, 77, 500, 9'000)}, ports::PutRun{failed},
                             ports::PutRun{a_run(3, by_hand.id, 2100, 7'000)},
                             ports::PutRun{open_run})));
    auto const past = read_past(folder / "lares.db", 1000);
    REQUIRE(past);
    CHECK(past->runs == 2);
    CHECK(past->arrivals == 1);
    CHECK(past->first == 2000);
    CHECK(past->last == 2100);
    using simulate::Attempt;
    CHECK(past->tasks.at("report").attempts ==
          std::vector<Attempt>{{5, Attempt::How::error, 3}, {7}});
    CHECK(past->tasks.at(by_hand.task).arrivals ==
          std::vector<simulate::Arrival>{{.at = 2000, .key = by_hand.key}});
    CHECK(!past->is_cut);
    auto const newest = read_past(folder / "lares.db", 1000, 1);
    REQUIRE(newest);
    CHECK(newest->is_cut);
    CHECK(newest->tasks.at("report").attempts == std::vector<Attempt>{{7}});
}

TEST_CASE("a past that is not there, or is no database of Lares, is an error with the path") {
    Folder folder;
    CHECK(!read_past(folder / "none.db", 0));
    write_file(folder / "text.db", "this is no database, it is a text");
    auto const past = read_past(folder / "text.db", 0);
    REQUIRE(!past);
    CHECK(past.error().what.find("text.db") != std::string::npos);
    write_file(folder / "empty.db", "");
    auto const empty = read_past(folder / "empty.db", 0);
    REQUIRE(empty);
    CHECK(empty->runs == 0);
}

}  // namespace lares::store
