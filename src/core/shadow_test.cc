// core/shadow_test.cc: due instants against runs.

#include "core/shadow.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::shadow;

namespace {

constexpr std::int64_t hour = 3600, a_day = 24 * hour;

Line line(std::string const& expression, std::string command, std::string user = "root") {
    Line made{.zone = std::make_shared<schedule::Zone const>(),
              .user = std::move(user),
              .command = std::move(command)};
    if (!expression.empty()) made.cron = text::parse_cron(expression)->cron;
    return made;
}

Ran ran(std::int64_t at, std::string command, std::string user = "root") {
    return {at, std::move(user), std::move(command)};
}

Facts facts(std::vector<Line> lines, std::vector<Ran> runs) {
    return {.lines = std::move(lines), .ran = std::move(runs), .until = a_day - 1};
}

}  // namespace

TEST_CASE("runs within the tolerance of their due instants agree") {
    Report const report =
        compare(facts({line("0 */6 * * *", "a")}, {ran(1, "a"), ran(6 * hour - 2, "a"),
                                                   ran(12 * hour + 60, "a"), ran(18 * hour, "a")}));
    CHECK(report.matched == 4);
    CHECK(report.missing.empty());
    CHECK(report.extra.empty());
    CHECK(report.lines.at(0) == LineReport{4, 4, 0, 0});
}

TEST_CASE("what did not run is missing, what ran at another time is too much") {
    Report const report =
        compare(facts({line("0 6 * * *", "a"), line("0 7 * * *", "b")},
                      {ran(6 * hour + 61, "a"), ran(7 * hour, "b"), ran(8 * hour, "b")}));
    CHECK(report.missing == std::vector<Missing>{{0, 6 * hour}});
    REQUIRE(report.extra.size() == 2);
    CHECK(report.extra[0].line == 0);
    CHECK(report.extra[1].ran.at == 8 * hour);
    CHECK(report.matched == 1);
}

TEST_CASE(
    "one lost minute of an every-minute job is one missing run, wherever in the minute the others "
    "come") {
    for (std::int64_t late : {0, 1, 30, 59}) {
        std::vector<Ran> runs;
        for (std::int64_t minute = 0; minute < 24 * 60; ++minute)
            if (minute != 700) runs.push_back(ran(minute * 60 + late, "a"));
        Report const report = compare(facts({line("* * * * *", "a")}, runs));
        CAPTURE(late);
        REQUIRE(report.missing.size() == 1);
        CHECK(report.missing.front().at == 700 * 60);
        CHECK(report.extra.empty());
    }
}

TEST_CASE("lines with one command share its runs") {
    Report const report = compare(facts({line("0 3 * * *", "a"), line("0 3 * * *", "a")},
                                        {ran(3 * hour, "a"), ran(3 * hour + 1, "a")}));
    CHECK(report.matched == 2);
    CHECK(report.missing.empty());
    CHECK(compare(facts({line("0 3 * * *", "a"), line("0 3 * * *", "a")}, {ran(3 * hour, "a")}))
              .missing.size() == 1);
}

TEST_CASE("a run of another user is of no line, unless nobody knows whose the table is") {
    auto const runs = std::vector<Ran>{ran(3 * hour, "a", "anna")};
    Report const report = compare(facts({line("0 3 * * *", "a")}, runs));
    CHECK(report.missing.size() == 1);
    CHECK(report.strangers.size() == 1);
    CHECK(compare(facts({line("0 3 * * *", "a", "")}, runs)).matched == 1);
}

TEST_CASE("a command that the log cut off is found by its beginning") {
    Ran cut = ran(3 * hour, "/bin/backup --a");
    cut.is_cut = true;
    CHECK(compare(facts({line("0 3 * * *", "/bin/backup --all")}, {cut})).matched == 1);
    cut.command = "/bin/backup --b";
    CHECK(compare(facts({line("0 3 * * *", "/bin/backup --all")}, {cut})).strangers.size() == 1);
}

TEST_CASE("a line that was refused would never have run") {
    Report const report = compare(facts({line("", "a")}, {ran(3 * hour, "a")}));
    CHECK(report.extra.size() == 1);
    CHECK(report.lines.at(0) == LineReport{0, 0, 0, 1});
}

TEST_CASE("at the edges of the log nothing is taken to be missing that may have run unseen") {
    Facts edge = facts({line("0 * * * *", "a")}, {ran(hour, "a")});
    edge.from = 1;
    edge.until = 2 * hour + 30;
    Report const report = compare(edge);
    CHECK(report.missing.empty());
    CHECK(report.matched == 1);
    edge.until = 2 * hour + 60;
    CHECK(compare(edge).missing.size() == 1);
    // Due just before the log begins, and started late.
    edge.from = 3 * hour + 5;
    edge.until = 3 * hour + 50;
    edge.ran = {ran(3 * hour + 20, "a")};
    CHECK(compare(edge).extra.empty());
}

TEST_CASE("@reboot is due when cron says that it runs those") {
    Facts boot = facts({line("@reboot", "a")}, {ran(501, "a"), ran(9000, "a")});
    boot.reboots = {500};
    Report const report = compare(boot);
    CHECK(report.matched == 1);
    CHECK(report.extra.size() == 1);
}

TEST_CASE("random delays of cron lengthen the time in which a run agrees") {
    Facts delayed = facts({line("0 3 * * *", "a")}, {ran(3 * hour + 900, "a")});
    CHECK(compare(delayed).matched == 0);
    delayed.lines.front().delay = 1200;
    CHECK(compare(delayed).matched == 1);
}

TEST_CASE("the same words in two logs are one run") {
    Ran once = ran(3 * hour, "a");
    once.pid = 5;
    CHECK(compare(facts({line("0 3 * * *", "a")}, {once, once})).extra.empty());
}

TEST_CASE("more due instants than can be held are told") {
    CHECK(compare(facts({line("* * * * *", "a")}, {}), 100).is_cut);
}
