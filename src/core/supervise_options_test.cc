// core/supervise_options_test.cc: what supervisord does not have: hooks, readiness, delays,
// windows.

#include <doctest/doctest.h>

#include <algorithm>

#include "core/supervise.h"
#include "sim/one_process.h"

using namespace lares;
using namespace lares::supervise;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

sim::Life lives(Duration span, int code = 0) { return {.lives = span, .code = code}; }
sim::Life obedient() { return {}; }

Policy all_hooks() {
    return {
        .has_pre_start = true, .has_post_start = true, .has_pre_stop = true, .has_post_stop = true};
}

sim::OneProcess hooked(std::function<sim::HookLife(Hook)> hook,
                       std::function<sim::Life()> program = obedient) {
    return sim::OneProcess(all_hooks(), std::move(program), std::move(hook));
}

/// Every hook takes that long and ends well.
std::function<sim::HookLife(Hook)> taking(Duration span) {
    return [span](Hook) { return sim::HookLife{.takes = span}; };
}

/// Only `which` takes that long; the others end at once.
std::function<sim::HookLife(Hook)> only(Hook which, sim::HookLife life) {
    return [which, life](Hook hook) { return hook == which ? life : sim::HookLife{}; };
}

bool has(sim::OneProcess const& world, std::string const& deed) {
    return std::ranges::count(world.deeds(), deed) > 0;
}

}  // namespace

TEST_CASE("a life with all hooks has its turns in this order") {
    auto world = hooked(taking(100ms));
    world.start();
    world.run_for(5s);
    world.stop();
    world.run_for(5s);
    CHECK(world.deeds() == Strings{"STARTING: start asked", "run pre_start", "pre_start ended",
                                   "spawn", "RUNNING: stayed up for 1 s", "run post_start",
                                   "post_start ended", "STOPPING: stop asked", "run pre_stop",
                                   "pre_stop ended", "signal 15", "run post_stop",
                                   "STOPPED: stop asked: killed by SIGTERM", "post_stop ended"});
    CHECK(world.complaints().empty());
}

TEST_CASE("a pre_start that fails is a failed start") {
    auto world = hooked(only(Hook::pre_start, {.ok = false}));
    world.start();
    world.run_for(0ms);
    CHECK(world.history()[1] == "0 BACKOFF: pre_start exited with 1, retrying in 1 s");
    world.run_for(60s);
    CHECK(world.history().back() == "6000 FATAL: gave up after 4 tries: pre_start exited with 1");
    CHECK(!has(world, "spawn"));
    CHECK(!has(world, "run post_stop"));  // nothing ran that could be cleaned up after
}

TEST_CASE("a stop during pre_start cancels it and is done when it has ended") {
    auto world = hooked(only(Hook::pre_start, {.takes = 5s, .ignores_cancel = true}));
    world.start();
    world.run_for(1s);
    world.stop();
    world.run_for(3s);
    CHECK(world.state() == State::stopping);
    world.run_for(1s);
    CHECK(world.history().back() == "5000 STOPPED: stop asked");
    CHECK(has(world, "cancel pre_start"));
    CHECK(!has(world, "spawn"));
}

TEST_CASE("a restart during pre_start runs it anew") {
    auto world = hooked(taking(100ms));
    world.start();
    world.run_for(50ms);
    world.restart();
    world.run_for(5s);
    CHECK(std::ranges::count(world.deeds(), "run pre_start") == 2);
    CHECK(world.spawned() == 1);
    CHECK(world.state() == State::running);
}

TEST_CASE("a pre_stop that fails delays the signal only until its end") {
    auto world = hooked(only(Hook::pre_stop, {.takes = 3s, .ok = false}));
    world.start();
    world.run_for(2s);
    world.stop();
    world.run_for(2999ms);
    CHECK(!has(world, "signal 15"));
    world.run_for(1ms);
    CHECK(world.state() == State::stopped);
}

TEST_CASE("an exit during pre_stop lets it end, then is STOPPED with the exit's words") {
    auto world = hooked(only(Hook::pre_stop, {.takes = 3s}), [] { return lives(3s, 4); });
    world.start();
    world.run_for(2s);
    world.stop();
    world.run_for(2s);
    CHECK(world.state() == State::stopping);
    CHECK(world.process().pid == 0);
    world.run_for(1s);
    CHECK(world.history().back() == "5000 STOPPED: stop asked: exited with 4");
    CHECK(!world.announced().back().expected);
    CHECK(!has(world, "signal 15"));
}

TEST_CASE("what never came up is stopped without pre_stop") {
    auto world = hooked(taking(0ms));
    world.start();
    world.run_for(500ms);
    world.stop();
    world.run_for(0ms);
    CHECK(world.state() == State::stopped);
    CHECK(!has(world, "run pre_stop"));
}

TEST_CASE("post_stop runs after every end of a process and before the next start") {
    auto world = hooked(only(Hook::post_stop, {.takes = 5s}), [] { return lives(100ms, 1); });
    world.start();
    world.run_for(100ms);
    CHECK(world.history().back() == "100 BACKOFF: exited with 1 after 0.1 s, retrying in 1 s");
    CHECK(has(world, "run post_stop"));
    world.run_for(4999ms);
    CHECK(world.state() == State::starting);
    CHECK(world.spawned() == 1);
    world.run_for(1ms);
    CHECK(world.spawned() == 2);
    CHECK(world.history().back() == "1100 STARTING: try 2 of 4");
}

TEST_CASE("a stop while post_stop of the last run holds up the start is done at once") {
    auto world = hooked(only(Hook::post_stop, {.takes = 5s}), [] { return lives(100ms, 1); });
    world.start();
    world.run_for(2s);
    REQUIRE(world.state() == State::starting);
    world.stop();
    CHECK(world.history()[3] == "2000 STOPPING: stop asked");
    CHECK(world.history()[4] == "2000 STOPPED: stop asked");
    world.run_for(1h);
    CHECK(world.spawned() == 1);
}

TEST_CASE("a restart while a start waits for post_stop changes nothing") {
    for (bool automatic : {false, true}) {
        auto world = hooked(only(Hook::post_stop, {.takes = 5s}), [] { return lives(100ms, 1); });
        world.start();
        world.run_for(2s);
        auto before = world.deeds();
        world.restart(automatic);
        CHECK(world.deeds() == before);
    }
}

TEST_CASE("post_start delays nothing and is cancelled when its process leaves RUNNING") {
    auto world = hooked(only(Hook::post_start, {.takes = 1h}));
    world.start();
    world.run_for(2s);
    CHECK(world.state() == State::running);
    world.stop();
    world.run_for(0ms);
    CHECK(has(world, "cancel post_start"));
    CHECK(world.state() == State::stopped);
}

TEST_CASE("two post_start are never under way together") {
    auto world = hooked(only(Hook::post_start, {.takes = 4500ms, .ignores_cancel = true}),
                        [n = 0]() mutable { return ++n == 1 ? lives(2s, 1) : obedient(); });
    world.start();
    world.run_for(5s);
    CHECK(world.state() == State::running);
    CHECK(std::ranges::count(world.deeds(), "run post_start") == 1);
    world.run_for(5s);
    CHECK(std::ranges::count(world.deeds(), "run post_start") == 2);
    CHECK(world.complaints().empty());
}

TEST_CASE("a post_start whose turn has not come is dropped with its process") {
    auto world = hooked(only(Hook::post_start, {.takes = 10s, .ignores_cancel = true}),
                        [n = 0]() mutable { return ++n == 1 ? lives(2s, 1) : obedient(); });
    world.start();
    world.run_for(5s);
    world.stop();
    world.run_for(1h);
    CHECK(std::ranges::count(world.deeds(), "run post_start") == 1);
    CHECK(std::ranges::count(world.deeds(), "cancel post_start") == 1);
    CHECK(world.complaints().empty());
}

TEST_CASE("a program that came up and was gone before we looked gets no post_start") {
    Policy policy = all_hooks();
    Process p{.state = State::starting, .pid = 7, .spawned_at = Instant(0ms)};
    Step s = step(p, policy, Exited{0, 0, false, Instant(3s)}, Instant(4s));
    CHECK(s.next.state == State::exited);
    CHECK(!s.next.post_start_runs);
}

TEST_CASE("with ready_within a program is RUNNING when it says so, not before startsecs") {
    auto run = [](Duration ready_after) {
        sim::OneProcess world({.ready_within = 30s},
                              [=] { return sim::Life{.ready_after = ready_after}; });
        world.start();
        world.run_for(60s);
        return world.history()[1];
    };
    CHECK(run(4200ms) == "4200 RUNNING: ready after 4.2 s");
    CHECK(run(200ms) == "1000 RUNNING: ready after 1 s");
}

TEST_CASE("readiness with startsecs = 0 needs no more than the word") {
    sim::OneProcess world({.startsecs = 0s, .ready_within = 30s},
                          [] { return sim::Life{.ready_after = 50ms}; });
    world.start();
    world.run_for(49ms);
    CHECK(world.state() == State::starting);
    world.run_for(1ms);
    CHECK(world.state() == State::running);
}

TEST_CASE("a word of readiness that overtakes the news of the fork counts") {
    Policy policy{.startsecs = 0s, .ready_within = 30s};
    Process p{.state = State::starting, .spawning = true};
    p = step(p, policy, ReadySeen{}, Instant(5s)).next;
    CHECK(p.state == State::starting);
    CHECK(step(p, policy, Spawned{7}, Instant(5s)).next.state == State::running);
}

TEST_CASE("a program that is not ready in time is stopped and tried again") {
    sim::OneProcess world({.startretries = 1, .ready_within = 5s},
                          [] { return sim::Life{.dies_in = 100ms}; });
    world.start();
    world.run_for(60s);
    CHECK(world.history() ==
          Strings{"0 STARTING: start asked", "5000 STOPPING: not ready within 5 s",
                  "5100 BACKOFF: not ready within 5 s, retrying in 1 s",
                  "6100 STARTING: try 2 of 2", "11100 STOPPING: not ready within 5 s",
                  "11200 BACKOFF: not ready within 5 s",
                  "11200 FATAL: gave up after 2 tries: not ready within 5 s"});
    CHECK(world.process().pid == 0);
}

TEST_CASE("a program that is not ready in time and ignores TERM is killed before the next try") {
    sim::OneProcess world({.ready_within = 5s}, [] { return sim::Life{.ignores_term = true}; });
    world.start();
    world.run_for(15s);
    CHECK(world.history()[2] == "15000 BACKOFF: not ready within 5 s, retrying in 1 s");
}

TEST_CASE("a stop while a program that was not ready dies ends in STOPPED") {
    sim::OneProcess world({.ready_within = 5s}, [] { return sim::Life{.dies_in = 1s}; });
    world.start();
    world.run_for(5500ms);
    world.stop();
    world.run_for(1h);
    CHECK(world.history().back() == "6000 STOPPED: stop asked: killed by SIGTERM");
}

TEST_CASE("a start while a program that was not ready dies starts it, with all retries") {
    sim::OneProcess world({.startretries = 0, .ready_within = 5s}, [n = 0]() mutable {
        return ++n == 1 ? sim::Life{.dies_in = 1s} : sim::Life{.ready_after = 1s};
    });
    world.start();
    world.run_for(5500ms);
    world.start();
    world.run_for(10s);
    CHECK(world.state() == State::running);
}

TEST_CASE("an exit before the word of readiness is a failed start, however long it was up") {
    sim::OneProcess world({.ready_within = 30s}, [] { return lives(20s, 0); });
    world.start();
    world.run_for(20s);
    CHECK(world.history()[1] == "20000 BACKOFF: exited with 0 after 20 s, retrying in 1 s");
}

TEST_CASE("the word of readiness is forgotten at the next start") {
    sim::OneProcess world({.ready_within = 30s}, [n = 0]() mutable {
        return ++n == 1 ? sim::Life{.lives = 5s, .code = 1, .ready_after = 1s} : sim::Life{};
    });
    world.start();
    world.run_for(20s);
    CHECK(world.state() == State::starting);
    CHECK(!world.process().ready);
}

TEST_CASE("restart_delay delays a restart, and a stop calls it off") {
    sim::OneProcess world({.restart_delay = 5s}, [] { return lives(2s, 1); });
    world.start();
    world.run_for(2s);
    CHECK(world.history().back() == "2000 EXITED: exited with 1 after 2 s, restarting in 5 s");
    world.run_for(5s);
    CHECK(world.history().back() == "7000 STARTING: restarting: exited with 1");
    world.run_for(3s);
    REQUIRE(world.state() == State::exited);
    world.stop();
    CHECK(world.history().back() == "10000 STOPPED: stop asked");
    world.run_for(1h);
    CHECK(world.spawned() == 2);
}

TEST_CASE("a start or restart while a restart waits starts at once") {
    for (bool restart : {false, true}) {
        sim::OneProcess world({.restart_delay = 5s}, [] { return lives(2s, 1); });
        world.start();
        world.run_for(3s);
        restart ? world.restart() : world.start();
        CHECK(world.state() == State::starting);
        CHECK(world.process().exits == 0);
        world.run_for(0ms);
        CHECK(world.spawned() == 2);
    }
}

TEST_CASE("restart_delay also holds for failed starts, and grows with restart_backoff") {
    sim::OneProcess world({.restart_delay = 2s, .restart_backoff = 3, .restart_max_delay = 10s},
                          [] { return lives(0ms, 1); });
    world.start();
    world.run_for(1h);
    CHECK(world.history()[1] == "0 BACKOFF: exited with 1 after 0 s, retrying in 2 s");
    CHECK(world.history()[3] == "2000 BACKOFF: exited with 1 after 0 s, retrying in 6 s");
    CHECK(world.history()[5] == "8000 BACKOFF: exited with 1 after 0 s, retrying in 10 s");
}

TEST_CASE("the delay after exits grows, and a long run begins it anew") {
    int n = 0;
    sim::OneProcess world({.restart_delay = 1s, .restart_backoff = 2},
                          [&] { return lives(++n == 3 ? 600s : 2s, 1); });
    world.start();
    world.run_for(12min);
    Strings waits;
    for (auto const& a : world.announced())
        if (a.to == State::exited) waits.push_back(a.why.substr(a.why.find(',') + 2));
    CHECK(waits.size() > 4);
    CHECK(Strings(waits.begin(), waits.begin() + 4) ==
          Strings{"restarting in 1 s", "restarting in 2 s", "restarting in 1 s",
                  "restarting in 2 s"});
}

TEST_CASE("more automatic restarts than the window allows end in FATAL") {
    sim::OneProcess world({.window = {5, 60s}}, [] { return lives(2s, 1); });
    world.start();
    world.run_for(1h);
    CHECK(world.spawned() == 6);
    CHECK(world.history().back() == "12000 FATAL: restarted 5 times within 60 s, giving up");
    CHECK(world.announced()[world.announced().size() - 2].to == State::exited);
}

TEST_CASE("restarts that keep to the window go on for ever") {
    sim::OneProcess world({.window = {5, 10s}}, [] { return lives(2s, 1); });
    world.start();
    world.run_for(1h);
    CHECK(world.spawned() == 1801);
}

TEST_CASE("the window counts failed starts too, and tells so before it waits in vain") {
    sim::OneProcess world({.startretries = -1, .window = {3, 60s}}, [] { return lives(0ms, 1); });
    world.start();
    world.run_for(1h);
    CHECK(world.spawned() == 4);
    CHECK(world.history().back() == "6000 FATAL: restarted 3 times within 60 s, giving up");
}

TEST_CASE("the window counts restarts asked by itself, and stops what is alive") {
    sim::OneProcess world({.window = {1, 60s}}, [] { return sim::Life{.dies_in = 100ms}; });
    world.start();
    world.run_for(2s);
    world.restart(/*automatic=*/true);
    world.run_for(2s);
    CHECK(world.state() == State::running);
    world.restart(/*automatic=*/true);
    CHECK(world.state() == State::stopping);
    world.run_for(1h);
    CHECK(world.history().back() == "4100 FATAL: restarted 1 time within 60 s, giving up");
    CHECK(world.process().pid == 0);
}

TEST_CASE("an automatic restart in BACKOFF counts for the window") {
    Process p{
        .state = State::backoff, .failures = 1, .deadline = Instant(9s), .restarts = {Instant(1s)}};
    Policy policy{.window = {1, 60s}};
    CHECK(step(p, policy, RestartAsked{"file changed", true}, Instant(5s)).next.state ==
          State::fatal);
    policy.window.count = 2;
    Process next = step(p, policy, RestartAsked{"file changed", true}, Instant(5s)).next;
    CHECK(next.state == State::starting);
    CHECK(next.restarts.size() == 2);
}

TEST_CASE("a person's start forgets the restarts before it") {
    sim::OneProcess world({.window = {2, 1h}}, [] { return lives(2s, 1); });
    world.start();
    world.run_for(1min);
    CHECK(world.state() == State::fatal);
    world.start();
    world.run_for(1min);
    CHECK(world.spawned() == 6);
}

TEST_CASE("restarts asked by a person are not limited") {
    sim::OneProcess world({.window = {1, 1h}}, obedient);
    world.start();
    for (int i = 0; i < 20; ++i) {
        world.run_for(2s);
        world.restart();
    }
    world.run_for(2s);
    CHECK(world.state() == State::running);
    CHECK(world.spawned() == 21);
}
