// core/supervise_search_test.cc: every sequence of events that a world can produce, and random
// lives.
//
// The search walks all situations (the machine and what the world still owes it) that can be
// reached, breadth first, and meets each one once; times are taken relative to now, so that most
// sequences fall together and the search goes deep. In each situation it checks what must always
// hold, and that a stop ends with nothing alive. step() itself aborts when it leaves the table of
// edges.

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <unordered_set>

#include "base/overloaded.h"
#include "core/supervise.h"
#include "sim/one_process.h"

using namespace lares;
using namespace lares::supervise;
using namespace std::chrono_literals;

namespace {

constexpr Hook all_hooks[] = {Hook::pre_start, Hook::post_start, Hook::pre_stop, Hook::post_stop};

/// The machine, and what the world still owes it.
struct Situation {
    Process p;
    bool forking = false;
    bool alive = false;
    bool prepared = false;  // pre_start has succeeded since the last spawn
    bool hooks[4] = {};     // under way
    bool killed = false;    // alive, and the last rung's signal was sent
    Instant now{1'000'000ms};
    int depth = 0;

    bool& hook(Hook which) { return hooks[static_cast<int>(which)]; }
};

bool is_idle(State s) {
    return s == State::stopped || s == State::backoff || s == State::exited || s == State::fatal;
}

/// Everything that decides what may follow, times relative to now. Two situations with the same key
/// have the same futures.
std::string key(Situation const& s) {
    std::string out;
    auto put = [&](auto value) { out.append(reinterpret_cast<char const*>(&value), sizeof value); };
    auto put_time = [&](std::optional<Instant> t, Duration furthest) {
        put(t ? static_cast<int>(std::clamp(*t - s.now, -furthest, furthest).count()) : 1 << 30);
    };
    Process const& p = s.p;
    put(static_cast<char>(p.state));
    put(static_cast<char>(p.after));
    put(static_cast<char>(p.waiting_for ? 1 + static_cast<int>(*p.waiting_for) : 0));
    for (bool b : {p.pid != 0, p.ready, p.spawning, p.start_again, p.post_stop_runs,
                   p.post_start_runs, p.post_start_due, s.forking, s.alive, s.prepared, s.killed,
                   s.hooks[0], s.hooks[1], s.hooks[2], s.hooks[3]})
        put(b);
    put(static_cast<char>(p.failures));
    put(static_cast<char>(p.failures_before));
    put(static_cast<char>(std::min(p.exits, 3)));
    put(static_cast<char>(p.rung));
    bool up = p.pid != 0;
    put_time(up ? p.spawned_at : std::nullopt, 4s);
    put_time(p.state == State::running ? p.running_since : std::nullopt, 1s);
    put_time(p.deadline, 20s);
    for (Instant r : p.restarts) put_time(r, 20s);
    return out;
}

/// What the world could tell next.
std::vector<Event> possible(Situation& s) {
    std::vector<Event> events = {StartAsked{}, StopAsked{}, RestartAsked{},
                                 RestartAsked{"watch", true}};
    if (s.forking) {
        events.push_back(Spawned{7, s.now});
        events.push_back(SpawnFailed{"no memory"});
    }
    if (s.alive) {
        events.push_back(Exited{0, 0, false, s.now});
        events.push_back(Exited{1, 0, false, s.now});
        events.push_back(Exited{-1, 9, false, s.now - 700ms});  // learned of late
    }
    if (s.alive || s.forking) events.push_back(ReadySeen{});
    for (Hook hook : all_hooks) {
        if (!s.hook(hook)) continue;
        events.push_back(HookDone{hook, true, ""});
        events.push_back(HookDone{hook, false, "exited with 1"});
    }
    if (s.p.deadline) events.push_back(DeadlinePassed{});
    return events;
}

/// What the world owes less after telling `event`.
void tell(Situation& s, Event const& event) {
    std::visit(Overloaded{
                   [&](Spawned const&) { s.forking = false, s.alive = true, s.killed = false; },
                   [&](SpawnFailed const&) { s.forking = false; },
                   [&](Exited const&) { s.alive = false; },
                   [&](HookDone const& e) {
                       s.hook(e.hook) = false;
                       if (e.hook == Hook::pre_start) s.prepared = e.ok;
                   },
                   [](auto const&) {},
               },
               event);
}

/// What it owes more after `action`; complains where an action makes no sense.
void act(Situation& s, Policy const& policy, State& state, Action const& action) {
    std::visit(Overloaded{
                   [&](Spawn) {
                       if (s.forking || s.alive) FAIL("two at a time");
                       if (policy.has_pre_start && !s.prepared) FAIL("spawned without pre_start");
                       if (s.hook(Hook::post_stop)) FAIL("spawned during post_stop");
                       s.forking = true;
                       s.prepared = false;
                   },
                   [&](Signal const& a) {
                       if (!s.alive) FAIL("a signal to nobody");
                       if (s.hook(Hook::pre_stop)) FAIL("a signal during pre_stop");
                       s.killed = s.killed || a.last_rung;
                   },
                   [&](RunHook const& a) {
                       if (s.hook(a.hook)) FAIL("a hook twice at a time");
                       s.hook(a.hook) = true;
                   },
                   [&](CancelHook const& a) {
                       if (!s.hook(a.hook)) FAIL("cancels what does not run");
                   },
                   [&](Announce const& a) {
                       if (a.from != state) FAIL("a gap in what is announced");
                       state = a.to;
                   },
               },
               action);
}

void check_invariants(Situation const& s, Policy const& policy, Event const& event) {
    Process const& p = s.p;
    CAPTURE(name(p.state));
    CAPTURE(event.index());
    CAPTURE(s.depth);
    if (is_idle(p.state) && (p.pid || p.spawning || p.waiting_for)) FAIL("idle and yet busy");
    if ((p.pid != 0) != s.alive) FAIL("does not know who lives");
    if (p.spawning != s.forking) FAIL("does not know of the fork");
    bool timed = p.deadline.has_value();
    bool never_timed =
        p.state == State::stopped || p.state == State::running || p.state == State::fatal;
    if (timed && never_timed) FAIL("a deadline without a purpose");
    if (timed && p.pid == 0 && (p.state == State::starting || p.state == State::stopping))
        FAIL("a deadline for nobody");
    if (p.state == State::backoff && !timed) FAIL("BACKOFF without an end");
    if (p.state == State::starting && !timed && !p.spawning && !p.waiting_for && !p.post_stop_runs)
        FAIL("STARTING waits for nothing");
    if (p.state == State::stopping && !timed && !p.spawning && !p.waiting_for)
        FAIL("STOPPING waits for nothing");
    if (p.post_stop_runs != s.hooks[3]) FAIL("does not know of post_stop");
    if (p.post_start_runs != s.hooks[1]) FAIL("does not know of post_start");
    if (std::holds_alternative<DeadlinePassed>(event) && timed && *p.deadline < s.now)
        FAIL("a deadline left in the past");
    if (static_cast<int>(p.restarts.size()) > std::max(policy.window.count, 0))
        FAIL("remembers too many restarts");
}

Situation after(Situation s, Policy const& policy, Event event) {
    bool deadline = std::holds_alternative<DeadlinePassed>(event);
    s.now = deadline ? std::max(s.now, *s.p.deadline) : s.now + 400ms;
    s.depth += 1;
    tell(s, event);
    State state = s.p.state;
    auto [next, actions] = step(s.p, policy, event, s.now);
    for (auto const& action : actions) act(s, policy, state, action);
    s.p = std::move(next);
    if (state != s.p.state) FAIL("a state entered in silence");
    check_invariants(s, policy, event);
    return s;
}

/// What a world that answers everything, but dies only of the last rung, tells next; none: it is
/// at rest.
std::optional<Event> answer(Situation& s) {
    if (s.forking) return Spawned{7, s.now};
    for (Hook hook : {Hook::pre_start, Hook::pre_stop, Hook::post_stop, Hook::post_start})
        if (s.hook(hook)) return HookDone{hook, false, "killed"};
    if (s.alive && s.killed) return Exited{-1, 9, false, s.now};
    if (s.p.deadline) return DeadlinePassed{};
    return std::nullopt;
}

void check_that_stop_ends_it(Situation s, Policy const& policy) {
    s = after(std::move(s), policy, StopAsked{});
    for (int i = 0; i < 20; ++i) {
        auto event = answer(s);
        if (!event) break;
        s = after(std::move(s), policy, *event);
    }
    CAPTURE(name(s.p.state));
    bool down =
        s.p.state == State::stopped || s.p.state == State::exited || s.p.state == State::fatal;
    if (!down || s.alive || s.forking || answer(s)) FAIL("a stop left something alive");
}

/// Searches from a process that was never started; at most `most` situations.
void search(Policy const& policy, std::size_t most) {
    std::unordered_set<std::string> met;
    std::deque<Situation> front{Situation{}};
    met.insert(key(front.front()));
    int depth = 0;
    while (!front.empty() && met.size() < most) {
        Situation s = std::move(front.front());
        front.pop_front();
        depth = s.depth;
        check_that_stop_ends_it(s, policy);
        for (auto const& event : possible(s)) {
            Situation next = after(s, policy, event);
            if (met.insert(key(next)).second) front.push_back(std::move(next));
        }
    }
    CAPTURE(met.size());
    CHECK((front.empty() || depth > 6));  // every sequence of six events, most of twelve and more
}

#ifdef __OPTIMIZE__
constexpr std::size_t many = 60'000;
#else
constexpr std::size_t many = 6'000;
#endif

}  // namespace

TEST_CASE("no sequence of events breaks a plain program") { search({.startretries = 2}, many); }

TEST_CASE("no sequence of events breaks a program that is RUNNING at once") {
    search({.startsecs = 0s, .startretries = 1, .restart = Restart::always}, many);
}

TEST_CASE("no sequence of events breaks a program with hooks") {
    search({.startretries = 1,
            .has_pre_start = true,
            .has_post_start = true,
            .has_pre_stop = true,
            .has_post_stop = true},
           many);
}

TEST_CASE("no sequence of events breaks a program that says when it is ready") {
    search({.startretries = 1, .restart = Restart::always, .ready_within = 2s}, many);
}

TEST_CASE("no sequence of events breaks a long ladder") {
    search({.startretries = 1, .stop_ladder = {{1, 1s}, {15, 0s}, {2, 3s}, {9, 0s}}}, many);
}

TEST_CASE("no sequence of events breaks a window of restarts with delays") {
    search({.startretries = -1,
            .restart = Restart::always,
            .restart_delay = 1s,
            .restart_backoff = 2,
            .restart_max_delay = 3s,
            .window = {2, 10s}},
           many);
}

TEST_CASE("no sequence of events breaks all of it together") {
    search({.startretries = 1,
            .restart_delay = 1s,
            .window = {2, 10s},
            .ready_within = 2s,
            .has_pre_start = true,
            .has_post_start = true,
            .has_pre_stop = true,
            .has_post_stop = true},
           many);
}

namespace {

/// A policy and a world drawn from `seed`.
class RandomLife {
public:
    explicit RandomLife(unsigned seed) : random_(seed) {}

    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    bool one_in(int n) { return pick(n) == 0; }

    Policy policy() {
        Policy policy{.startretries = 2, .restart = Restart(pick(3))};
        if (one_in(4)) policy.startsecs = 0s;
        if (one_in(3)) policy.restart_delay = Duration(pick(3000));
        if (one_in(3)) policy.window = {1 + pick(3), Duration(pick(60'000))};
        if (one_in(3)) policy.ready_within = Duration(pick(3000));
        if (one_in(3)) policy.stop_ladder = {{1, 1s}, {15, Duration(pick(2000))}, {9, 500ms}};
        policy.has_pre_start = one_in(3);
        policy.has_post_start = one_in(3);
        policy.has_pre_stop = one_in(3);
        policy.has_post_stop = one_in(3);
        return policy;
    }

    sim::Life life() {
        sim::Life life{.fork_takes = Duration(pick(60)),
                       .lives = Duration(pick(4000)),
                       .code = pick(2),
                       .ignores_term = one_in(4),
                       .dies_in = Duration(one_in(2) ? 0 : pick(1500)),
                       .told_late = Duration(one_in(2) ? 0 : pick(1500))};
        if (one_in(8)) life.spawn_error = "fork: resource temporarily unavailable";
        if (!one_in(4)) life.ready_after = Duration(pick(2500));
        return life;
    }

    sim::HookLife hook() {
        return {.takes = Duration(pick(2000)), .ok = !one_in(4), .ignores_cancel = one_in(2)};
    }

    /// One deed of a person, or some time.
    void poke(sim::OneProcess& world) {
        switch (pick(8)) {
        case 0:
            return world.start();
        case 1:
            return world.stop();
        case 2:
            return world.restart(/*automatic=*/one_in(2));
        default:
            return world.run_for(Duration(pick(5000)));
        }
    }

private:
    std::mt19937 random_;
};

}  // namespace

TEST_CASE("random lives walk every edge and never lose a process") {
    std::set<std::pair<State, State>> walked;
    for (unsigned seed = 1; seed <= 1000; ++seed) {
        CAPTURE(seed);
        RandomLife random(seed);
        sim::OneProcess world(
            random.policy(), [&] { return random.life(); }, [&](Hook) { return random.hook(); });
        world.set_deadline_first(random.one_in(2));
        for (int i = 0; i < 60; ++i) random.poke(world);
        world.stop();
        world.run_for(60s);
        REQUIRE(world.process().pid == 0);  // whatever happened, a stop leaves nothing alive
        REQUIRE(!is_up(world.state()));
        REQUIRE(world.complaints() == std::vector<std::string>{});
        walked.insert(world.walked().begin(), world.walked().end());
    }
    for (auto const& e : edges()) {
        CAPTURE(name(e.from));
        CAPTURE(name(e.to));
        CHECK(walked.contains({e.from, e.to}));
    }
}

TEST_CASE("the same lives make the same history") {
    auto history = [] {
        RandomLife random(42);
        sim::OneProcess world(random.policy(), [&] { return random.life(); });
        for (int i = 0; i < 100; ++i) random.poke(world);
        return world.history();
    };
    CHECK(history() == history());
}
