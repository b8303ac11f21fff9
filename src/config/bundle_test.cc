// config/bundle_test.cc: what was recorded reads again the same, from any bytes.

#include "config/bundle.h"

#include <doctest/doctest.h>

#include "config/memory_world.h"
#include "config/state_directory.h"

using namespace lares;
using namespace lares::config;

namespace {

MemoryFiles const files{
    {"/etc/lares.conf", "[supervisord]\n[include]\nfiles = conf.d/*.conf\n"},
    {"/etc/conf.d/a.conf", "[program:a]\ncommand = cat %(here)s\n"},
    {"/etc/conf.d/b.conf", "[program:b]\ncommand = cat \xc3\xa4\n"},
};

Bundle recorded(MemoryFiles from = files) {
    Bundle bundle;
    auto loaded = load_recorded(memory_world(std::move(from)), "/etc/lares.conf",
                                {{"loglevel", "debug"}}, bundle);
    REQUIRE(loaded.settings);
    return bundle;
}

}  // namespace

TEST_CASE("a recorded configuration reads again the same when the disk has none of it") {
    auto bundle = recorded();
    auto before = load(memory_world(files), "/etc/lares.conf", {{"loglevel", "debug"}});
    auto again = load_bundle(memory_world({}), bundle);
    REQUIRE(again.settings);
    CHECK(again.settings->programs == before.settings->programs);
    CHECK(again.settings->groups == before.settings->groups);
    CHECK(again.settings->daemon == before.settings->daemon);
}

TEST_CASE("a revision comes back from its file as it was written") {
    auto bundle = recorded();
    bundle.revision = 12;
    bundle.when = 1'700'000'000;
    bundle.by = "client";
    bundle.cause = "update\nwith a line";
    bundle.programs = 2;
    bundle.files["/odd\nname"] = std::string("\0end 0\n\n", 8);
    auto again = parse_bundle(print_bundle(bundle));
    REQUIRE(again);
    CHECK(print_bundle(*again) == print_bundle(bundle));
    CHECK(again->overrides == bundle.overrides);
    CHECK(again->files == bundle.files);
    CHECK(again->globs == bundle.globs);
}

TEST_CASE("a revision that was cut, lengthened or spoilt is refused, never half read") {
    auto whole = print_bundle(recorded());
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_FALSE(parse_bundle(std::string_view(whole).substr(0, length)).ok());
    CHECK_FALSE(parse_bundle(whole + "x").ok());
    CHECK_FALSE(parse_bundle("lares revision 1\nfile -5\nx\n").ok());
    CHECK_FALSE(parse_bundle("lares revision 1\nfile 99999999999999999999\nx\n").ok());
}

TEST_CASE("the newest revision that is whole is the one applied") {
    auto bundle = recorded();
    auto text = [&](int number) {
        bundle.revision = number;
        return print_bundle(bundle);
    };
    MemoryFiles disk{{"/state/revisions/000009", text(9)},
                     {"/state/revisions/000010", text(10)},
                     {"/state/revisions/000011", text(11).substr(0, 50)},
                     {"/state/revisions/x", "no revision"}};
    auto newest = newest_revision(memory_world(disk), "/state");
    REQUIRE(newest);
    CHECK(newest->revision == 10);
    CHECK(newest_revision(memory_world({}), "/state").error().kind == Error::Kind::not_found);
    CHECK(revision_path("/state", 12) == "/state/revisions/000012");
}

TEST_CASE("who follows another runs what was applied, also when the files are broken by now") {
    auto bundle = recorded();
    bundle.revision = 3;
    auto disk = files;
    disk["/etc/conf.d/a.conf"] = "[program:a]\nstartsecs = 1\n";
    disk[default_state_directory(memory_world({}), "/etc/lares.conf") + "/revisions/000003"] =
        print_bundle(bundle);
    Bundle used;
    auto loaded = load_applied(memory_world(disk), "/etc/lares.conf", {}, used);
    REQUIRE(loaded.settings);
    CHECK(loaded.settings->find_program("a")->command == "cat /etc/conf.d");
    CHECK(used.revision == 3);
    Bundle fresh;
    CHECK(load_applied(memory_world(files), "/etc/lares.conf", {}, fresh).settings);
    CHECK(fresh.revision == 0);
}

TEST_CASE("files that changed, appeared and vanished are named") {
    auto other = files;
    other["/etc/conf.d/b.conf"] = "[program:b]\ncommand = dog\n";
    other["/etc/conf.d/c.conf"] = "[program:c]\ncommand = cat\n";
    other.erase("/etc/conf.d/a.conf");
    CHECK(
        differing_files(recorded(), recorded(other)) ==
        std::vector<std::string>{"/etc/conf.d/a.conf", "/etc/conf.d/b.conf", "/etc/conf.d/c.conf"});
    CHECK(contents_of(recorded()) == contents_of(recorded()));
    CHECK(contents_of(recorded()) != contents_of(recorded(other)));
}
