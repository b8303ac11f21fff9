// os/binary_check_test.cc: files that are a Lares and files that are not.

#include "os/binary_check.h"

#include <doctest/doctest.h>

#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

namespace {

constexpr Duration limit{10'000};

std::string why(std::string const& path, Duration within = limit) {
    auto found = version_of_binary(path, within);
    return found ? "accepted: " + *found : found.error().what;
}

}  // namespace

TEST_CASE("a program that calls itself lares is accepted with its first line") {
    Temporary folder;
    folder.write("new",
                 "#!/bin/sh\n[ \"$1\" = version ] && echo 'lares 9.9 (abc)' && echo more\nexit 3\n",
                 0755);
    auto found = version_of_binary(folder.path("new"), limit);
    REQUIRE(found.ok());
    CHECK(*found == "lares 9.9 (abc)");
}

TEST_CASE("what cannot be started, or is something else, is refused in words") {
    Temporary folder;
    folder.write("plain", "no program", 0755);
    folder.write("mute", "#!/bin/sh\nexit 0\n", 0755);
    CHECK(why(folder.path("none"))
              .ends_with(
                  "/none' cannot be executed: No such file or directory; nothing was changed"));
    CHECK(why(folder.path("plain")).find("cannot be executed: Exec format error") !=
          std::string::npos);
    CHECK(why("/bin/echo") ==
          "'/bin/echo' is no Lares: it answered 'version' with 'version' where 'lares VERSION' was "
          "expected; nothing was changed");
    CHECK(why(folder.path("mute")).find("it answered 'version' with ''") != std::string::npos);
}

TEST_CASE("one that does not end is ended, with what it started") {
    Temporary folder;
    folder.write("slow", "#!/bin/sh\necho lares 1\nsleep 1000 & echo $! > \"$0.child\"\nwait\n",
                 0755);
    CHECK(why(folder.path("slow"), Duration(1'000))
              .ends_with("did not answer 'version' within 1 s; nothing was changed"));
}

TEST_CASE("our own binary is found") {
    CHECK(own_binary().starts_with("/"));
    CHECK(::access(own_binary().c_str(), X_OK) == 0);
}
