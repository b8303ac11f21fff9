// core/agenda_test.cc: many schedules give what each alone would give, in order.

#include "core/agenda.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace lares;
using namespace lares::schedule;

namespace {

Agenda::Entry entry(std::string const& expression, ZonePointer zone, std::int32_t delay = 0) {
    auto read = text::parse_cron(expression);
    REQUIRE(read.ok());
    return {read->cron, std::move(zone), Dst::vixie, delay};
}

ZonePointer utc() { return std::make_shared<Zone const>(); }

}  // namespace

TEST_CASE("an empty agenda is never due") {
    Agenda agenda;
    CHECK_FALSE(agenda.earliest());
    CHECK(agenda.take_due(1'000'000'000).empty());
    CHECK_FALSE(agenda.drop(1));
    CHECK_FALSE(agenda.next_of(1));
}

TEST_CASE("what is due comes in order of time, then of key, and is due anew after itself") {
    Agenda agenda;
    auto zone = utc();
    agenda.put(2, entry("*/2 * * * *", zone), 0);
    agenda.put(1, entry("* * * * *", zone), 0);
    agenda.put(3, entry("0 0 30 2 *", zone), 0);
    CHECK(agenda.size() == 3);
    CHECK(agenda.earliest() == 60);
    CHECK(agenda.take_due(59).empty());
    auto const taken = agenda.take_due(120);
    CHECK(taken == std::vector<Agenda::Taken>{{1, {60}}, {1, {120}}, {2, {120}}});
    CHECK(agenda.earliest() == 180);
    CHECK_FALSE(agenda.next_of(3));
}

TEST_CASE("at most so many are taken, and the rest comes with the next call") {
    Agenda agenda;
    agenda.put(1, entry("* * * * *", utc()), 0);
    CHECK(agenda.take_due(86'400 * 365, 10).size() == 10);
    CHECK(agenda.take_due(86'400 * 365, 1).front().due.at == 660);
}

TEST_CASE("a delay puts a run off and changes nothing else") {
    Agenda agenda;
    agenda.put(1, entry("* * * * *", utc(), 90), 0);
    CHECK(agenda.earliest() == 150);
    CHECK(agenda.take_due(149).empty());
    CHECK(agenda.take_due(150) == std::vector<Agenda::Taken>{{1, {60}}});
    CHECK(agenda.earliest() == 210);
    CHECK(agenda.next_of(1)->at == 120);
}

TEST_CASE("one that rests is not due until it is recomputed, and others go on") {
    Agenda agenda;
    auto zone = utc();
    agenda.put(1, entry("* * * * *", zone), 0);
    agenda.put(2, entry("0 * * * *", zone), 0);
    agenda.rest(1);
    agenda.rest(7);
    CHECK(agenda.earliest() == 3600);
    CHECK_FALSE(agenda.next_of(1));
    CHECK(agenda.find(1) != nullptr);
    agenda.recompute(1, 120);
    CHECK(agenda.earliest() == 180);
}

TEST_CASE("after a step of the clock all count on from there") {
    Agenda agenda;
    auto zone = utc();
    agenda.put(1, entry("* * * * *", zone), 0);
    agenda.put(2, entry("0 * * * *", zone), 0);
    agenda.recompute(1'000'000);
    CHECK(agenda.earliest() == 1'000'020);
    agenda.recompute(0);
    CHECK(agenda.earliest() == 60);
    agenda.recompute(1, 7200);
    CHECK(agenda.earliest() == 3600);
    CHECK(agenda.next_of(1)->at == 7260);
}

TEST_CASE("an update of tzdata moves the runs of that zone and tells which") {
    Agenda agenda;
    auto was = std::make_shared<Zone const>(Zone{"X", 3600, {}});
    auto is = std::make_shared<Zone const>(Zone{"X", 7200, {}});
    agenda.put(1, entry("0 6 * * *", was), 0);
    agenda.put(2, entry("0 6 * * *", utc()), 0);
    agenda.put(3, entry("30 * * * *", was), 0);
    auto const moved = agenda.replace_zone(was, is, 0);
    REQUIRE(moved.size() == 1);
    CHECK(moved[0].key == 1);
    CHECK(moved[0].was == 5 * 3600);
    CHECK(moved[0].is == 4 * 3600);
    CHECK(agenda.earliest() == 1800);
}

TEST_CASE("a slot that was dropped is used again, and replacing keeps the number") {
    Agenda agenda;
    auto zone = utc();
    for (std::uint64_t key = 0; key < 100; ++key) agenda.put(key, entry("* * * * *", zone), 0);
    for (std::uint64_t key = 0; key < 100; key += 2) CHECK(agenda.drop(key));
    for (std::uint64_t key = 200; key < 250; ++key) agenda.put(key, entry("5 * * * *", zone), 0);
    agenda.put(201, entry("1 * * * *", zone), 0);
    CHECK(agenda.size() == 100);
    CHECK(agenda.find(201)->cron.minutes == 2);
    CHECK(agenda.take_due(60).size() == 51);
    agenda.clear();
    CHECK(agenda.size() == 0);
}

TEST_CASE("whatever is put, dropped and taken, an agenda gives what a sorted list would") {
    std::mt19937 random(3);
    auto zone = utc();
    Agenda agenda;
    std::map<std::uint64_t, std::pair<text::Cron, std::int64_t>> model;
    std::int64_t now = 0;
    auto next = [&](text::Cron const& cron, std::int64_t after) {
        auto const due = next_due(cron, *zone, after);
        return due ? due->at : INT64_MAX;
    };
    for (int step = 0; step < 3'000; ++step) {
        std::uint64_t const key = random() % 60;
        if (unsigned const what = unsigned(random() % 4); what == 0) {
            agenda.drop(key);
            model.erase(key);
        } else if (what < 3) {
            auto const e = entry(
                std::to_string(random() % 60) + " */" + std::to_string(1 + random() % 5) + " * * *",
                zone);
            agenda.put(key, e, now);
            model[key] = {e.cron, next(e.cron, now)};
        } else {
            now += std::int64_t(random() % 7200);
            std::vector<Agenda::Taken> wanted;
            while (true) {
                auto least = model.end();
                for (auto it = model.begin(); it != model.end(); ++it)
                    if (it->second.second <= now &&
                        (least == model.end() || it->second.second < least->second.second))
                        least = it;
                if (least == model.end()) break;
                auto& [cron, at] = least->second;
                wanted.push_back({least->first, {at}});
                at = next(cron, at);
            }
            REQUIRE(agenda.take_due(now) == wanted);
        }
        REQUIRE(agenda.size() == model.size());
    }
}
