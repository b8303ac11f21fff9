// os/store_file_test.cc: files that are whole or not there.

#include "os/store_file.h"

#include <doctest/doctest.h>

#include "os/files.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using lares::os::testing::Temporary;

TEST_CASE("a stored file holds its bytes, and its folder is made") {
    Temporary folder;
    auto path = folder.path("revisions/000001");
    REQUIRE(store_file(path, std::string_view("a\0b\n", 4)));
    CHECK(*read_file(path, 100) == std::string("a\0b\n", 4));
    REQUIRE(store_file(path, "other"));
    CHECK(*read_file(path, 100) == "other");
    CHECK(glob(folder.path("revisions/*")).size() == 1);
}

TEST_CASE("what cannot be stored is an error in words and leaves what there was") {
    Temporary folder;
    auto path = folder.path("x");
    CHECK_FALSE(store_file(folder.path("no/such/x"), "text").ok());
    REQUIRE(store_file(path, "text"));
    auto stored = store_file(path + "/below", "text");
    REQUIRE_FALSE(stored.ok());
    CHECK(stored.error().what.find(path) != std::string::npos);
    CHECK(*read_file(path, 100) == "text");
}

TEST_CASE("a removed file is gone, and one that was not there is told of") {
    Temporary folder;
    REQUIRE(store_file(folder.path("x"), "text"));
    CHECK(remove_file(folder.path("x")).ok());
    CHECK(remove_file(folder.path("x")).error().kind == Error::Kind::not_found);
}
