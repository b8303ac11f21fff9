// core/wishes_test.cc: who starts and stops after whom, in a house where everything obeys.
//
// The House plays the daemon and the machines: it hands grants over and lets one process at a time
// come up or go down. The small graphs are searched whole: all of four nodes, in random order.

#include "core/wishes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <random>

using namespace lares;
using namespace lares::wishes;
using supervise::State;
using Strings = std::vector<std::string>;

namespace {

bool is_down(State s) { return s == State::stopped || s == State::exited || s == State::fatal; }

class House {
public:
    explicit House(std::vector<Member> members)
        : members_(std::move(members)), order_(Order::of(members_).take()) {}

    void ask(int member, Wish wish, bool barrier = false) {
        wishes::ask(entries_, order_, members_, member, wish, barrier, "asked");
    }
    void ask_all(Wish wish, bool barrier) {
        for (int i : order_.start_order()) ask(i, wish, barrier);
    }
    /// Hands over what is due, as the daemon does: "start db", "stop web".
    Strings grant() {
        Strings words;
        for (auto const& g : due(entries_, order_, members_)) {
            char const* what = g.what == Wish::start  ? "start "
                               : g.what == Wish::stop ? "stop "
                                                      : "restart ";
            words.push_back(what + member(g.member).name);
            obey(g);
        }
        return words;
    }
    /// Lets everything that is on its way arrive, one state after the other, until all is quiet.
    Strings settle() {
        Strings words;
        for (bool moved = true; moved;) {
            auto now = grant();
            words.insert(words.end(), now.begin(), now.end());
            moved = false;
            for (auto& m : members_) moved = arrive(m) || moved;
        }
        return words;
    }
    /// STARTING becomes RUNNING, STOPPING becomes STOPPED (or STARTING, in a restart).
    bool arrive(Member& m) {
        auto index = static_cast<std::size_t>(&m - members_.data());
        again_.resize(members_.size());
        if (m.state == State::starting) return m.state = State::running, true;
        if (m.state != State::stopping) return false;
        m.state = again_[index] ? State::starting : State::stopped;
        again_[index] = false;
        return true;
    }
    Member& member(int i) { return members_[static_cast<std::size_t>(i)]; }
    Entry const& entry(int i) { return entries_.at(static_cast<std::size_t>(i)); }
    std::vector<Member>& members() { return members_; }
    std::size_t wishes() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(entries_, [](auto const& e) { return e.wish != Wish::none; }));
    }
    Strings waits_for(int i) {
        Strings names;
        for (int one : wishes::waits_for(entries_, order_, members_, i))
            names.push_back(member(one).name);
        return names;
    }
    Order const& order() const { return order_; }

private:
    void obey(Grant const& g) {
        Member& m = member(g.member);
        again_.resize(members_.size());
        if (g.what == Wish::start) {
            if (is_down(m.state)) m.state = State::starting;
        } else {
            if (m.state == State::starting || m.state == State::running) m.state = State::stopping;
            if (m.state == State::backoff) m.state = State::stopped;
            again_[static_cast<std::size_t>(g.member)] =
                g.what == Wish::restart && m.state == State::stopping;
        }
    }

    std::vector<Member> members_;
    Order order_;
    std::vector<Entry> entries_;
    std::vector<bool> again_;
};

/// db <- api <- web, and log, which nobody needs.
std::vector<Member> shop() {
    return {{"db"}, {"api", 999, 999, {0}}, {"web", 999, 999, {1}}, {"log"}};
}
constexpr int db = 0, api = 1, web = 2, log_ = 3;

House running_shop() {
    House house(shop());
    for (auto& m : house.members()) m.state = State::running;
    return house;
}

Strings names_in_order(std::vector<Member> const& members) {
    Strings names;
    Order const order = Order::of(members).take();
    for (int i : order.start_order()) names.push_back(members[static_cast<std::size_t>(i)].name);
    return names;
}

std::string circle(std::vector<Member> const& members) {
    auto order = Order::of(members);
    REQUIRE(!order.ok());
    CHECK(order.error().kind == Error::Kind::invalid);
    return order.error().what;
}

}  // namespace

TEST_CASE("members start by group priority, group name, priority and name") {
    CHECK(names_in_order({{"b:b", 10, 1},
                          {"a:y", 10, 5},
                          {"a:x", 10, 5},
                          {"a:z", 10, 1},
                          {"first:f", -1, 999}}) == Strings{"first:f", "a:z", "a:x", "a:y", "b:b"});
}

TEST_CASE("needs start before dependants, whatever the priorities say") {
    CHECK(names_in_order({{"web", 1, 1, {1}}, {"db", 900, 900}, {"log", 500, 1}}) ==
          Strings{"log", "db", "web"});
}

TEST_CASE("a circle of needs is refused by name") {
    CHECK(circle({{"a", 1, 1, {1}}, {"b", 1, 1, {2}}, {"c", 1, 1, {0}}}) ==
          "a needs b needs c needs a");
    CHECK(circle({{"a", 1, 1, {0}}}) == "a needs a");
}

TEST_CASE("only those in the circle are named, not those that lead to it") {
    CHECK(circle({{"far", 1, 1, {1}}, {"a", 1, 1, {3, 2}}, {"b", 1, 1, {1}}, {"fine"}}) ==
          "a needs b needs a");
}

TEST_CASE("a need named twice counts once") {
    House house({{"db"}, {"web", 999, 999, {0, 0}}});
    CHECK(house.order().dependants(0) == std::vector{1});
    house.ask(1, Wish::start);
    CHECK(house.settle() == Strings{"start db", "start web"});
}

TEST_CASE("a start brings its needs up first, one after the other") {
    House house(shop());
    house.ask(web, Wish::start);
    CHECK(house.grant() == Strings{"start db"});
    CHECK(house.waits_for(web) == Strings{"api"});
    CHECK(house.waits_for(api) == Strings{"db"});
    CHECK(house.waits_for(db).empty());
    CHECK(house.grant().empty());  // STARTING is not RUNNING
    CHECK(house.settle() == Strings{"start api", "start web"});
    CHECK(house.member(log_).state == State::stopped);
    CHECK(house.wishes() == 0);
}

TEST_CASE("a start whose needs are up starts nothing else") {
    House house(shop());
    house.member(db).state = State::running;
    house.ask(api, Wish::start);
    CHECK(house.settle() == Strings{"start api"});
}

TEST_CASE("a start waits for a need in BACKOFF and goes on when it runs") {
    House house(shop());
    house.member(db).state = State::backoff;
    house.ask(api, Wish::start);
    CHECK(house.grant().empty());
    CHECK(house.waits_for(api) == Strings{"db"});
    house.member(db).state = State::running;
    CHECK(house.grant() == Strings{"start api"});
}

TEST_CASE("a start waits for a need that failed, until that one runs") {
    House house(shop());
    house.ask(api, Wish::start);
    house.grant();
    house.member(db).state = State::fatal;
    CHECK(house.grant().empty());
    CHECK(house.waits_for(api) == Strings{"db"});
    house.ask(db, Wish::start);
    CHECK(house.settle() == Strings{"start db", "start api"});
}

TEST_CASE("a start of what is up is granted nothing and forgotten") {
    House house = running_shop();
    house.ask(web, Wish::start);
    CHECK(house.grant().empty());
    CHECK(house.wishes() == 0);
}

TEST_CASE("a start waits while its member is STOPPING") {
    House house(shop());
    house.member(log_).state = State::stopping;
    house.ask(log_, Wish::start);
    CHECK(house.grant().empty());
    CHECK(house.wishes() == 1);
    house.member(log_).state = State::stopped;
    CHECK(house.grant() == Strings{"start log"});
}

TEST_CASE("a stop takes its dependants down first, the last one first") {
    House house = running_shop();
    house.ask(db, Wish::stop);
    CHECK(house.waits_for(db) == Strings{"api"});
    CHECK(house.settle() == Strings{"stop web", "stop api", "stop db"});
    CHECK(house.member(log_).state == State::running);
    CHECK(house.wishes() == 0);
}

TEST_CASE("a stop says why its dependants stop") {
    House house = running_shop();
    house.ask(db, Wish::stop);
    CHECK(house.entry(web).why == "needs db");
    CHECK(house.entry(db).why == "asked");
    House group({{"store:db"}, {"web:web", 999, 999, {0}}});
    group.ask(1, Wish::start);
    CHECK(group.entry(0).why == "needed by web");
}

TEST_CASE("a stop of what nobody needs is granted at once, in any state but down") {
    for (State state : {State::starting, State::running, State::backoff, State::stopping}) {
        House house(shop());
        house.member(log_).state = state;
        house.ask(log_, Wish::stop);
        CHECK(house.grant() == Strings{"stop log"});
        CHECK(house.wishes() == 0);
    }
}

TEST_CASE("a stop of what is down is forgotten; in EXITED a restart may wait, so it is told") {
    for (State state : {State::stopped, State::fatal}) {
        House house(shop());
        house.member(log_).state = state;
        house.ask(log_, Wish::stop);
        CHECK(house.grant().empty());
        CHECK(house.wishes() == 0);
    }
    House house(shop());
    house.member(log_).state = State::exited;
    house.ask(log_, Wish::stop);
    CHECK(house.grant() == Strings{"stop log"});
    CHECK(house.wishes() == 0);
}

TEST_CASE("a stop waits for a dependant that takes its time, though it was asked before") {
    House house = running_shop();
    house.ask(web, Wish::stop);
    CHECK(house.grant() == Strings{"stop web"});
    house.ask(api, Wish::stop);
    CHECK(house.grant() == Strings{"stop web"});  // once more: it might be about to start again
    CHECK(house.grant().empty());
    CHECK(house.waits_for(api) == Strings{"web"});
    house.arrive(house.member(web));
    CHECK(house.grant() == Strings{"stop api"});
}

TEST_CASE("a stop calls off the starts that wait for its member") {
    House house(shop());
    house.ask(web, Wish::start);
    house.grant();
    house.ask(db, Wish::stop);
    CHECK(house.settle() == Strings{"stop db"});
    CHECK(house.wishes() == 0);
    CHECK(house.member(web).state == State::stopped);
}

TEST_CASE("a start calls off the stops of its needs that were not granted yet") {
    House house = running_shop();
    house.ask(db, Wish::stop);
    CHECK(house.grant() == Strings{"stop web"});
    house.ask(web, Wish::start);
    CHECK(house.settle() == Strings{"start web"});
    CHECK(house.member(db).state == State::running);
    CHECK(house.member(api).state == State::running);
}

TEST_CASE("a restart of a need stops its dependants first and starts them after it") {
    House house = running_shop();
    house.ask(db, Wish::restart);
    CHECK(house.settle() ==
          Strings{"stop web", "stop api", "restart db", "start api", "start web"});
    CHECK(house.wishes() == 0);
}

TEST_CASE("a restart starts again only those dependants that were up") {
    House house = running_shop();
    house.member(web).state = State::stopped;
    house.ask(db, Wish::restart);
    CHECK(house.settle() == Strings{"stop api", "restart db", "start api"});
    CHECK(house.member(web).state == State::stopped);
}

TEST_CASE(
    "a dependant that is down early waits for the restart of its need, though it still runs") {
    House house({{"db"}, {"fast", 999, 999, {0}}, {"slow", 999, 999, {0}}});
    for (auto& m : house.members()) m.state = State::running;
    house.ask(0, Wish::restart);
    CHECK(house.grant() == Strings{"stop slow", "stop fast"});
    house.arrive(house.member(1));
    CHECK(house.grant().empty());
    CHECK(house.waits_for(1) == Strings{"db"});
    CHECK(house.settle() == Strings{"restart db", "start fast", "start slow"});
}

TEST_CASE("a restart of what is down is a start, with its needs") {
    House house(shop());
    house.ask(api, Wish::restart);
    CHECK(house.settle() == Strings{"start db", "start api"});
}

TEST_CASE("a restart of what needs something comes as a stop and a start") {
    House house = running_shop();
    house.ask(web, Wish::restart);
    CHECK(house.grant() == Strings{"stop web"});
    house.member(api).state = State::backoff;
    house.arrive(house.member(web));
    CHECK(house.grant().empty());
    house.member(api).state = State::running;
    CHECK(house.grant() == Strings{"start web"});
}

TEST_CASE("a restart whose member dies before its dependants are down is a start") {
    House house = running_shop();
    house.ask(db, Wish::restart);
    house.grant();
    house.member(db).state = State::fatal;
    CHECK(house.settle() == Strings{"stop api", "start db", "start api", "start web"});
}

TEST_CASE("a dependant asked to stop for good during a restart stays down") {
    House house = running_shop();
    house.ask(db, Wish::restart);
    house.grant();
    house.ask(web, Wish::stop);
    CHECK(house.settle() == Strings{"stop web", "stop api", "restart db", "start api"});
}

TEST_CASE("a dependant asked to start during a restart of its need does not hold it up") {
    House house = running_shop();
    house.ask(db, Wish::restart);
    house.ask(api, Wish::start);
    house.settle();
    CHECK(house.wishes() == 0);
    for (auto const& m : house.members()) CHECK(m.state == State::running);
}

TEST_CASE("a dependant that comes up by itself while its need waits to stop is stopped too") {
    House house = running_shop();
    house.member(web).state = State::stopping;
    house.member(api).state = State::fatal;
    house.ask(api, Wish::stop);
    house.ask(db, Wish::stop);
    CHECK(house.grant() == Strings{"stop web"});
    house.member(web).state = State::stopped;
    house.member(api).state = State::starting;
    CHECK(house.settle() == Strings{"stop api", "stop db"});
}

TEST_CASE("without barriers everything that nobody waits for goes at once") {
    House house({{"a", 1, 1}, {"b", 2, 1}, {"c", 3, 1}});
    house.ask_all(Wish::start, /*barrier=*/false);
    CHECK(house.grant() == Strings{"start a", "start b", "start c"});
}

TEST_CASE("with barriers a stop goes tier by tier from the last, equal ones together") {
    House house({{"a:a", 1, 1}, {"a:b", 1, 2}, {"c:c", 2, 1}, {"d:d", 2, 1}});
    for (auto& m : house.members()) m.state = State::running;
    house.ask_all(Wish::stop, /*barrier=*/true);
    CHECK(house.grant() == Strings{"stop d:d", "stop c:c"});
    house.arrive(house.member(3));
    CHECK(house.grant().empty());
    CHECK(house.waits_for(0) == Strings{"a:b", "c:c"});
    house.arrive(house.member(2));
    CHECK(house.grant() == Strings{"stop a:b"});
    CHECK(house.settle() == Strings{"stop a:a"});
    CHECK(house.wishes() == 0);
}

TEST_CASE("a barrier waits only for those that are to stop") {
    House house({{"a", 1, 1}, {"b", 2, 1}});
    for (auto& m : house.members()) m.state = State::running;
    house.ask(0, Wish::stop, /*barrier=*/true);
    CHECK(house.grant() == Strings{"stop a"});
}

TEST_CASE("where barriers and needs disagree, needs win") {
    House house({{"web", 1, 1, {1}}, {"db", 2, 1}});  // web would stop last by priority
    for (auto& m : house.members()) m.state = State::running;
    house.ask_all(Wish::stop, /*barrier=*/true);
    CHECK(house.settle() == Strings{"stop web", "stop db"});
    CHECK(house.order().tier(0) == house.order().tier(1));
}

TEST_CASE("with barriers a start goes tier by tier, and waits for RUNNING") {
    House house({{"a", 1, 1}, {"b", 2, 1}, {"c", 2, 1}, {"d", 3, 1}});
    house.ask_all(Wish::start, /*barrier=*/true);
    CHECK(house.grant() == Strings{"start a"});
    house.member(0).state = State::backoff;
    CHECK(house.grant().empty());
    CHECK(house.waits_for(3) == Strings{"a", "b", "c"});
    house.member(0).state = State::running;
    CHECK(house.grant() == Strings{"start b", "start c"});
    CHECK(house.settle() == Strings{"start d"});
    CHECK(house.wishes() == 0);
}

TEST_CASE("a start that has failed holds up no tier behind it") {
    for (State end : {State::fatal, State::exited, State::stopped}) {
        House house({{"a", 1, 1}, {"b", 2, 1}});
        house.ask_all(Wish::start, /*barrier=*/true);
        house.grant();
        house.member(0).state = end;
        CHECK(house.grant() == Strings{"start b"});
    }
}

TEST_CASE("a start that waits for a failed need holds up no tier behind it") {
    House house({{"db", 1, 1}, {"api", 1, 2, {0}}, {"web", 1, 2, {1}}, {"log", 2, 1}});
    house.ask_all(Wish::start, /*barrier=*/true);
    house.grant();
    house.member(0).state = State::fatal;
    CHECK(house.grant() == Strings{"start log"});
    CHECK(house.waits_for(1) == Strings{"db"});
}

TEST_CASE("a stop with barrier of what came up again is granted anew") {
    House house({{"a", 1, 1}, {"b", 2, 1}});
    for (auto& m : house.members()) m.state = State::running;
    house.ask_all(Wish::stop, /*barrier=*/true);
    house.grant();
    house.member(1).state = State::running;
    CHECK(house.grant() == Strings{"stop b"});
}

TEST_CASE("a wish taken back is forgotten") {
    House house(shop());
    house.ask(web, Wish::start);
    for (int i : {db, api, web}) house.ask(i, Wish::none);
    CHECK(house.wishes() == 0);
    CHECK(house.settle().empty());
}

TEST_CASE("asking and granting for 1,000 members is cheap, in a row and in a chain") {
    for (bool chain : {false, true}) {
        std::vector<Member> members;
        for (int i = 0; i < 1000; ++i) {
            members.push_back({"p:" + std::to_string(i)});
            if (chain && i > 0) members.back().needs = {i - 1};
        }
        House house(std::move(members));
        for (auto& m : house.members()) m.state = State::running;
        auto before = std::chrono::steady_clock::now();
        house.ask_all(Wish::stop, /*barrier=*/true);
        auto granted = house.grant();
        auto took = std::chrono::steady_clock::now() - before;
        CHECK(granted.size() == (chain ? 1 : 1000));
        CHECK(took < std::chrono::milliseconds(500));  // about 1 ms; slow builds get some room
    }
}

namespace {

/// Random deeds of people and of processes in a graph; checks after every one.
class Turmoil {
public:
    Turmoil(std::vector<Member> members, unsigned seed)
        : house_(std::move(members)), random_(seed) {}

    void run(int deeds) {
        for (int i = 0; i < deeds; ++i) {
            deed();
            grant();
        }
        calm_down();
    }

private:
    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

    void deed() {
        int one = pick(static_cast<int>(house_.members().size()));
        Member& m = house_.member(one);
        switch (pick(8)) {
        case 0:
            return house_.ask(one, Wish::start, pick(2) == 0);
        case 1:
            return house_.ask(one, Wish::stop, pick(2) == 0);
        case 2:
            return house_.ask(one, Wish::restart);
        case 3:  // something goes wrong
            if (m.state == State::running) m.state = pick(2) ? State::exited : State::backoff;
            if (m.state == State::starting) m.state = pick(2) ? State::fatal : State::backoff;
            return;
        case 4:  // the next try, or a delayed restart
            if (m.state == State::backoff) m.state = State::starting;
            return;
        default:
            house_.arrive(m);
        }
    }

    /// The states before the grants are those that due() decided on.
    void grant() {
        std::vector<State> before;
        for (auto const& m : house_.members()) before.push_back(m.state);
        auto state = [&](int i) { return before[static_cast<std::size_t>(i)]; };
        for (auto const& words : house_.grant()) {
            int one = index(words.substr(words.find(' ') + 1));
            Member const& m = house_.member(one);
            bool starts = !words.starts_with("stop");
            bool stops = !words.starts_with("start");
            for (int need : m.needs)
                if (starts && state(need) != State::running) FAIL("started without its need");
            for (int dependant : house_.order().dependants(one))
                if (stops && !is_down(state(dependant))) FAIL("stopped under its dependant");
        }
    }

    int index(std::string const& name) {
        for (int i = 0;; ++i)
            if (house_.member(i).name == name) return i;
    }

    /// A world that goes well from here on: no wish may be left but those that wait for something
    /// that is down and not wished up.
    void calm_down() {
        for (int i = 0; i < 100; ++i) {
            grant();
            for (auto& m : house_.members()) {
                if (m.state == State::backoff) m.state = State::starting;
                house_.arrive(m);
            }
        }
        for (int i = 0; i < static_cast<int>(house_.members().size()); ++i) {
            if (house_.entry(i).wish == Wish::none) continue;
            CAPTURE(house_.member(i).name);
            CHECK(house_.entry(i).wish == Wish::start);
            auto those = house_.waits_for(i);
            bool excused = std::ranges::any_of(
                those, [&](auto& name) { return is_down(house_.member(index(name)).state); });
            if (!excused) FAIL("a wish was lost in a deadlock");
        }
    }

    House house_;
    std::mt19937 random_;
};

/// All graphs of four nodes in which each needs some of those before it; priorities at random.
std::vector<Member> graph(int edges, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<Member> members;
    int bit = 0;
    for (int i = 0; i < 4; ++i) {
        members.push_back({std::string(1, static_cast<char>('a' + i))});
        members.back().priority = static_cast<int>(random() % 3);
        for (int need = 0; need < i; ++need)
            if (edges >> bit++ & 1) members.back().needs.push_back(need);
    }
    return members;
}

}  // namespace

TEST_CASE("in no graph of four and no order of events is a wish lost or an order broken") {
    for (int edges = 0; edges < 64; ++edges) {
        for (unsigned seed = 0; seed < 60; ++seed) {
            CAPTURE(edges);
            CAPTURE(seed);
            Turmoil(graph(edges, seed), seed).run(40);
        }
    }
}
