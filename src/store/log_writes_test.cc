// store/log_writes_test.cc: one write for a transaction, and nothing of one that was undone.

#include "store/log_writes.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include "store/dialect.h"
#include "store/sql.h"
#include "store/world_test.h"

namespace lares::store {

using namespace testing;

namespace {

std::unique_ptr<Database> open_writer(std::string const& path) {
    auto database = std::move(Database::open(path, {.kind = Access::Kind::create})).take();
    for (auto const& each : dialect::writer_settings()) REQUIRE(database->execute(each));
    REQUIRE(*database->text_of(dialect::keep_log) == "wal");
    REQUIRE(database->execute("create table if not exists t (id integer primary key, text)"));
    return database;
}

/// So many rows of a KB from `first` on.
void insert(Database& database, int first, int count) {
    REQUIRE(database.execute("with recursive n(i) as (select " + std::to_string(first) +
                             " union all select i + 1 from n where i < " +
                             std::to_string(first + count - 1) +
                             ") insert into t select i, printf('%1000d', i) from n"));
}

std::int64_t rows(Database& database) { return *database.number_of("select count(*) from t"); }

}  // namespace

TEST_CASE("what a transaction adds to the log is written at once") {
    Folder folder;
    auto database = open_writer(folder / "a.db");
    insert(*database, 1, 100);  // the log has begun
    auto before = log_writes::counts();
    insert(*database, 101, 20);
    auto after = log_writes::counts();
    CHECK(after.asked - before.asked >= 10);
    CHECK(after.made - before.made == 1);
}

TEST_CASE("whoever reads beside it finds each commit, also a large one") {
    Folder folder;
    auto database = open_writer(folder / "a.db");
    auto reader = std::move(Database::open(folder / "a.db", {.kind = Access::Kind::read})).take();
    int count = 0;
    for (int more : {1, 1'000, 3, 20'000, 1}) {  // more than fits, and past a checkpoint
        insert(*database, count + 1, more);
        count += more;
        CHECK(rows(*reader) == count);
        CHECK(rows(*database) == count);
    }
    CHECK(*reader->text_of("pragma integrity_check") == "ok");
}

TEST_CASE("of a transaction that was undone nothing is written over what another adds") {
    Folder folder;
    auto one = open_writer(folder / "a.db");
    auto other = open_writer(folder / "a.db");
    insert(*one, 1, 100);
    for (int round = 0; round < 5; ++round) {
        REQUIRE(one->execute("pragma cache_size = 10"));  // pages: the rest goes to the log early
        // Then nothing is read from the log when it is undone.
        REQUIRE(one->execute("pragma wal_checkpoint(restart)"));
        REQUIRE(one->execute("begin immediate"));
        insert(*one, 100'000, 90 + 30 * round);
        REQUIRE(one->execute("rollback"));
        insert(*other, 1'000 + 100 * round, 60);
        insert(*one, 10'000 + round, 1);
    }
    auto reader = std::move(Database::open(folder / "a.db", {.kind = Access::Kind::read})).take();
    CHECK(*reader->text_of("pragma integrity_check") == "ok");
    CHECK(rows(*reader) == 100 + 5 * 60 + 5);
}

TEST_CASE("a file that stands between connections of several processes stays whole") {
    Folder folder;
    (void)open_writer(folder / "a.db");  // closed again
    int child = ::fork();
    if (child == 0) {
        auto own = open_writer(folder / "a.db");
        for (int i = 0; i < 50; ++i) insert(*own, 1'000 + 10 * i, 10);
        ::_exit(0);
    }
    auto database = open_writer(folder / "a.db");
    for (int i = 0; i < 50; ++i) insert(*database, 10'000 + 10 * i, 10);
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    CHECK(rows(*database) == 1'000);
    CHECK(*database->text_of("pragma integrity_check") == "ok");
}

}  // namespace lares::store
