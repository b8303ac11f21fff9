// core/alert_test.cc: the rules of core/alert.h, a sentence each.

#include "core/alert.h"

#include <doctest/doctest.h>

#include <chrono>

#include "core/alert_house_test.h"

using namespace lares;
using namespace lares::alert;
using namespace std::chrono_literals;

TEST_CASE("a problem is told after group_wait, and its recovery when it is over") {
    House house;
    house.open("task/report", Kind::failure, "exited with 1");
    CHECK(house.take() == "");
    CHECK(house.state() == "pending");
    CHECK(house.wait() == 30s);
    house.pass(30s - 1ms);
    CHECK(house.take() == "");
    house.pass(1ms);
    CHECK(house.take() == "firing ops/mail task/report[task/report failure] 1/1");
    CHECK(house.state() == "firing");
    house.pass(1h);
    house.over("task/report");
    CHECK(house.take() == "resolved ops/mail task/report[task/report failure over] 0/1");
    CHECK(house.state() == "resolved");
    CHECK(house.alerts.open().empty());
}

TEST_CASE("what is over before anybody was told is not told, and can be read") {
    House house;
    house.open("task/report", Kind::failure);
    house.take();
    house.pass(10s);
    house.over("task/report");
    CHECK(house.take() == "");
    CHECK(house.state() == "resolved");
    CHECK(house.row().words == "over before anybody was told");
    CHECK(house.wait() == std::nullopt);
}

TEST_CASE("a thousand failures of one cause in ten seconds are one message that names fifty") {
    House house;
    for (int i = 0; i < 1000; i++)
        house.settings.needs["task/t" + std::to_string(i)] = {"program/db"};
    house.alerts.set(house.settings);
    for (int i = 0; i < 1000; i++) {
        if (i == 500) house.open("program/db:db_0", Kind::fatal, "exited too quickly");
        house.open("task/t" + std::to_string(i), Kind::failure);
        house.pass(10ms);
        house.take();
    }
    CHECK(house.told.empty());
    house.pass(30s);
    house.take();
    // Those before the cause was known had alerts of their own, the first 20, or the storm's.
    REQUIRE(house.told.size() == 1);
    auto const notice = house.told[0];
    CHECK(notice.subject == "program/db");
    CHECK(notice.members.size() == 50);
    CHECK(notice.members[0].subject == "program/db:db_0");
    CHECK(notice.count == 1001);
    CHECK(notice.open == 1001);
    CHECK(house.rows[21].state == State::merged);
    CHECK(house.alerts.open().size() == 1);
    for (int i = 0; i < 1000; i++) house.over("task/t" + std::to_string(i));
    house.over("program/db:db_0");
    house.take();
    CHECK(house.told.size() == 2);
    CHECK(house.alerts.open().empty());
}

TEST_CASE("consequences of what is down are members of its alert, across a chain of needs") {
    House house;
    house.settings.needs = {{"task/x", {"program/app"}}, {"program/app", {"program/db"}}};
    house.alerts.set(house.settings);
    house.open("program/db:0", Kind::fatal);
    house.pass(5s);
    house.open("task/x", Kind::failure);
    house.open("task/y", Kind::failure);
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail program/db[program/db:0 fatal, task/x failure] 2/2; "
          "firing ops/mail task/y[task/y failure] 1/1");
    CHECK(house.alerts.alert_of("task/x") == house.alerts.alert_of("program/db:0"));
}

TEST_CASE("a consequence that came first becomes part of the cause's alert, told or not") {
    for (auto before : {1s, 60s}) {
        House house;
        house.settings.needs = {{"task/x", {"program/db"}}};
        house.alerts.set(house.settings);
        house.open("task/x", Kind::failure);
        house.take();
        house.pass(before);
        house.take();
        house.told.clear();
        house.open("program/db", Kind::fatal);
        house.take();
        CHECK(house.rows[1].state == State::merged);
        CHECK(house.rows[1].into == 2);
        CHECK(house.member_rows.size() == 2);
        house.pass(30s);
        CHECK(house.take() == "firing ops/mail program/db[program/db fatal, task/x failure] 2/2");
    }
}

TEST_CASE("what is slow is not the cause of what needs it") {
    House house;
    house.settings.needs = {{"task/x", {"task/y"}}};
    house.alerts.set(house.settings);
    house.open("task/y", Kind::slow);
    house.open("task/x", Kind::failure);
    CHECK(house.alerts.alert_of("task/x") != house.alerts.alert_of("task/y"));
}

TEST_CASE("the caller may know the cause better") {
    House house;
    Happening happening{.subject = "task/x", .cause = "program/db"};
    house.happen(happening);
    CHECK(house.row().subject == "program/db");
    house.open("program/db", Kind::fatal);
    CHECK(house.alerts.open().size() == 1);
}

TEST_CASE("new members are told to the first rung, no sooner than group_interval after the last") {
    House house;
    house.settings.needs = {{"task/x", {"program/db"}}, {"task/y", {"program/db"}}};
    house.alerts.set(house.settings);
    house.open("program/db", Kind::fatal);
    house.pass(30s);
    house.take();
    house.pass(1min);
    house.open("task/x", Kind::failure);
    house.take();
    house.pass(1min);
    house.open("task/y", Kind::failure);
    CHECK(house.take() == "");
    house.pass(3min);
    CHECK(house.take() ==
          "more ops/mail program/db[program/db fatal, task/x failure, "
          "task/y failure] 3/3");
}

TEST_CASE("nobody acknowledges: the ladder is climbed, then the last rung is reminded") {
    House house;
    house.open("task/x", Kind::failure);
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail task/x[task/x failure] 1/1");
    CHECK(house.wait() == 10min);
    house.pass(10min);
    CHECK(house.take() == "escalated ops/sms task/x[task/x failure] 1/1");
    house.pass(4h - 10min - 1ms);
    CHECK(house.take() == "");
    house.pass(1ms);
    CHECK(house.take() == "repeat ops/sms task/x[task/x failure] 1/1");
    house.pass(4h);
    CHECK(house.take() == "repeat ops/sms task/x[task/x failure] 1/1");
    house.over("task/x");
    CHECK(house.take() ==
          "resolved ops/mail task/x[task/x failure over] 0/1; "
          "resolved ops/sms task/x[task/x failure over] 0/1");
}

TEST_CASE("who acknowledges stops the ladder and the reminders, until his time is over") {
    House house;
    house.open("task/x", Kind::failure);
    house.pass(30s);
    house.take();
    CHECK(house.alerts.acknowledge(1, "anna", house.now));
    CHECK(!house.alerts.acknowledge(99, "anna", house.now));
    CHECK(house.take() == "");
    CHECK(house.state() == "acknowledged");
    CHECK(house.row().words == "acknowledged by anna");
    CHECK(house.row().acknowledged == house.now);
    house.pass(24h - 1s);
    CHECK(house.take() == "");
    house.pass(1s);
    CHECK(house.take() == "");
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail task/x[task/x failure] 1/1");
    house.pass(10min);
    CHECK(house.take() == "escalated ops/sms task/x[task/x failure] 1/1");
}

TEST_CASE(
    "what joins an acknowledged alert is told once to the first rung; what is graver fires "
    "anew") {
    House house;
    house.settings.needs = {{"task/x", {"task/db"}}, {"program/y", {"task/db"}}};
    house.alerts.set(house.settings);
    house.open("task/db", Kind::failure);
    house.pass(30s);
    house.take();
    house.alerts.acknowledge(1, "anna", house.now);
    house.open("task/x", Kind::failure);
    house.pass(5min);
    CHECK(house.take() == "more ops/mail task/db[task/db failure, task/x failure] 2/2");
    house.pass(1h);
    CHECK(house.take() == "");
    house.open("program/y", Kind::fatal);
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail task/db[task/db failure, task/x failure, program/y fatal] 3/3");
    CHECK(house.state() == "firing");
}

TEST_CASE("one that was acknowledged before anybody was told is told to nobody") {
    House house;
    house.open("task/x", Kind::failure);
    house.take();
    house.alerts.acknowledge(1, "anna", house.now);
    house.pass(1h);
    CHECK(house.take() == "");
    CHECK(house.state() == "acknowledged");
    house.over("task/x");
    CHECK(house.take() == "");
}

TEST_CASE(
    "when the cause is over and consequences are not, that is said once, and the ladder ends") {
    House house;
    house.settings.needs = {{"task/x", {"program/db"}}, {"task/y", {"program/db"}}};
    house.alerts.set(house.settings);
    house.open("program/db", Kind::fatal);
    house.open("task/x", Kind::failure);
    house.open("task/y", Kind::failure);
    house.pass(30s);
    house.take();
    house.over("program/db");
    house.over("task/y");
    CHECK(house.take() == "");
    house.pass(30s);
    CHECK(house.take() ==
          "eased ops/mail program/db[program/db fatal over, task/x failure, "
          "task/y failure over] 1/3");
    house.pass(1h);
    CHECK(house.take() == "");
    house.open("program/db", Kind::fatal);
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail program/db[program/db fatal, task/x failure, "
          "task/y failure over] 2/3");
    house.over("program/db");
    house.over("task/x");
    CHECK(house.take().starts_with("resolved ops/mail program/db["));
}

TEST_CASE("what comes and goes is told once, and once when it is stable") {
    House house;
    for (int i = 0; i < 12; i++) {
        house.open("program/web", Kind::fatal);
        house.pass(31s);
        house.take();
        house.over("program/web");
        house.pass(31s);
        house.take();
    }
    // Five times it was told and over, then it was damped.
    CHECK(house.count(Notice::What::firing) == 5);
    CHECK(house.count(Notice::What::flapping) == 1);
    CHECK(house.count(Notice::What::resolved) == 5);
    CHECK(house.alerts.open().size() == 1);
    CHECK(house.state() == "damped");
    house.told.clear();
    house.pass(15min - 31s);
    CHECK(house.take() == "resolved ops/mail program/web[program/web fatal over] 0/1");
    CHECK(house.alerts.open().empty());
}

TEST_CASE("what flapped and then stays fires anew") {
    House house;
    for (int i = 0; i < 6; i++) {
        house.over("program/web");
        house.pass(1s);
        house.open("program/web", Kind::fatal);
        house.take();
    }
    CHECK(house.words() == "flapping ops/mail program/web[program/web fatal] 1/1");
    house.told.clear();
    house.pass(15min);
    house.take();
    house.pass(30s);
    house.take();
    CHECK(house.words() == "firing ops/mail program/web[program/web fatal] 1/1");
}

TEST_CASE("stable is counted from the last change, an end included") {
    House house;
    for (int i = 0; i < 6; i++) {
        house.over("program/web");
        house.pass(1s);
        house.open("program/web", Kind::fatal);
        house.take();
    }
    house.pass(10min);
    house.over("program/web");
    house.take();
    house.told.clear();
    house.pass(10min);
    CHECK(house.take() == "");
    CHECK(house.wait() == 5min);
    house.pass(5min);
    CHECK(house.take() == "resolved ops/mail program/web[program/web fatal over] 0/1");
}

TEST_CASE("quiet hours hold what is not critical, and drop what is over before they end") {
    House house;
    house.settings.routes[0].quiet = {{.from_minute = 22 * 60, .to_minute = 6 * 60}};
    house.alerts.set(house.settings);
    house.now = WallTime(24h * 20'000 + 23h);
    house.open("task/x", Kind::failure);
    house.open("task/y", Kind::failure);
    house.open("program/db", Kind::fatal);
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail program/db[program/db fatal] 1/1");
    house.alerts.acknowledge(3, "anna", house.now);
    house.pass(2h);
    house.over("task/y");
    house.take();
    CHECK(house.wait() == 5h - 30s);
    house.pass(5h - 30s);
    CHECK(house.take() == "firing ops/mail task/x[task/x failure] 1/1");
}

TEST_CASE("a recovery in quiet hours waits in the outbox until they end") {
    House house;
    house.settings.routes[0].quiet = {{.from_minute = 22 * 60, .to_minute = 6 * 60}};
    house.alerts.set(house.settings);
    house.now = WallTime(24h * 20'000 + 21h);
    house.open("task/x", Kind::failure);
    house.pass(30s);
    house.take();
    house.pass(2h);
    house.told.clear();
    house.over("task/x");
    house.take();
    REQUIRE(house.told.size() == 1);
    CHECK(house.told[0].not_before == WallTime(24h * 20'001 + 6h));
}

TEST_CASE("quiet hours follow the clocks of their zone across a change") {
    schedule::Zone zone;
    zone.transitions = {{1'000'000'000, 3'600}};  // 01:46:40 UTC became 02:46:40
    Hours const night{.from_minute = 22 * 60, .to_minute = 6 * 60};
    auto end = quiet_until({{night}}, zone, WallTime(std::chrono::seconds(1'000'000'000)));
    // 06:00 local is 05:00 UTC on 2001-09-09.
    CHECK(end == WallTime(std::chrono::seconds(1'000'000'000 - 6'400 + 5 * 3'600)));
    Hours const sunday{.from_minute = 0, .to_minute = 1440, .weekdays = 1};
    Hours const rest{.from_minute = 0, .to_minute = 1440, .weekdays = 0x7e};
    auto at = WallTime(24h * 20'000);  // a Friday
    CHECK(quiet_until({{sunday}}, {}, at) == at);
    CHECK(quiet_until(std::vector{rest}, {}, at) == WallTime(24h * 20'002));
    CHECK(quiet_until(std::vector{rest, sunday}, {}, at) == std::nullopt);
    CHECK(quiet_until({}, {}, at) == at);
}

TEST_CASE("a silence keeps all of it from people; what is there still afterwards is told then") {
    House house;
    house.alerts.set_silences({{.subjects = {"program/db", "task/*"},
                                .until = house.now + 1h,
                                .words = "maintenance by anna"}},
                              house.now);
    house.open("program/db:0", Kind::fatal);
    house.open("task/x", Kind::failure);
    house.pass(10min);
    CHECK(house.take() == "");
    CHECK(house.state() == "silenced");
    CHECK(house.row().words == "maintenance by anna");
    house.over("task/x");
    house.take();
    house.pass(50min);
    CHECK(house.take() == "");
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail program/db[program/db:0 fatal] 1/1");
}

TEST_CASE("a route hears of what it takes, and of its cause") {
    House house;
    house.settings.routes.push_back({.name = "bills", .ladder = {{{}, "chat"}}});
    house.settings.routes.back().kinds = bit(Kind::failure);
    house.settings.needs = {{"task/bill", {"program/db"}}, {"task/x", {"program/db"}}};
    house.alerts.set(house.settings);
    house.open("program/db", Kind::fatal);
    house.open("task/x", Kind::failure);
    house.happen({.subject = "task/bill", .routes = {"bills"}});
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail program/db[program/db fatal, task/x failure] 2/2; "
          "firing bills/chat program/db[program/db fatal, task/bill failure] 2/2");
    house.over("task/bill");
    house.over("task/x");
    house.over("program/db");
    // bills does not take recovery.
    CHECK(house.take() ==
          "resolved ops/mail program/db[program/db fatal over, "
          "task/x failure over] 0/2");
}

TEST_CASE("of the programs of one group a route names those it takes, and its own first") {
    House house;
    house.settings.routes.push_back({.name = "web", .ladder = {{{}, "chat"}}});
    house.alerts.set(house.settings);
    house.open("program/site:a", Kind::fatal);
    house.happen({.subject = "program/site:b", .kind = Kind::fatal, .routes = {"web"}});
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail program/site[program/site:a fatal] 1/1; "
          "firing web/chat program/site[program/site:b fatal] 1/1");
}

TEST_CASE("what no route takes is an alert that nobody is told of") {
    House house;
    house.open("task/x", Kind::retry);
    house.pass(1h);
    CHECK(house.take() == "");
    CHECK(house.row().words == "nobody is to be told");
    house.settings.routes[0].at_least = Severity::critical;
    house.alerts.set(house.settings);
    house.open("task/y", Kind::failure);
    house.pass(1h);
    CHECK(house.take() == "");
}

TEST_CASE(
    "a route that takes more from now on hears of what is open already, after a restart too") {
    House house;
    house.settings.routes[0].kinds = bit(Kind::late);
    house.alerts.set(house.settings);
    house.open("task/x", Kind::failure);
    house.pass(1h);
    CHECK(house.take() == "");
    house.settings.routes[0].kinds = usual_kinds;
    SUBCASE("set") {
        house.alerts.set(house.settings);
        house.take();
    }
    SUBCASE("loaded") { house.alerts = house.successor(); }
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail task/x[task/x failure] 1/1");
}

TEST_CASE("what has no end of its own is told once, and is over after a while without a word") {
    House house;
    house.settings.routes[0].kinds = all_kinds;
    house.alerts.set(house.settings);
    house.open("program/api", Kind::exit);
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail program/api[program/api exit] 1/1");
    house.open("program/api", Kind::exit);
    house.pass(1h - 1s);
    house.take();
    CHECK(house.alerts.open().size() == 1);
    house.pass(1s);
    house.told.clear();
    CHECK(house.take() == "");
    CHECK(house.alerts.open().empty());
}

TEST_CASE("a failure of which nothing more is heard expires; what is a state of things does not") {
    House house;
    house.open("task/x", Kind::failure);
    house.open("program/db", Kind::fatal);
    for (int i = 0; i < 8 * 24; i++) {
        house.pass(1h);
        house.take();
    }
    CHECK(house.rows[1].state == State::expired);
    CHECK(house.rows[1].words == "nothing was heard of it for 7 days");
    CHECK(house.rows[2].state == State::firing);
    house.alerts.forget("program/db", house.now);
    CHECK(house.take() == "");
    CHECK(house.rows[2].state == State::resolved);
}

TEST_CASE("a person ends an alert, and who was told is told so") {
    House house;
    house.open("program/db", Kind::fatal);
    house.pass(30s);
    house.take();
    CHECK(house.alerts.resolve(1, "anna", house.now));
    CHECK(house.take() == "resolved ops/mail program/db[program/db fatal over] 0/1");
    CHECK(house.row().words == "ended by anna");
}

TEST_CASE("a success ends what a success ends, and a lateness has an end of its own") {
    House house;
    house.open("task/x", Kind::late);
    house.open("task/x", Kind::failure);
    house.open("task/x", Kind::parked);
    house.over("task/x");
    CHECK(house.alerts.members(1).size() == 3);
    house.pass(30s);
    CHECK(house.take() ==
          "firing ops/mail task/x[task/x late, task/x parked, "
          "task/x failure over] 2/3");
    house.over("task/x", Kind::late);
    house.over("task/x", Kind::parked);
    house.take();
    CHECK(house.alerts.open().empty());
}

TEST_CASE("more alerts at once than anybody can read are one") {
    House house;
    for (int i = 0; i < 500; i++) house.open("task/t" + std::to_string(i), Kind::failure);
    CHECK(house.alerts.open().size() == 21);
    house.pass(30s);
    house.take();
    CHECK(house.told.size() == 21);
    CHECK(house.told.back().subject == "storm");
    CHECK(house.told.back().count == 480);
    for (int i = 0; i < 500; i++) house.over("task/t" + std::to_string(i));
    house.take();
    CHECK(house.alerts.open().empty());
}

TEST_CASE("a clock that is set back delays nothing by more than its wait") {
    House house;
    house.open("task/x", Kind::failure);
    house.take();
    house.now -= 24h * 300;
    CHECK(house.take() == "");
    house.pass(30s);
    CHECK(house.take() == "firing ops/mail task/x[task/x failure] 1/1");
}

TEST_CASE("rows are read back as they were written, and of newer ones what is known") {
    House house;
    house.open("task/x", Kind::failure, "words\nof two lines");
    house.pass(30s);
    house.take();
    house.alerts.acknowledge(1, "anna = b", house.now);
    house.take();
    CHECK(read_alert(write(house.rows[1])) == house.rows[1]);
    auto const& member = house.member_rows.begin()->second;
    CHECK(read_member(write(member)) == member);
    CHECK(read_alert("nonsense").id == 0);
    CHECK(read_member("alert=1\nkind=unheard").alert == 0);
    CHECK(read_alert(write(house.rows[1]) + "leg=1 2\nnew=1\n").legs.size() == 1);
}

TEST_CASE("each kind has a row of its own, and routes do not repeat it by another name") {
    for (auto const& row : kinds()) {
        CHECK(&row_of(row.kind) == &row);
        CHECK(find_kind(row.name) == &row);
    }
    CHECK(find_kind("nothing") == nullptr);
}
