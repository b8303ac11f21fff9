// os/private_directory_test.cc: that the folder is private, whole, and told of when it cannot be
// made.

#include "os/private_directory.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/temporary_test.h"

using namespace lares::os;
using lares::os::testing::Temporary;

namespace {

unsigned mode_of(std::string const& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("the last folder is for its owner alone, those above it are as usual") {
    Temporary folder;
    auto mask = ::umask(0077);
    CHECK(make_private_directory(folder.path("a/b/c")));
    ::umask(mask);
    CHECK(mode_of(folder.path("a/b/c")) == 0700);
    CHECK(mode_of(folder.path("a/b")) == 0755);
    CHECK(make_private_directory(folder.path("a/b/c")));
}

TEST_CASE("what is in the way of the folder is named") {
    Temporary folder;
    folder.write("a", "text");
    auto made = make_private_directory(folder.path("a"));
    REQUIRE_FALSE(made);
    CHECK(made.error().what == "'" + folder.path("a") + "' is in the way: it is not a directory");
    CHECK_FALSE(make_private_directory(folder.path("a/b")));
}

TEST_CASE("a folder made for a user is the user's") {
    if (::geteuid() != 0) return;
    Temporary folder;
    CHECK(make_private_directory(folder.path("u"), {.uid = 65534, .gid = 65534}));
    struct stat found{};
    REQUIRE(::stat(folder.path("u").c_str(), &found) == 0);
    CHECK(found.st_uid == 65534);
    CHECK(make_private_directory(folder.path("u"), {.uid = 65534, .gid = 65534}));
}
