// core/queue_search_test.cc: every sequence of calls up to a depth, in small houses.
//
// Breadth first over the situations that can be reached; each is met once (times relative to now),
// and from each every call is tried on a fresh queue that has been led there. After every call the
// real queue is compared with the plain one and with the rules that always hold: each accepted job
// is live or has ended, never both and never twice; nothing runs beyond workers and resources; a
// ready job starts or has reasons why not; and when nothing can start, deadline() is the very
// instant at which something can, or none.

#include <doctest/doctest.h>

#include <deque>
#include <unordered_set>

#include "core/queue_both.h"

using namespace lares;
using namespace lares::queue;

namespace {

using Kind = Call::Kind;
using job::Outcome;

struct Size {
    std::size_t jobs;
    int depth;
};

/// What may be tried in any situation: one list for all, calls that mean nothing change nothing.
std::vector<Call> calls(World const& world, std::vector<Call> const& special) {
    std::vector<Call> all{{Kind::take, 0, 0}, {Kind::take, 0, 1}, {Kind::put_back, 0, 0}};
    for (int which = 0; which < 2; which++) {
        for (auto outcome : {Outcome::ok, Outcome::error, Outcome::crash, Outcome::interrupted})
            all.push_back({Kind::end, which, static_cast<int>(outcome)});
        all.push_back({Kind::drop, which, 0});
    }
    for (int task = 0; task < static_cast<int>(world.tasks.size()); task++)
        all.push_back({Kind::put, task, plain});
    all.push_back({Kind::wait, 0, 2});
    all.insert(all.end(), special.begin(), special.end());
    return all;
}

struct Found {
    std::size_t situations = 0, tried = 0;
    std::string bad;
};

std::string story(std::vector<Call> const& path) {
    std::string all;
    for (Call const& call : path) all += " " + words(call);
    return all;
}

/// A situation, by the calls that lead there.
struct Situation {
    std::vector<Call> path;
    std::size_t accepted = 0, ready = 0, running = 0;
};

Situation situation(std::vector<Call> path, Both const& both) {
    return {std::move(path), both.accepted(), both.count(false), both.count(true)};
}

bool means_something(Call const& call, Situation const& at, std::size_t jobs) {
    auto which = static_cast<std::size_t>(call.which);
    switch (call.kind) {
    case Kind::put:
        return at.accepted < jobs;
    case Kind::end:
        return which < at.running;
    case Kind::drop:
    case Kind::hurry:
    case Kind::ready_at:
        return which < at.ready;
    default:
        return true;
    }
}

Found search(World const& world, Size size, std::vector<Call> const& special) {
    Found found;
    auto const all = calls(world, special);
    std::unordered_set<std::string> met;
    std::deque<Situation> open{{}};
    for (; !open.empty(); open.pop_front()) {
        Situation const& from = open.front();
        for (Call const& call : all) {
            if (!means_something(call, from, size.jobs)) continue;
            Both both(world);
            for (Call const& step : from.path) both.apply(step);
            found.tried++;
            auto bad = both.apply(call);
            auto path = from.path;
            path.push_back(call);
            bool is_new = bad.empty() && met.insert(both.key()).second;
            if (is_new) bad = both.compare();
            if (!bad.empty()) {
                found.bad = bad + " after" + story(path);
                return found;
            }
            bool goes_on = is_new && static_cast<int>(path.size()) < size.depth;
            if (goes_on) open.push_back(situation(std::move(path), both));
        }
    }
    found.situations = met.size();
    return found;
}

/// Two tasks; retries 1, poison 2.
World house(Overlap overlap) {
    World world;
    Rules a{.task = "a", .overlap = overlap};
    a.ageing = Duration(10);
    a.retry = {.retries = 1, .backoff_min = Duration(2), .backoff_max = Duration(2)};
    a.retry.jitter_percent = 0;
    a.poison_after = 2;
    Rules b = a;
    b.task = "b";
    b.overlap = Overlap::queue;
    world.tasks = {a, b};
    return world;
}

void check(World const& world, Size size, std::vector<Call> const& special) {
    Found found = search(world, size, special);
    CHECK_MESSAGE(found.bad.empty(), found.bad);
    CHECK_MESSAGE(found.situations > 3'000, "the house is too small to show anything");
}

}  // namespace

TEST_CASE("no sequence of 6 calls breaks a rule of the queue: each overlap") {
    for (auto overlap : {Overlap::queue, Overlap::skip, Overlap::replace, Overlap::parallel}) {
        World world = house(overlap);
        world.tasks[0].parallel = 2;
        world.tasks[0].queue_max = 2;
        check(world, {3, 6}, {{Kind::put, 0, by_clock}, {Kind::put, 0, delayed}});
    }
}

TEST_CASE("no sequence of 6 calls breaks a rule of the queue: resources shared by two tasks") {
    World world = house(Overlap::parallel);
    world.capacity = {{"db", 2}};
    world.is_exact = false;  // what is due may find its resource kept for another
    world.tasks[0].parallel = 2;
    world.tasks[0].resources = {{"db", 1}};
    world.tasks[1].resources = {{"db", 2}};
    check(world, {3, 6}, {{Kind::put, 1, urgent}, {Kind::capacity, 0, 1}, {Kind::capacity, 0, 2}});
}

TEST_CASE("no sequence of 6 calls breaks a rule of the queue: blocks, caps and rates") {
    World world = house(Overlap::queue);
    world.tasks[0].workers = 2;
    world.tasks[0].rate = {1, Duration(3)};
    check(world, {3, 6},
          {{Kind::block, 0, 3},
           {Kind::block, 2, 0},
           {Kind::unblock, 2, 0},
           {Kind::cap, 0, 1},
           {Kind::throttle, 2, 4},
           {Kind::throttle, 2, 0}});
}

TEST_CASE("no sequence of 6 calls breaks a rule of the queue: jobs that wait for others") {
    World world = house(Overlap::queue);
    world.tasks[0].workers = 2;
    check(world, {4, 6},
          {{Kind::put, 0, behind_first}, {Kind::put, 1, behind_all}, {Kind::hurry, 0, 0}});
}

TEST_CASE("no sequence of 6 calls breaks a rule of the queue: a budget of retries, and hurry") {
    World world = house(Overlap::queue);
    world.tasks[0].workers = 2;
    world.tasks[0].retry.budget = {1, Duration(5)};
    check(world, {3, 6},
          {{Kind::hurry, 0, 0},
           {Kind::put, 0, urgent},
           {Kind::ready_at, 0, 1},
           {Kind::rules, 0, 0},
           {Kind::rules, 2, 0}});
}
