// config/needs_test.cc: circles of depends_on, through programs and groups.

#include "config/needs.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::config;

namespace {

Program program(std::string name, std::vector<std::string> needs) {
    Program made;
    made.name = std::move(name);
    made.depends_on = std::move(needs);
    made.place = {0, 7, 1};
    return made;
}

}  // namespace

TEST_CASE("programs that need each other in a circle are an error that names it") {
    Settings settings;
    settings.programs = {program("a", {"b"}), program("b", {"c"}), program("c", {"a"})};
    auto found = check_needs(settings);
    REQUIRE(found.size() == 1);
    for (auto const* name : {"a", "b", "c"}) CHECK(found[0].what.find(name) != std::string::npos);
    CHECK(found[0].place.line == 7);
}

TEST_CASE("a circle through a group is found") {
    Settings settings;
    settings.programs = {program("a", {"g"}), program("b", {"a"})};
    settings.groups = {{.name = "g", .programs = {"b"}, .implied = false, .place = {}}};
    CHECK(check_needs(settings).size() == 1);
}

TEST_CASE("needs without a circle are no error, and a diamond is none") {
    Settings settings;
    settings.programs = {program("a", {"b", "c"}), program("b", {"d"}), program("c", {"d"}),
                         program("d", {})};
    CHECK(check_needs(settings).empty());
}
