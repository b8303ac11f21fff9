// os/file_facts_test.cc: what tells a file from the next one with its number.

#include "os/file_facts.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "os/fd.h"
#include "os/intake_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

TEST_CASE("the facts of a name and of an open file are those of stat, and its birth") {
    Temporary folder;
    folder.write("x", "text");
    struct stat found{};
    REQUIRE(::lstat(folder.path("x").c_str(), &found) == 0);
    FileFacts named, open;
    REQUIRE(read_facts(AT_FDCWD, folder.path("x").c_str(), named));
    Fd file(::open(folder.path("x").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(read_facts(file.get(), open));
    for (FileFacts const& each : {named, open}) {
        CHECK(each.device == found.st_dev);
        CHECK(each.inode == found.st_ino);
        CHECK(each.size == 4);
        CHECK(each.mode == found.st_mode);
        CHECK(each.mtime_ns ==
              std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec);
        CHECK(each.ctime_ns ==
              std::int64_t{found.st_ctim.tv_sec} * 1'000'000'000 + found.st_ctim.tv_nsec);
        CHECK(each.birth_ns == named.birth_ns);
    }
    CHECK_FALSE(read_facts(AT_FDCWD, folder.path("y").c_str(), named));
    CHECK(identity_at(folder.path("y")).inode == 0);
    // A link is itself, not what it leads to.
    std::filesystem::create_symlink(folder.path("x"), folder.path("link"));
    REQUIRE(read_facts(AT_FDCWD, folder.path("link").c_str(), named));
    CHECK(S_ISLNK(named.mode));
}

TEST_CASE("a rename and a write keep a file's birth; one made in its place has another") {
    Temporary folder;
    folder.write("x", "text");
    auto born = identity_at(folder.path("x"));
    if (born.birth_ns == 0) return skipped("this file system keeps no births");
    std::filesystem::rename(folder.path("x"), folder.path("y"));
    folder.write("y", "more");
    CHECK(identity_at(folder.path("y")).birth_ns == born.birth_ns);
    CHECK(identity_at(folder.path("y")).inode == born.inode);
    // The clock of births ticks every few milliseconds.
    Instant end = Loop::now() + 10s;
    auto next = born;
    while (next.birth_ns == born.birth_ns && Loop::now() < end) {
        std::filesystem::remove(folder.path("y"));
        folder.write("y", "text");
        next = identity_at(folder.path("y"));
    }
    CHECK(next.birth_ns > born.birth_ns);
}

TEST_CASE("a number is one file's as far as births are known") {
    FileFacts facts{.device = 1, .inode = 2, .birth_ns = 3};
    CHECK(is_that(facts, {1, 2, 3}));
    CHECK(is_that(facts, {1, 2, 0}));
    CHECK_FALSE(is_that(facts, {1, 2, 4}));
    CHECK_FALSE(is_that(facts, {1, 3, 3}));
    CHECK_FALSE(is_that(facts, {2, 2, 3}));
    CHECK_FALSE(is_that(facts, {}));
    facts.birth_ns = 0;
    CHECK(is_that(facts, {1, 2, 4}));
}
