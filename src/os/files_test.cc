// os/files_test.cc: files, users, and words of errno.

#include "os/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "os/system_error.h"
#include "os/temporary_test.h"
#include "os/users.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

TEST_CASE("a file is read whole, up to the bytes allowed") {
    Temporary folder;
    folder.write("a", std::string(50'000, 'x'));
    CHECK(read_file(folder.path("a"), 50'000)->size() == 50'000);
    auto long_one = read_file(folder.path("a"), 49'999);
    REQUIRE(!long_one.ok());
    CHECK(long_one.error().kind == Error::Kind::invalid);
}

TEST_CASE("what cannot be read is told with its path and cause") {
    Temporary folder;
    auto absent = read_file(folder.path("no"), 10);
    REQUIRE(!absent.ok());
    CHECK(absent.error().kind == Error::Kind::not_found);
    CHECK(absent.error().what == "open '" + folder.path("no") + "': no such file or directory");
    auto directory = read_file(folder.path(""), 10);
    REQUIRE(!directory.ok());
    CHECK(directory.error().what == "read '" + folder.path("") + "': is a directory");
}

TEST_CASE("a fifo without a writer does not hold the reader") {
    Temporary folder;
    REQUIRE(::mkfifo(folder.path("fifo").c_str(), 0600) == 0);
    CHECK(read_file(folder.path("fifo"), 10).ok());
}

TEST_CASE("globs give sorted paths, or none") {
    Temporary folder;
    folder.write("b.conf", "");
    folder.write("a.conf", "");
    folder.write("B.conf", "");
    folder.write("c.txt", "");
    CHECK(glob(folder.path("*.conf")) ==
          std::vector{folder.path("B.conf"), folder.path("a.conf"), folder.path("b.conf")});
    CHECK(glob(folder.path("*.none")).empty());
    CHECK(glob(folder.path("c.txt")) == std::vector{folder.path("c.txt")});
}

TEST_CASE("users and groups are found by name and by number") {
    auto root = find_user("root");
    REQUIRE(root);
    CHECK(root->uid == 0);
    CHECK(root->home == "/root");
    CHECK(find_user("0")->name == "root");
    CHECK(!find_user("no-such-user"));
    CHECK(!find_user("4294967000"));
    CHECK(!find_user(""));
    CHECK(!find_user("0x0"));
    CHECK(find_group("root") == 0u);
    CHECK(find_group("0") == 0u);
    CHECK(!find_group("no-such-group"));
}

TEST_CASE("a user nobody knows has its own group only") {
    CHECK(groups_of("no-such-user", 54'321) == std::vector{54'321u});
}

TEST_CASE("errno becomes words that fit into a sentence") {
    CHECK(errno_name(EACCES) == "EACCES");
    CHECK(errno_name(99'999) == "errno 99999");
    CHECK(errno_words(ENOSPC) == "no space left on device");
    CHECK(system_error("open", "/x", EACCES).kind == Error::Kind::denied);
    CHECK(system_error("pipe", {}, EMFILE).what == "pipe: too many open files");
}

TEST_CASE("names are quoted as Python's %r does") {
    CHECK(quoted("x") == "'x'");
    CHECK(quoted("it's") == "\"it's\"");
    CHECK(quoted("a'b\"c") == "'a\\'b\"c'");
    CHECK(quoted("a\\b\n") == "'a\\\\b\\n'");
}
