// os/durable_file_test.cc: the file is the new one or the old one, and nothing lies beside it.

#include "os/durable_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include "os/files.h"
#include "os/temporary_test.h"

using namespace lares::os;
using lares::os::testing::Temporary;

TEST_CASE("a file is made and replaced, with nothing left beside it") {
    Temporary folder;
    auto path = folder.path("remembered");
    CHECK(replace_durably(path, "one\n"));
    CHECK(replace_durably(path, std::string("t\0o", 3)));
    CHECK(*read_file(path, 100) == std::string("t\0o", 3));
    CHECK(::access((path + ".new").c_str(), F_OK) != 0);
}

TEST_CASE("where it cannot be written the old one stays, and the reason is told") {
    Temporary folder;
    auto written = replace_durably(folder.path("none/remembered"), "x");
    REQUIRE_FALSE(written);
    CHECK(written.error().what.find("none/remembered.new': no such file") != std::string::npos);
}
