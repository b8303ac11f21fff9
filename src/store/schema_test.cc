// store/schema_test.cc: steps forward, with a copy of what was there before each.

#include "store/schema.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "store/world_test.h"

namespace lares::store {

using namespace testing;

namespace {

std::vector<Migration> with_more() {
    std::vector<Migration> steps{migrations().front()};
    steps.push_back(
        {2,
         "notes",
         {"create table notes (id integer primary key)", "insert into notes (id) values (1)"}});
    steps.push_back(
        {3,
         "broken",
         {"create table more (id integer primary key)", "insert into nowhere (id) values (1)"}});
    return steps;
}

std::unique_ptr<Database> open_it(std::string const& path) {
    auto database = Database::open(path, {.kind = Access::Kind::create});
    REQUIRE(database);
    return std::move(database).take();
}

}  // namespace

TEST_CASE("the numbers of the migrations have no gaps") {
    int number = 0;
    for (Migration const& each : migrations()) CHECK(each.number == ++number);
}

TEST_CASE("an empty database is brought to today's form without a backup") {
    Folder folder;
    auto database = open_it(folder / "a.db");
    CHECK(*schema_version(*database) == 0);
    auto migrated = migrate(*database, migrations());
    REQUIRE(migrated);
    CHECK(migrated->to == static_cast<int>(migrations().size()));
    CHECK(migrated->backups.empty());
    CHECK(migrate(*database, migrations())->backups.empty());
}

TEST_CASE("rows of files from before births were noted say that theirs is not known") {
    Folder folder;
    auto database = open_it(folder / "a.db");
    REQUIRE(migrate(*database, migrations().first(3)));
    REQUIRE(
        database->execute("insert into files (id, folder, path, device, inode, size, mtime_ns, "
                          "hash, state, job, seen,"
                          " ended, destination, words) values (1, 'in', '/in/x', 1, 2, 3, 4, '', "
                          "'kept', 0, 0, 0, '', '')"));
    REQUIRE(migrate(*database, migrations()));
    CHECK(*database->number_of("select birth_ns from files where inode = 2") == 0);
}

TEST_CASE("before each further step the database is copied; a step that fails changes nothing") {
    Folder folder;
    auto database = open_it(folder / "a.db");
    REQUIRE(migrate(*database, migrations().first(1)));
    REQUIRE(database->execute("insert into marks (name, value) values ('a', 'b')"));
    write_file(folder / "a.db.before-2.part", "left by a death");
    auto steps = with_more();
    auto migrated = migrate(*database, std::span(steps).first(2));
    REQUIRE(migrated);
    CHECK(migrated->backups == std::vector{folder / "a.db.before-2"});
    struct stat there{};
    REQUIRE(::stat((folder / "a.db.before-2").c_str(), &there) == 0);
    CHECK((there.st_mode & 0777) == 0600);
    CHECK(::stat((folder / "a.db.before-2.part").c_str(), &there) != 0);
    auto before = open_it(folder / "a.db.before-2");
    CHECK(*schema_version(*before) == 1);
    CHECK(*before->text_of("select value from marks where name = 'a'") == "b");

    auto broken = migrate(*database, steps);
    REQUIRE(!broken);
    CHECK(broken.error().what.starts_with("migration 3 (broken): database '"));
    CHECK(*schema_version(*database) == 2);
    CHECK(*database->number_of("select count(*) from sqlite_master where name = 'more'") == 0);
    CHECK(*schema_version(*open_it(folder / "a.db.before-3")) == 2);
}

TEST_CASE("without a backup there is no migration") {
    Folder folder;
    auto database = open_it(folder / "a.db");
    REQUIRE(migrate(*database, migrations().first(1)));
    ::mkdir((folder / "a.db.before-2").c_str(), 0700);  // nothing can be renamed to that
    auto steps = with_more();
    auto migrated = migrate(*database, std::span(steps).first(2));
    REQUIRE(!migrated);
    CHECK(migrated.error().what.starts_with("backup before migration: "));
    CHECK(*schema_version(*database) == 1);
}

}  // namespace lares::store
