// core/queue_property_test.cc: thousands of random calls, in random houses, answered by the real
// queue as by the plain one.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/queue_both.h"

using namespace lares;
using namespace lares::queue;

namespace {

constexpr int tasks = 4;

int number(int from, int to) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(from, to + 1));
}

Rules some_rules(int which) {
    Rules rules{.task = std::string(1, static_cast<char>('a' + which))};
    rules.workers = number(1, 3);
    rules.overlap = static_cast<Overlap>(number(0, 3));
    rules.parallel = number(0, 2);
    rules.queue_max = static_cast<std::size_t>(number(1, 12));
    rules.ageing = Duration(*rc::gen::element(0, 5, 5, 7));
    if (number(0, 2) == 0) rules.rate = {number(1, 3), Duration(number(1, 9))};
    rules.retry.retries = number(-1, 3);
    rules.retry.backoff_min = Duration(number(0, 3));
    rules.retry.backoff_max = Duration(number(0, 9));
    rules.retry.jitter_percent = 0;
    if (number(0, 3) == 0) rules.retry.on_codes = {number(2, 3)};
    if (number(0, 2) == 0) rules.retry.budget = {number(1, 2), Duration(number(1, 9))};
    rules.poison_after = number(0, 3);
    for (auto name : {"db", "gpu"})
        if (number(0, 1) == 0) rules.resources[name] = number(1, 2);
    return rules;
}

World some_world() {
    World world{.is_exact = false};
    for (int i = 0; i < tasks; i++) world.tasks.push_back(some_rules(i));
    world.capacity = {{"db", number(1, 5)}, {"gpu", number(0, 4)}};
    return world;
}

rc::Gen<Call> some_call() {
    auto any = rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0u, 1u << 20));
    return rc::gen::map(rc::gen::pair(any, any), [](auto drawn) {
        using Kind = Call::Kind;
        auto [one, two] = drawn;
        int which = static_cast<int>(one / 32 % 8), how = static_cast<int>(two % 6);
        switch (one % 32) {
        case 0:
            return Call{Kind::put_back, 0, 0};
        case 1:
            return Call{Kind::drop, which, 0};
        case 2:
            return Call{Kind::hurry, which, 0};
        case 3:
            return Call{Kind::priority, which, how};
        case 4:
            return Call{Kind::ready_at, which, how - 2};
        case 5:
            return Call{Kind::block, which, how};
        case 6:
        case 7:
            return Call{Kind::unblock, which, 0};
        case 8:
            return Call{Kind::cap, which, how % 3};
        case 9:
            return Call{Kind::throttle, which, how / 2};
        case 10:
            return Call{Kind::capacity, 0, how};
        case 11:
            return Call{Kind::rules, which, 0};
        case 12:
        case 13:
        case 14:
        case 15:
            return Call{Kind::wait, 0, how};
        case 16:
        case 17:
        case 18:
        case 19:
        case 20:
            return Call{Kind::end, which, static_cast<int>(two % 9)};
        case 21:
        case 22:
        case 23:
        case 24:
            return Call{Kind::take, 0, how % 3};
        default:
            return Call{Kind::put, which % tasks, static_cast<int>(two % put_kinds)};
        }
    });
}

}  // namespace

TEST_CASE("the queue answers thousands of random calls as its plain description does") {
    CHECK(rc::check([] {
        Both both(some_world());
        auto length = number(0, 14) == 0 ? 3'000 : 150;
        auto calls = *rc::gen::resize(length, rc::gen::container<std::vector<Call>>(some_call()));
        std::string story;
        for (Call const& call : calls) {
            story += " " + words(call);
            auto bad = both.apply(call);
            if (bad.empty() && (calls.size() < 200 || story.size() % 4 == 0)) bad = both.compare();
            if (!bad.empty()) RC_FAIL(bad + " after" + story);
        }
    }));
}
