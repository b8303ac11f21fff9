// apps/capture/naming_test.cc: names and folders that librarians' scripts rely upon.

#include "apps/capture/naming.h"

#include <doctest/doctest.h>

namespace lares::capture {

TEST_CASE("a name gives its folder by date and hour, and comes back whole") {
    struct Row {
        char const *name, *folder, *source;
        std::int64_t opened;
        int number;
    };
    Row const rows[] = {
        {"twitterfilter-2-2014-04-11T04-34-28Z.gz", "twitterfilter-2/2014/04/11/04",
         "twitterfilter-2", 1397190868, 1},
        {"streamsample-2014-03-30T02-00-00Z.gz", "streamsample/2014/03/30/02", "streamsample",
         1396144800, 1},
        {"a-2024-02-29T23-59-59Z-2.zst", "a/2024/02/29/23", "a", 1709251199, 2},
        {"a-1969-12-31T23-59-59Z", "a/1969/12/31/23", "a", -1, 1},
    };
    for (auto const& row : rows) {
        auto name = parse_file_name(row.name);
        REQUIRE(name);
        CHECK(name->source == row.source);
        CHECK(name->opened == row.opened);
        CHECK(name->number == row.number);
        CHECK(folder_of(*name) == row.folder);
        CHECK(file_name(*name) == row.name);
    }
}

TEST_CASE("older files with colons are read; their folder is the same") {
    auto name = parse_file_name("twitterfilter-2-2014-04-11T04:34:28Z.gz");
    REQUIRE(name);
    CHECK(folder_of(*name) == "twitterfilter-2/2014/04/11/04");
    CHECK(file_name(*name) == "twitterfilter-2-2014-04-11T04-34-28Z.gz");
}

TEST_CASE("what is no archive file's name is none") {
    for (auto const* each :
         {"", "Z", "x.gz", "2014-04-11T04-34-28Z.gz", "-2014-04-11T04-34-28Z",
          "a-2014-13-11T04-34-28Z.gz", "a-2014-02-30T04-34-28Z.gz", "a-2014-04-11T24-34-28Z.gz",
          "a-2014-04-11T04-34-28Z-1.gz", "a-2014-04-11T04-34-28Z-x.gz",
          "a-2014-04-11T04-34-28Z.gz.json", "a_2014-04-11T04-34-28Z.gz"})
        CHECK_MESSAGE(!parse_file_name(each), each);
}

TEST_CASE("a source's name can be a folder, a program and part of a file's name") {
    for (auto const* each : {"a", "twitterfilter-2", "Bluesky_news.de"})
        CHECK(check_source_name(each).ok());
    for (auto const* each : {"", ".hidden", "-x", "a/b", "a b", "ü", "a\nb"})
        CHECK_MESSAGE(!check_source_name(each).ok(), each);
}

}  // namespace lares::capture
