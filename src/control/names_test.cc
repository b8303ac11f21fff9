// control/names_test.cc: what names and patterns mean.

#include "control/names.h"

#include <doctest/doctest.h>

using namespace lares::control;

namespace {

std::vector<ProcessName> house() {
    return {{"db", "db", "db"},
            {"g", "pipe", "pipe"},
            {"g", "w*", "stars"},
            {"g", "web", "page"},
            {"web", "web", "web"},
            {"worker", "worker_0", "worker"},
            {"worker", "worker_1", "worker"}};
}

/// The full names chosen, then "?pattern" for each unknown one, separated by spaces.
std::string chosen(std::vector<std::string> const& patterns) {
    auto names = house();
    auto selection = select(names, patterns);
    std::string all;
    for (auto i : selection.chosen) all += full_name(names[i].group, names[i].process) + " ";
    for (auto const& unknown : selection.unknown) all += "?" + unknown + " ";
    return all.empty() ? all : all.substr(0, all.size() - 1);
}

constexpr char everything[] = "db g:pipe g:w* g:web web worker:worker_0 worker:worker_1";

}  // namespace

TEST_CASE("no pattern, 'all' and '*' mean every process") {
    CHECK(chosen({}) == everything);
    CHECK(chosen({"all"}) == everything);
    CHECK(chosen({"*"}) == everything);
    CHECK(chosen({"*:*"}) == everything);
}

TEST_CASE("a plain name is first the process of a group of its own name") {
    CHECK(chosen({"web"}) == "web");
    CHECK(chosen({"db"}) == "db");
}

TEST_CASE("a plain name that no such group has is a process, then a group, then a program") {
    CHECK(chosen({"worker_1"}) == "worker:worker_1");
    CHECK(chosen({"worker"}) == "worker:worker_0 worker:worker_1");
    CHECK(chosen({"g"}) == "g:pipe g:w* g:web");
    CHECK(chosen({"page"}) == "g:web");
}

TEST_CASE("a name with a colon is exact on both sides, or the whole group") {
    CHECK(chosen({"g:web"}) == "g:web");
    CHECK(chosen({"g:*"}) == "g:pipe g:w* g:web");
    CHECK(chosen({"g:"}) == "g:pipe g:w* g:web");
    CHECK(chosen({"web:web"}) == "web");
    CHECK(chosen({"g:worker_0"}) == "?g:worker_0");
    CHECK(chosen({":web"}) == "?:web");
}

TEST_CASE("globs match process names, and with a colon each side by itself") {
    CHECK(chosen({"worker_*"}) == "worker:worker_0 worker:worker_1");
    CHECK(chosen({"we?"}) == "g:web web");
    CHECK(chosen({"w*:*"}) == "web worker:worker_0 worker:worker_1");
    CHECK(chosen({"*:w[eo]*"}) == "g:web web worker:worker_0 worker:worker_1");
    CHECK(chosen({"?:p*"}) == "g:pipe");
}

TEST_CASE("a program that is called like a glob is found by its exact name alone") {
    CHECK(chosen({"w*"}) == "g:w*");
}

TEST_CASE("each process comes once, where the first pattern put it") {
    CHECK(chosen({"worker_1", "worker", "db", "worker_0"}) == "worker:worker_1 worker:worker_0 db");
}

TEST_CASE("what means nothing is told once, in the order asked") {
    CHECK(chosen({"zz", "db", "y*", "zz", ""}) == "db ?zz ?y* ?");
    CHECK(chosen({std::string(100'000, '*')}) == "?" + std::string(100'000, '*'));
}

TEST_CASE("'all' of an empty house is no mistake, a name in it is") {
    CHECK(select({}, {"all"}).unknown.empty());
    CHECK(select({}, {}).unknown.empty());
    CHECK(select({}, {"web"}).unknown == std::vector<std::string>{"web"});
}

TEST_CASE("a full name leaves out a group of the same name") {
    CHECK(full_name("web", "web") == "web");
    CHECK(full_name("g", "web") == "g:web");
}

TEST_CASE("a namespec is cut at its first colon") {
    CHECK(split_name("a:b:c").group == "a");
    CHECK(split_name("a:b:c").process == "b:c");
    CHECK(split_name("a:*").process == "");
    CHECK(split_name("a").group == "a");
    CHECK(split_name("a").process == "a");
}
