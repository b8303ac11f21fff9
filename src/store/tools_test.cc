// store/tools_test.cc: check, backup, vacuum beside a daemon; payloads; what is pruned and what
// not.

#include "store/tools.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/limits.h"
#include "store/payloads.h"
#include "store/world_test.h"

namespace lares::store {

using namespace testing;

namespace {

/// Not a hash that anybody should use.
std::string toy_hash(std::string_view bytes) {
    std::uint64_t sum = 1469598103934665603ULL;
    for (char each : bytes) sum = (sum ^ static_cast<unsigned char>(each)) * 1099511628211ULL;
    std::string hex;
    for (int i = 0; i < 64; ++i) hex += "0123456789abcdef"[(sum >> (i % 16 * 4)) & 15];
    return hex;
}

job::Job an_ended_job(job::Id id, std::int64_t ended, job::State state = job::State::done) {
    job::Job job = a_job(id);
    job.state = state;
    job.ended = at(ended);
    return job;
}

}  // namespace

TEST_CASE("a database can be looked at, copied and packed while a daemon writes to it") {
    Folder folder;
    House house(folder / "lares.db");
    ports::Commit commit = ask();
    for (int i = 0; i < 2'000; ++i)
        commit.writes.emplace_back(ports::PutJob{an_ended_job(house.store->next_id(), 1)});
    REQUIRE(house.commit(std::move(commit)));

    auto report = check(folder / "lares.db", Depth::full);
    REQUIRE(report);
    CHECK(report->is_sound());
    CHECK(report->rows.at(0) == std::pair<std::string, std::int64_t>{"jobs", 2'000});
    CHECK(report->schema == report->schema_known);
    CHECK(print(*report).find("jobs      2000 rows\n") != std::string::npos);
    CHECK(print(*report).find("sound     yes\n") != std::string::npos);

    write_file(folder / "copy.db", "something older");
    REQUIRE(backup(folder / "lares.db", folder / "copy.db"));
    struct stat there{};
    REQUIRE(::stat((folder / "copy.db").c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0600);
    REQUIRE(house.commit(ask(ports::PutJob{a_job(house.store->next_id())})));
    {
        House copy(folder / "copy.db");
        CHECK(copy.read(ports::CountsAsked{})->counts.at(0).jobs == 2'000);
    }
    auto itself = backup(folder / "lares.db", folder / "lares.db");
    REQUIRE(!itself);
    CHECK(itself.error().kind == Error::Kind::invalid);
    CHECK(!backup(folder / "lares.db", folder / "no/copy.db"));
    CHECK(!backup(folder / "none.db", folder / "copy2.db"));
    CHECK(::stat((folder / "none.db").c_str(), &there) != 0);

    while (house.prune({.jobs_for = Duration(1)}, at(1'000'000))->more) {
    }
    auto vacuumed = vacuum(folder / "lares.db");
    REQUIRE(vacuumed);
    CHECK(vacuumed->bytes_after < vacuumed->bytes_before);
    REQUIRE(house.commit(ask(ports::PutJob{a_job(house.store->next_id())})));
    CHECK(house.read(ports::LiveJobs{})->jobs.size() == 2);
    CHECK(check(folder / "lares.db", Depth::full)->is_sound());
}

TEST_CASE("pruning goes in slices, and numbers of rows that are gone are not given again") {
    Folder folder;
    std::uint64_t last = 0;
    {
        House house(folder / "lares.db");
        ports::Commit commit = ask();
        for (int i = 0; i < 2'500; ++i) {
            job::Id id = house.store->next_id();
            commit.writes.emplace_back(ports::PutJob{an_ended_job(id, 1 + i)});
            commit.writes.emplace_back(ports::PutRun{{.run = id,
                                                      .kind = "job",
                                                      .job = id,
                                                      .ended = at(5),
                                                      .log = "/" + std::to_string(id)}});
        }
        REQUIRE(house.commit(std::move(commit)));
        std::int64_t jobs = 0, slices = 0;
        std::size_t logs = 0;
        bool more = true;
        while (more) {
            auto pruned = house.prune({.jobs = 100}, at(1));
            REQUIRE(pruned);
            CHECK(pruned->jobs + pruned->runs <= std::int64_t{limits::store_slice} + 1);
            jobs += pruned->jobs;
            logs += pruned->logs.size();
            slices += 1;
            more = pruned->more;
        }
        CHECK(jobs == 2'400);
        CHECK(logs == 2'400);
        CHECK(slices >= 5);
        CHECK(house.read(ports::JobsAsked{.limit = 1'000})->jobs.back().ended == at(2'401));
        REQUIRE(house.prune({.jobs_for = Duration(1)}, at(1'000'000)));
        last = house.store->next_id();
    }
    House house(folder / "lares.db");
    CHECK(house.read(ports::JobsAsked{})->jobs.empty());
    CHECK(house.store->next_id() >= last);
}

TEST_CASE("what lives is never pruned, what is dead and its evidence only in its own time") {
    Folder folder;
    House house(folder / "lares.db");
    job::Job live = a_job(1);
    job::Job dead = an_ended_job(2, 1, job::State::dead);
    dead.payload_file = "sha256:shared";
    job::Job done = an_ended_job(3, 1);
    done.payload_file = "sha256:shared";
    auto a_run = [](std::uint64_t run, job::Id job, std::string log, std::int64_t ended) {
        return ports::PutRun{
            {.run = run, .kind = "job", .job = job, .ended = at(ended), .log = std::move(log)}};
    };
    REQUIRE(house.commit(ask(ports::PutJob{live}, ports::PutJob{dead}, ports::PutJob{done},
                             a_run(1, 1, "/1", 1), a_run(2, 2, "/2", 1), a_run(3, 3, "/3", 1),
                             a_run(4, 3, "/both", 1), a_run(5, 3, "/both", 0),
                             ports::PutFile{{.id = 9, .state = "done", .job = 3}})));
    ports::Retention keep{
        .jobs_for = Duration(1), .dead_for = Duration(100), .runs_for = Duration(1)};
    auto pruned = house.prune(keep, at(50));
    REQUIRE(pruned);
    CHECK(pruned->jobs == 1);
    CHECK(pruned->runs == 2);
    CHECK(pruned->files == 1);
    CHECK(pruned->logs == std::vector<std::string>{"/3"});
    CHECK(pruned->payload_files.empty());
    CHECK(house.read(ports::RunsAsked{})->runs.size() == 3);
    pruned = house.prune(keep, at(500));
    CHECK(pruned->jobs == 1);
    CHECK(pruned->payload_files == std::vector<std::string>{"sha256:shared"});
    CHECK(house.read(ports::LiveJobs{})->jobs.size() == 1);
    CHECK(house.read(ports::RunsAsked{.job = 1})->runs.size() == 1);
}

TEST_CASE("a file of which much is free becomes smaller") {
    Folder folder;
    House house(folder / "lares.db");
    ports::Commit commit = ask();
    ports::EventRow event = an_event(0);
    event.data = std::string(3'000, 'x');
    for (int i = 0; i < 6'000; ++i) commit.writes.emplace_back(ports::PutEvent{event});
    REQUIRE(house.commit(std::move(commit)));
    std::int64_t before = check(folder / "lares.db", Depth::quick)->pages;
    while (house.prune({.events_for = Duration(1)}, at(1'000'000))->more) {
    }
    CHECK(check(folder / "lares.db", Depth::quick)->pages < before);
}

TEST_CASE("a large payload comes back whole, or is said to be damaged") {
    Folder folder;
    Payloads payloads(folder / "sub/payloads", toy_hash);
    std::string large(limits::payload_inline_bytes + 1, '\x00');
    auto name = payloads.write(large);
    REQUIRE(name);
    CHECK(*name == "sha256:" + toy_hash(large));
    CHECK(*payloads.read(*name) == large);
    CHECK(*payloads.write(large) == *name);
    std::string file = folder / ("sub/payloads/" + toy_hash(large));
    write_file(file, "half of it");
    auto damaged = payloads.read(*name);
    REQUIRE(!damaged);
    CHECK(damaged.error().kind == Error::Kind::io);
    REQUIRE(payloads.write(large));  // mends it
    CHECK(*payloads.read(*name) == large);

    REQUIRE(payloads.remove(*name, at(1'000)));  // written since: somebody may be about to name it
    CHECK(payloads.read(*name));
    REQUIRE(payloads.remove(*name, at(std::int64_t{1} << 45)));
    CHECK(payloads.read(*name).error().kind == Error::Kind::not_found);
    CHECK(payloads.remove(*name, at(std::int64_t{1} << 45)));

    for (char const* bad : {"", "sha256:", "sha256:../../etc/passwd", "/etc/passwd"}) {
        CHECK(payloads.read(bad).error().kind == Error::Kind::invalid);
        CHECK(!payloads.remove(bad, at(1)));
    }
    CHECK(!payloads.write(std::string(limits::payload_bytes + 1, 'x')));
}

}  // namespace lares::store
