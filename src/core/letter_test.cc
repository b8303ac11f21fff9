// core/letter_test.cc: what a week comes to, a sentence each.

#include "core/letter.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace lares;
using namespace lares::letter;
using namespace std::chrono_literals;

namespace {

WallTime const monday{24h * 20'000};
WallTime const next_monday = monday + 24h * 7;

Gatherer week() { return Gatherer(monday, next_monday); }

journal::RunRow run(std::string subject, std::string outcome, Duration wall = 1min,
                    int attempt = 1) {
    static std::uint64_t number = 0;
    journal::RunRow row{.run = ++number, .kind = "job", .subject = std::move(subject)};
    row.job = 812;
    row.attempt = attempt;
    row.outcome = std::move(outcome);
    row.wall = wall;
    row.started = monday + 1h;
    row.ended = row.started + wall;
    return row;
}

alert::AlertRow alert_row(alert::State state, std::string who = "") {
    alert::AlertRow row{.id = 7, .subject = "program/db", .state = state};
    row.who = std::move(who);
    row.opened = monday + 1h;
    if (alert::is_end(state)) row.ended = monday + 2h;
    return row;
}

}  // namespace

TEST_CASE("what ran is counted by its subject, the worst first") {
    auto gatherer = week();
    for (int i = 0; i < 5; i++) gatherer.add(run("task/good", "ok"));
    gatherer.add(run("task/bad", "error", 3min));
    gatherer.add(run("task/bad", "interrupted"));
    auto program = run("program/web", "exited");
    program.kind = "program";
    gatherer.add(program);
    auto later = run("task/good", "ok");
    later.ended = next_monday;
    gatherer.add(later);
    later.ended = {};
    gatherer.add(later);
    auto letter = gatherer.finish();
    CHECK(letter.runs == 8);
    CHECK(letter.good == 5);
    CHECK(letter.bad == 1);
    CHECK(letter.subjects == 3);
    REQUIRE(letter.ran.size() == 3);
    CHECK(letter.ran[0].subject == "task/bad");
    CHECK(letter.ran[0].longest == 3min);
    CHECK(letter.ran[0].interrupted == 1);
    CHECK(letter.ran[1].subject == "task/good");
}

TEST_CASE("what was late says whether it came, though its end is read first") {
    auto gatherer = week();
    gatherer.add({.id = 3, .at = monday + 8h, .kind = "expect.ok", .subject = "task/a"});
    gatherer.add({.id = 2,
                  .at = monday + 7h,
                  .kind = "expect.late",
                  .subject = "task/a",
                  .words = "no success by 06:00"});
    gatherer.add({.id = 4, .at = monday + 9h, .kind = "expect.late", .subject = "task/a"});
    gatherer.add({.id = 5, .at = monday + 6h, .kind = "trigger.missed", .subject = "trigger/b#0"});
    gatherer.add({.id = 6, .at = next_monday, .kind = "expect.late", .subject = "task/c"});
    auto letter = gatherer.finish();
    CHECK(letter.late.count == 3);
    REQUIRE(letter.late.list.size() == 3);
    CHECK(letter.late.list[0].event == 4);  // the newest
    CHECK(letter.late.list[0].ended == WallTime{});
    CHECK(letter.late.list[1].ended == monday + 8h);
}

TEST_CASE("mended is what went well without anybody; what nobody has in hand needs you") {
    auto gatherer = week();
    gatherer.add(run("task/a", "ok", 1min, 3));
    gatherer.add(alert_row(alert::State::resolved), "exited too quickly");
    gatherer.add(alert_row(alert::State::resolved, "anna"), "");
    gatherer.add(alert_row(alert::State::merged), "");
    gatherer.add(alert_row(alert::State::firing), "exited too quickly");
    gatherer.add(alert_row(alert::State::expired), "exited with 1");
    auto acknowledged = alert_row(alert::State::acknowledged, "anna");
    acknowledged.words = "acknowledged by anna";
    gatherer.add(acknowledged, "disk full");
    auto letter = gatherer.finish();
    CHECK(letter.mended.count == 2);
    CHECK(letter.mended.list[0].words == "job 812 succeeded at the third try");
    CHECK(letter.needs_you.count == 2);
    REQUIRE(letter.in_hand.list.size() == 1);
    CHECK(letter.in_hand.list[0].words == "disk full; acknowledged by anna");
    CHECK(letter.alerts == 5);
}

TEST_CASE("a file that waits for a person needs you until somebody has said what to do") {
    auto gatherer = week();
    for (auto path : {"file/a", "file/b"})
        gatherer.add({.id = 1, .at = monday + 1h, .kind = "folder.asked", .subject = path});
    gatherer.add({.id = 2, .at = monday + 2h, .kind = "folder.run", .subject = "file/a"});
    auto letter = gatherer.finish();
    REQUIRE(letter.needs_you.list.size() == 1);
    CHECK(letter.needs_you.list[0].subject == "file/b");
}

TEST_CASE("channels tell what they delivered, and what did not arrive is named") {
    auto gatherer = week();
    delivery::Delivery delivery{.id = 1, .channel = "mail", .created = monday};
    delivery.state = delivery::State::sent;
    delivery.ended = monday + 2min;
    delivery.attempts = 3;
    gatherer.add(delivery);
    delivery.state = delivery::State::failed;
    delivery.words = "550 no such user";
    gatherer.add(delivery);
    delivery.state = delivery::State::waiting;
    delivery.ended = {};
    gatherer.add(delivery);
    auto letter = gatherer.finish();
    REQUIRE(letter.channels.size() == 1);
    CHECK(letter.channels[0].sent == 1);
    CHECK(letter.channels[0].waiting == 1);
    CHECK(letter.channels[0].tries == 9);
    CHECK(letter.channels[0].longest == 2min);
    REQUIRE(letter.undelivered.list.size() == 1);
    CHECK(letter.undelivered.list[0].words == "failed: 550 no such user");
}

TEST_CASE("the slowest and the biggest are one run a subject, greatest first") {
    auto gatherer = week();
    gatherer.add(run("task/a", "ok", 3min));
    gatherer.add(run("task/a", "ok", 9min));
    auto big = run("task/b", "ok", 5min);
    big.peak_memory_bytes = 1 << 30;
    gatherer.add(big);
    auto letter = gatherer.finish();
    REQUIRE(letter.slowest.size() == 2);
    CHECK(letter.slowest[0].subject == "task/a");
    CHECK(letter.slowest[0].value == 9 * 60'000);
    REQUIRE(letter.biggest.size() == 1);
    CHECK(letter.biggest[0].run == big.run);
}

TEST_CASE("a letter has its bounds, whatever happened, and counts the rest") {
    auto gatherer = week();
    for (int i = 0; i < 20'000; i++) {
        gatherer.add(run("task/t" + std::to_string(i), "error"));
        gatherer.add({.id = 1,
                      .at = monday + Duration(i),
                      .kind = "expect.late",
                      .subject = "task/t" + std::to_string(i % 10)});
        gatherer.add(alert_row(alert::State::firing), "words");
    }
    auto letter = gatherer.finish();
    CHECK(letter.runs == 20'000);
    CHECK(letter.subjects == static_cast<std::int64_t>(most_names) + 1);
    CHECK(letter.ran.size() == most_lines);
    CHECK(letter.ran[0].subject == "others");
    CHECK(letter.late.list.size() == most_lines);
    CHECK(letter.late.count == 20'000);
    CHECK(letter.late.list[0].at == monday + Duration(19'999));
    CHECK(letter.needs_you.count == 20'000);
    CHECK(!letter.is_quiet());
    CHECK(week().finish().is_quiet());
}
