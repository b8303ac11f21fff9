// core/plan_test.cc: what a plan does, and what it never does.

#include "core/plan.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace lares::plan;

namespace {

std::string words(std::vector<Step> const& list) {
    std::string all;
    for (auto const& step : list) {
        all += (all.empty() ? "" : ", ") + std::string(name(step.action)) + " " + step.name;
        for (auto const& dependant : step.dependants) all += " <" + dependant;
    }
    return all;
}

Present up(std::string name) { return {std::move(name), Condition::up}; }
Wanted same(std::string name) { return {.name = std::move(name)}; }
Wanted differs(std::string name, Difference difference) {
    return {.name = std::move(name), .difference = difference};
}

/// What a plan is asked about, drawn at random: some names on both sides, some on one.
struct Drawn {
    std::vector<Present> present;
    std::vector<Wanted> wanted;
};

Drawn draw() {
    Drawn drawn;
    auto count = *rc::gen::inRange(0, 9);
    for (int i = 0; i < count; ++i) {
        auto name = std::string(1, static_cast<char>('a' + i));
        auto sides = *rc::gen::inRange(0, 4);
        if (sides != 1)
            drawn.present.push_back({name, static_cast<Condition>(*rc::gen::inRange(0, 4)),
                                     *rc::gen::inRange(0, 5) == 0});
        if (sides == 2) continue;
        Wanted wanted{name,
                      static_cast<Difference>(*rc::gen::inRange(0, 3)),
                      *rc::gen::arbitrary<bool>(),
                      *rc::gen::arbitrary<bool>(),
                      {}};
        for (std::size_t need = 0; need < drawn.wanted.size(); ++need)
            if (*rc::gen::inRange(0, 3) == 0) wanted.needs.push_back(static_cast<int>(need));
        drawn.wanted.push_back(std::move(wanted));
    }
    return drawn;
}

Present const* find(std::vector<Present> const& list, std::string const& name) {
    auto found = std::ranges::find(list, name, &Present::name);
    return found == list.end() ? nullptr : &*found;
}

/// Which processes there are after the steps, and with whose settings: true for the wanted ones.
std::map<std::string, bool> carried_out(Drawn const& drawn, std::vector<Step> const& list) {
    std::map<std::string, bool> there;
    for (auto const& one : drawn.present)
        if (!one.leaving) there[one.name] = false;
    for (auto const& step : list) {
        if (step.action == Action::stop || step.action == Action::remove)
            there.erase(step.name);
        else
            there[step.name] = true;
    }
    return there;
}

}  // namespace

TEST_CASE("after its steps there are the wanted processes, each with the settings wanted") {
    CHECK(rc::check([] {
        auto drawn = draw();
        auto there = carried_out(drawn, steps(drawn.present, drawn.wanted));
        RC_ASSERT(there.size() == drawn.wanted.size());
        for (auto const& one : drawn.wanted) {
            RC_ASSERT(there.contains(one.name));
            RC_ASSERT(there[one.name] || one.difference == Difference::none);
        }
    }));
}

TEST_CASE("a process whose settings did not change is never touched") {
    CHECK(rc::check([] {
        auto drawn = draw();
        for (auto const& step : steps(drawn.present, drawn.wanted)) {
            if (step.wanted < 0 || step.present < 0) continue;
            auto const& wanted = drawn.wanted.at(static_cast<std::size_t>(step.wanted));
            auto const& present = drawn.present.at(static_cast<std::size_t>(step.present));
            bool switched_on =
                present.condition == Condition::fresh && wanted.autostart && !wanted.had_autostart;
            RC_ASSERT(wanted.difference != Difference::none || present.leaving || switched_on);
        }
    }));
}

TEST_CASE("no process has two steps, and only one that is up is stopped or restarted") {
    CHECK(rc::check([] {
        auto drawn = draw();
        std::set<std::string> seen;
        for (auto const& step : steps(drawn.present, drawn.wanted)) {
            RC_ASSERT(seen.insert(step.name).second);
            auto const* present = find(drawn.present, step.name);
            bool ends = step.action == Action::stop || step.action == Action::restart;
            if (ends) RC_ASSERT(present && present->condition == Condition::up);
            if (step.action == Action::remove) RC_ASSERT(present->condition != Condition::up);
        }
    }));
}

TEST_CASE("what was done needs no doing: the wanted set, present, has no steps") {
    CHECK(rc::check([] {
        auto drawn = draw();
        std::vector<Present> present;
        for (auto& one : drawn.wanted) {
            one.difference = Difference::none;
            one.had_autostart = one.autostart;
            present.push_back({one.name, static_cast<Condition>(*rc::gen::inRange(0, 4))});
        }
        RC_ASSERT(steps(present, drawn.wanted).empty());
    }));
}

TEST_CASE("dependants that are named are up, need the restarted one and have no step") {
    CHECK(rc::check([] {
        auto drawn = draw();
        auto list = steps(drawn.present, drawn.wanted);
        for (auto const& step : list)
            for (auto const& dependant : step.dependants) {
                RC_ASSERT(step.action == Action::restart);
                RC_ASSERT(find(drawn.present, dependant)->condition == Condition::up);
                RC_ASSERT(std::ranges::find(list, dependant, &Step::name) == list.end());
            }
    }));
}

TEST_CASE("more processes of a program only add") {
    CHECK(words(steps({up("w:0"), up("w:1")}, {same("w:0"), same("w:1"), same("w:2")})) ==
          "start w:2");
    CHECK(words(steps({up("w:0"), up("w:1")}, {same("w:0")})) == "stop w:1");
}

TEST_CASE("ends come in the opposite order, and before what starts") {
    CHECK(
        words(steps({up("a"), up("b"), up("c")}, {differs("c", Difference::restart), same("d")})) ==
        "stop b, stop a, restart c, start d");
}

TEST_CASE("an option that can be changed in place changes the running process") {
    CHECK(words(steps({up("a")}, {differs("a", Difference::live)})) == "change a");
}

TEST_CASE("what a person stopped stays stopped; what failed is tried again") {
    std::vector<Wanted> wanted{differs("a", Difference::restart)};
    CHECK(words(steps({{"a", Condition::stopped}}, wanted)) == "change a");
    CHECK(words(steps({{"a", Condition::over}}, wanted)) == "start a");
    wanted[0].autostart = false;
    CHECK(words(steps({{"a", Condition::over}}, wanted)) == "change a");
}

TEST_CASE("autostart switched on starts what was never started, and nothing that was stopped") {
    Wanted wanted{.name = "a", .difference = Difference::live, .had_autostart = false};
    CHECK(words(steps({{"a", Condition::fresh}}, {wanted})) == "start a");
    CHECK(words(steps({{"a", Condition::stopped}}, {wanted})) == "change a");
}

TEST_CASE("what is going and wanted again comes back") {
    CHECK(words(steps({{"a", Condition::up, /*leaving=*/true}}, {same("a")})) == "start a");
    CHECK(words(steps({{"a", Condition::up, /*leaving=*/true}}, {})) == "");
}

TEST_CASE("dependants of a restarted process are named, also those further up") {
    Wanted web = same("web"), proxy = same("proxy");
    web.needs = {0};
    proxy.needs = {1};
    CHECK(words(steps({up("db"), up("web"), up("proxy")}, {differs("db", Difference::restart), web,
                                                           proxy})) == "restart db <web <proxy");
    web.difference = Difference::restart;
    CHECK(words(steps({up("db"), up("web"), up("proxy")},
                      {differs("db", Difference::restart), web, proxy})) ==
          "restart db <proxy, restart web <proxy");
}
