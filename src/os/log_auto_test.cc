// os/log_auto_test.cc: AUTO logs, made and deleted.

#include "os/log_auto.h"

#include <doctest/doctest.h>

#include <set>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

TEST_CASE("an AUTO log has supervisord's name, mode 0600, and is new each time") {
    Folder folder;
    std::set<std::string> paths;
    for (int i = 0; i < 20; ++i) {
        auto path = make_auto_log({folder.path(), "web_00", "stdout", "lares"});
        REQUIRE(path);
        CHECK(path->starts_with(folder / "web_00-stdout---lares-"));
        CHECK(path->size() == (folder / "web_00-stdout---lares-12345678.log").size());
        CHECK(path->ends_with(".log"));
        CHECK(mode_of(*path) == 0600);
        CHECK(is_auto_log(std::filesystem::path(*path).filename().string(), "lares"));
        paths.insert(*path);
    }
    CHECK(paths.size() == 20);
}

TEST_CASE("an AUTO log is not made in a folder that is missing") {
    auto path = make_auto_log({"/nonexistent-lares", "web", "stderr", "lares"});
    REQUIRE_FALSE(path);
    CHECK(path.error().kind == Error::Kind::not_found);
}

TEST_CASE("what counts as an AUTO log is supervisord's pattern") {
    struct Row {
        char const* name;
        bool is_one;
    };
    // clang-format off
    Row const rows[] = {
        {"web-stdout---lares-a1b2c3d4.log",       true},
        {"web-stderr---lares-a1b2c3d4.log",       true},
        {"web-stdout---lares-a1b2c3d4.log.1",     true},
        {"web-stdout---lares-a1b2c3d4.log.12345", true},   // the pattern need not reach the end
        {"web-stdout---lares-a1b2c3d4.log.2.gz",  true},
        {"a b-stdout---lares-x.log",              true},   // spaces before the identifier are fine
        {"x---lares-y---lares-z.log",             true},
        {"---lares-a1b2c3d4.log",                 false},  // something must come before
        {"web-stdout---lares-.log",               false},  // and between
        {"web-stdout---lares-a b.log",            false},
        {"web-stdout---other-a1b2c3d4.log",       false},
        {"web-stdout---lares2-a1b2c3d4.log",      false},
        {"web-stdout---lares-a1b2c3d4.txt",       false},
        {"web-stdout--lares-a1b2c3d4.log",        false},
        {"web.log",                               false},
    };
    // clang-format on
    for (Row const& row : rows) {
        CAPTURE(row.name);
        CHECK(is_auto_log(row.name, "lares") == row.is_one);
    }
}

TEST_CASE("a start deletes the AUTO logs of its identifier, and nothing that is no regular file") {
    Folder folder;
    for (char const* name :
         {"a-stdout---lares-11111111.log", "a-stdout---lares-11111111.log.1",
          "a-stdout---lares-11111111.log.2.gz", "b-stdout---other-1.log", "c.log"}) {
        put_file(folder / name, "x");
    }
    std::filesystem::create_directory(folder / "d-stdout---lares-2.log");
    std::filesystem::create_symlink(folder / "c.log", folder / "e-stdout---lares-3.log");
    auto deleted = delete_auto_logs(folder.path(), "lares");
    REQUIRE(deleted);
    CHECK(*deleted == 3);
    CHECK(folder.names() ==
          "b-stdout---other-1.log c.log d-stdout---lares-2.log e-stdout---lares-3.log");
    CHECK_FALSE(delete_auto_logs("/nonexistent-lares", "lares"));
}
