// core/supervise_test.cc: the supervisor's promises, told as runs in a simulated world.
//
// The names in a column are the specification. What happens to hooks, to readiness and to the
// restart window stands in supervise_options_test.cc; all sequences in supervise_search_test.cc.

#include "core/supervise.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "sim/one_process.h"

using namespace lares;
using namespace lares::supervise;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

sim::Life lives(Duration span, int code = 0) { return {.lives = span, .code = code}; }
sim::Life stubborn() { return {.ignores_term = true}; }
sim::Life obedient() { return {}; }

/// A world that has run until the process is RUNNING for a second.
sim::OneProcess up(Policy policy, std::function<sim::Life()> program = obedient) {
    sim::OneProcess world(std::move(policy), std::move(program));
    world.start();
    world.run_for(2s);
    REQUIRE(world.state() == State::running);
    return world;
}

}  // namespace

TEST_CASE("a program that dies at once is retried with growing pauses, then given up") {
    sim::OneProcess world({.startretries = 3}, [] { return lives(10ms, 1); });
    world.start();
    world.run_for(60s);

    CHECK(world.history() == Strings{
                                 "0 STARTING: start asked",
                                 "10 BACKOFF: exited with 1 after 10 ms, retrying in 1 s",
                                 "1010 STARTING: try 2 of 4",
                                 "1020 BACKOFF: exited with 1 after 10 ms, retrying in 2 s",
                                 "3020 STARTING: try 3 of 4",
                                 "3030 BACKOFF: exited with 1 after 10 ms, retrying in 3 s",
                                 "6030 STARTING: try 4 of 4",
                                 "6040 BACKOFF: exited with 1 after 10 ms",
                                 "6040 FATAL: gave up after 4 tries: exited with 1",
                             });
    CHECK(world.spawned() == 4);
}

TEST_CASE("STARTING tells the failed tries until now, BACKOFF counts the one that failed") {
    sim::OneProcess world({.startretries = 1}, [] { return lives(10ms, 1); });
    world.start();
    world.run_for(60s);
    std::vector<int> tries;
    for (auto const& a : world.announced()) tries.push_back(a.tries);
    CHECK(tries == std::vector<int>{0, 1, 1, 2, 0});
}

TEST_CASE("startretries = 0 gives up after one try") {
    sim::OneProcess world({.startretries = 0}, [] { return lives(10ms, 1); });
    world.start();
    world.run_for(60s);
    CHECK(world.spawned() == 1);
    CHECK(world.announced().back().why == "gave up after 1 try: exited with 1");
}

TEST_CASE("startretries = -1 never gives up") {
    sim::OneProcess world({.startretries = -1, .restart_max_delay = 5s},
                          [] { return lives(10ms, 1); });
    world.start();
    world.run_for(1h);
    CHECK(world.spawned() > 700);
    CHECK(world.announced()[4].why == "try 3");
}

TEST_CASE("an exit before startsecs is a failed start, even an expected one") {
    sim::OneProcess world({}, [] { return lives(999ms, 0); });
    world.start();
    world.run_for(999ms);
    CHECK(world.state() == State::backoff);
}

TEST_CASE("a program that stays up for startsecs is RUNNING") {
    sim::OneProcess world({.startsecs = 3s}, obedient);
    world.start();
    world.run_for(2999ms);
    CHECK(world.state() == State::starting);
    world.run_for(1ms);
    CHECK(world.state() == State::running);
    CHECK(world.history().back() == "3000 RUNNING: stayed up for 3 s");
}

TEST_CASE("startsecs count from the end of the fork, not from the wish") {
    sim::OneProcess world({}, [] { return sim::Life{.fork_takes = 500ms}; });
    world.start();
    world.run_for(1499ms);
    CHECK(world.state() == State::starting);
    world.run_for(1ms);
    CHECK(world.state() == State::running);
}

TEST_CASE("with startsecs = 0 a program is RUNNING once spawned, even if it exits at once") {
    sim::OneProcess world({.startsecs = 0s}, [] { return lives(0ms, 0); });
    world.start();
    world.run_for(0ms);
    CHECK(world.history() == Strings{"0 STARTING: start asked", "0 RUNNING: started",
                                     "0 EXITED: exited with 0 after 0 s"});
}

TEST_CASE("startsecs = 0 does not make a fork storm of a program that exits at once") {
    sim::OneProcess world({.startsecs = 0s, .restart = Restart::always},
                          [] { return lives(200ms, 0); });
    world.start();
    world.run_for(60s);
    CHECK(world.spawned() <= 61);
    CHECK(world.history()[2] == "200 EXITED: exited with 0 after 0.2 s, restarting in 0.8 s");
    CHECK(world.history()[3] == "1000 STARTING: restarting: exited with 0");
}

TEST_CASE("a command that cannot be spawned is a failed start that says why") {
    sim::OneProcess world({}, [] { return sim::Life{.spawn_error = "can't find command 'x'"}; });
    world.start();
    world.run_for(60s);
    CHECK(world.history()[1] == "0 BACKOFF: can't find command 'x', retrying in 1 s");
    CHECK(world.announced().back().why == "gave up after 4 tries: can't find command 'x'");
    CHECK(world.spawned() == 0);
}

TEST_CASE("an unexpected exit is restarted at once") {
    sim::OneProcess world({}, [n = 0]() mutable { return ++n == 1 ? lives(5s, 3) : obedient(); });
    world.start();
    world.run_for(5s);
    CHECK(world.history()[2] == "5000 EXITED: exited with 3 after 5 s");
    CHECK(world.history()[3] == "5000 STARTING: restarting: exited with 3 after 5 s");
    CHECK(!world.announced()[2].expected);
    CHECK(world.announced()[3].expected);
    CHECK(world.spawned() == 2);
}

TEST_CASE("an expected exit rests") {
    sim::OneProcess world({.exit_codes = {0, 7}}, [] { return lives(2s, 7); });
    world.start();
    world.run_for(1h);
    CHECK(world.state() == State::exited);
    CHECK(world.announced().back().expected);
    CHECK(world.spawned() == 1);
}

TEST_CASE("death by a signal is never expected") {
    auto world = up({.exit_codes = {0, 15}});
    world.feed(Exited{-1, 15, false, world.now()});
    CHECK(world.history()[2] == "2000 EXITED: killed by SIGTERM after 2 s");
    CHECK(!world.announced()[2].expected);
    CHECK(world.state() == State::starting);
}

TEST_CASE("a dumped core is told") {
    auto world = up({.restart = Restart::never});
    world.feed(Exited{-1, 11, true, world.now()});
    CHECK(world.announced().back().why == "killed by SIGSEGV (core dumped) after 2 s");
}

TEST_CASE("restart = never lets every exit rest, restart = always none") {
    sim::OneProcess never({.restart = Restart::never}, [] { return lives(2s, 1); });
    never.start();
    never.run_for(1h);
    CHECK(never.state() == State::exited);
    CHECK(never.spawned() == 1);

    sim::OneProcess always({.restart = Restart::always}, [] { return lives(2s, 0); });
    always.start();
    always.run_for(20s);
    CHECK(always.spawned() == 11);
}

TEST_CASE("a program that once came up has its full count of retries again") {
    sim::OneProcess world({.startretries = 1, .restart = Restart::always}, [n = 0]() mutable {
        return ++n == 2 ? lives(2s, 1) : lives(10ms, 1);  // fails, comes up, fails, fails
    });
    world.start();
    world.run_for(1h);
    CHECK(world.state() == State::fatal);
    CHECK(world.spawned() == 4);
}

TEST_CASE("a start gives all retries anew") {
    sim::OneProcess world({.startretries = 1}, [] { return lives(10ms, 1); });
    world.start();
    world.run_for(60s);
    CHECK(world.spawned() == 2);
    world.start();
    world.run_for(60s);
    CHECK(world.spawned() == 4);
    CHECK(world.state() == State::fatal);
}

// Spec §11.1: supervisord judges by when it looked.
TEST_CASE("an exit before startsecs that is learned of late is still a failed start") {
    sim::OneProcess world({.startretries = 1},
                          [] { return sim::Life{.lives = 10ms, .code = 1, .told_late = 900ms}; });
    world.start();
    world.run_for(60s);
    CHECK(world.state() == State::fatal);
    CHECK(world.history()[1] == "910 BACKOFF: exited with 1 after 10 ms, retrying in 1 s");
}

TEST_CASE("an exit that proves RUNNING wrong takes the failure back into the count") {
    sim::OneProcess world({.startretries = 1, .restart = Restart::always},
                          [] { return sim::Life{.lives = 10ms, .code = 1, .told_late = 1500ms}; });
    world.start();
    world.run_for(60s);
    CHECK(world.history() == Strings{
                                 "0 STARTING: start asked",
                                 "1000 RUNNING: stayed up for 1 s",
                                 "1510 BACKOFF: exited with 1 after 10 ms, retrying in 1 s",
                                 "2510 STARTING: try 2 of 2",
                                 "3510 RUNNING: stayed up for 1 s",
                                 "4020 BACKOFF: exited with 1 after 10 ms",
                                 "4020 FATAL: gave up after 2 tries: exited with 1",
                             });
}

TEST_CASE("an exit after startsecs counts as having been up, though the deadline was not met yet") {
    Policy policy{.restart = Restart::never};
    Process p{.state = State::starting,
              .pid = 7,
              .spawned_at = Instant(0ms),
              .deadline = Instant(1000ms)};
    Step step = supervise::step(p, policy, Exited{0, 0, false, Instant(1000ms)}, Instant(1200ms));
    CHECK(step.next.state == State::exited);
    REQUIRE(step.actions.size() == 2);
    CHECK(std::get<Announce>(step.actions[0]).to == State::running);
    CHECK(std::get<Announce>(step.actions[1]).to == State::exited);
}

TEST_CASE("a fork that is learned of late counts from when it was made") {
    Process p{.state = State::starting, .spawning = true};
    p = step(p, {}, Spawned{7, Instant(100ms)}, Instant(2s)).next;
    CHECK(p.state == State::starting);  // its exit may wait behind
    CHECK(step(p, {}, DeadlinePassed{}, Instant(2s)).next.state == State::running);
    CHECK(step(p, {}, Exited{1, 0, false, Instant(200ms)}, Instant(2s)).next.state ==
          State::backoff);
}

TEST_CASE("a longer startsecs read by a reload does not judge a process that is up already") {
    auto world = up({});
    world.set_policy({.startsecs = 60s, .restart = Restart::never});
    world.feed(Exited{0, 0, false, world.now()});
    CHECK(world.state() == State::exited);
}

TEST_CASE("a stop sends TERM and ends in STOPPED") {
    auto world = up({}, [] { return sim::Life{.dies_in = 300ms}; });
    world.stop();
    CHECK(world.state() == State::stopping);
    world.run_for(1s);
    CHECK(world.history()[2] == "2000 STOPPING: stop asked");
    CHECK(world.history()[3] == "2300 STOPPED: stop asked: killed by SIGTERM");
    CHECK(!world.announced()[3].expected);
    CHECK(world.deeds()[4] == "signal 15");
}

TEST_CASE("STOPPED tells whether the exit code was expected") {
    auto world = up({});
    world.stop();
    world.feed(Exited{0, 0, false, world.now()});
    CHECK(world.announced().back().expected);
}

TEST_CASE("a program that ignores TERM is killed after stopwait") {
    auto world = up({.stop_ladder = {{15, 5s}, {9, 5s}}}, stubborn);
    world.stop();
    world.run_for(4999ms);
    CHECK(world.state() == State::stopping);
    world.run_for(1ms);
    CHECK(world.state() == State::stopped);
    CHECK(world.deeds()[5] == "signal 9, the last");
}

TEST_CASE("KILL is sent again every wait until the process is gone") {
    Process p{.state = State::stopping, .pid = 7, .rung = 1, .deadline = Instant(0ms)};
    Policy policy{.stop_ladder = {{15, 5s}, {9, 4s}}};
    for (int i = 0; i < 3; ++i) {
        Instant now = *p.deadline;
        auto [next, actions] = step(p, policy, DeadlinePassed{}, now);
        REQUIRE(actions.size() == 1);
        CHECK(std::get<Signal>(actions[0]).number == 9);
        CHECK(std::get<Signal>(actions[0]).last_rung);
        CHECK(next.deadline == now + 4s);
        p = next;
    }
}

TEST_CASE("each rung of a ladder has its own signal and wait") {
    auto world = up({.stop_ladder = {{1, 2s}, {15, 3s}, {3, 0s}, {9, 1s}}}, stubborn);
    world.stop();
    world.run_for(10s);
    CHECK(world.history().back() == "7000 STOPPED: stop asked: killed by SIGKILL");
    auto const& deeds = world.deeds();
    CHECK(Strings(deeds.begin() + 4, deeds.end() - 1) ==
          Strings{"signal 1", "signal 15", "signal 3", "signal 9, the last"});
}

TEST_CASE("a last rung that waits for nothing is repeated each second, not without pause") {
    auto world = up({.stop_ladder = {{15, 0s}}}, stubborn);
    world.stop();
    world.run_for(10s);
    CHECK(world.complaints().empty());
    CHECK(world.deeds().size() == 4 + 11);
    CHECK(world.state() == State::stopping);
}

TEST_CASE("a ladder cut short by a reload goes on with its last rung") {
    auto world = up({.stop_ladder = {{1, 2s}, {15, 2s}, {2, 2s}, {9, 2s}}}, stubborn);
    world.stop();
    world.run_for(5s);
    world.set_policy({.stop_ladder = {{9, 2s}}});
    world.run_for(2s);
    CHECK(world.state() == State::stopped);
    CHECK(Strings(world.deeds().begin() + 4, world.deeds().end() - 1) ==
          Strings{"signal 1", "signal 15", "signal 2", "signal 9, the last"});
}

TEST_CASE("a stop asked while the fork is under way still ends the program") {
    sim::OneProcess world({}, [] { return sim::Life{.fork_takes = 20ms}; });
    world.start();
    world.stop();
    CHECK(world.state() == State::stopping);
    world.run_for(20ms);
    CHECK(world.history().back() == "20 STOPPED: stop asked: killed by SIGTERM");
}

TEST_CASE("a stop asked while a fork fails ends in STOPPED, without another try") {
    sim::OneProcess world(
        {}, [] { return sim::Life{.spawn_error = "too many open files", .fork_takes = 20ms}; });
    world.start();
    world.stop();
    world.run_for(1h);
    CHECK(world.history().back() == "20 STOPPED: stop asked: too many open files");
}

TEST_CASE("a stop before startsecs is a stop, not a failed start") {
    sim::OneProcess world({}, obedient);
    world.start();
    world.run_for(100ms);
    world.stop();
    world.run_for(1h);
    CHECK(world.state() == State::stopped);
    CHECK(world.spawned() == 1);
}

TEST_CASE("a stop in BACKOFF is done at once") {
    sim::OneProcess world({}, [] { return lives(0ms, 1); });
    world.start();
    world.run_for(500ms);
    world.feed(StopAsked{"shutdown"});
    CHECK(world.history().back() == "500 STOPPED: shutdown");
    CHECK(world.announced().back().expected);
    world.run_for(1h);
    CHECK(world.spawned() == 1);
}

TEST_CASE("a stop of what is down says nothing") {
    for (State state : {State::stopped, State::exited, State::fatal}) {
        Step s = step(Process{.state = state}, {}, StopAsked{}, Instant(5s));
        CHECK(s.next.state == state);
        CHECK(s.actions.empty());
    }
}

TEST_CASE("a start of what is up says nothing") {
    for (State state : {State::starting, State::running, State::backoff}) {
        Step s = step(Process{.state = state}, {}, StartAsked{}, Instant(5s));
        CHECK(s.next.state == state);
        CHECK(s.actions.empty());
    }
}

TEST_CASE("a start while stopping starts again once it is gone") {
    auto world = up({}, [] { return sim::Life{.dies_in = 300ms}; });
    world.stop();
    world.start();
    world.run_for(2s);
    CHECK(world.state() == State::running);
    CHECK(world.history()[3] == "2300 STOPPED: stop asked: killed by SIGTERM");
    CHECK(world.history()[4] == "2300 STARTING: stop asked");
}

TEST_CASE("a second stop changes neither the words nor the ladder") {
    auto world = up({}, [] { return sim::Life{.dies_in = 300ms}; });
    world.stop();
    world.feed(StopAsked{"shutdown"});
    world.run_for(1s);
    CHECK(world.history().back() == "2300 STOPPED: stop asked: killed by SIGTERM");
    CHECK(std::ranges::count(world.deeds(), "signal 15") == 1);
}

TEST_CASE("a second stop takes back a start that waits") {
    auto world = up({}, [] { return sim::Life{.dies_in = 300ms}; });
    world.stop();
    world.start();
    world.stop();
    world.run_for(1h);
    CHECK(world.state() == State::stopped);
}

TEST_CASE("a restart stops and starts again") {
    auto world = up({});
    world.restart();
    world.run_for(0ms);
    CHECK(world.history()[2] == "2000 STOPPING: restart asked");
    CHECK(world.history()[3] == "2000 STOPPED: restart asked: killed by SIGTERM");
    CHECK(world.history()[4] == "2000 STARTING: restart asked");
}

TEST_CASE("a restart of what is down starts it, one that comes by itself does not") {
    for (State state : {State::stopped, State::exited, State::fatal}) {
        Process p{.state = state, .failures = 4};
        Step s = step(p, {}, RestartAsked{}, Instant(5s));
        CHECK(s.next.state == State::starting);
        CHECK(s.next.failures == 0);
        CHECK(step(p, {}, RestartAsked{"file changed", true}, Instant(5s)).actions.empty());
    }
}

TEST_CASE("a restart in BACKOFF tries at once, with all retries when a person asked") {
    Process p{.state = State::backoff, .failures = 2, .deadline = Instant(9s)};
    Step by_person = step(p, {}, RestartAsked{}, Instant(5s));
    CHECK(by_person.next.state == State::starting);
    CHECK(by_person.next.failures == 0);
    Step by_itself = step(p, {}, RestartAsked{"file changed", true}, Instant(5s));
    CHECK(by_itself.next.state == State::starting);
    CHECK(by_itself.next.failures == 2);
}

TEST_CASE("a restart before RUNNING, even during the fork, ends what was begun first") {
    sim::OneProcess world({}, [] { return sim::Life{.fork_takes = 20ms}; });
    world.start();
    world.restart();
    world.run_for(20ms);
    CHECK(world.state() == State::starting);
    world.run_for(20ms);
    CHECK(world.spawned() == 2);
    CHECK(world.complaints().empty());
}

TEST_CASE("a restart while stopping starts again once it is gone, one by itself does not") {
    Process p{.state = State::stopping, .pid = 7};
    CHECK(step(p, {}, RestartAsked{}, Instant(5s)).next.start_again);
    CHECK(!step(p, {}, RestartAsked{"file changed", true}, Instant(5s)).next.start_again);
}

TEST_CASE("what is stale is answered with nothing") {
    Instant now(5s);
    for (State state :
         {State::stopped, State::starting, State::backoff, State::exited, State::fatal}) {
        Process p{.state = state};
        for (Event const& e :
             {Event(Exited{1, 0, false, now}), Event(Spawned{9, now}), Event(SpawnFailed{"late"}),
              Event(ReadySeen{}), Event(HookDone{Hook::pre_start, true, ""}),
              Event(HookDone{Hook::pre_stop, true, ""}), Event(HookDone{Hook::post_stop, true, ""}),
              Event(HookDone{Hook::post_start, true, ""}), Event(DeadlinePassed{})}) {
            Step s = step(p, {}, e, now);
            CHECK(s.actions.empty());
            CHECK(s.next.state == state);
            CHECK(s.next.pid == 0);
            CHECK(!s.next.ready);
        }
    }
}

// The simulated world is never early; timerfd armed for an older deadline is.
TEST_CASE("a deadline event that comes before its time changes nothing") {
    for (State state : {State::starting, State::backoff, State::exited, State::stopping}) {
        bool alive = state == State::starting || state == State::stopping;
        Process p{.state = state,
                  .pid = alive ? 7 : 0,
                  .spawned_at = Instant(0ms),
                  .deadline = Instant(1000ms)};
        Step early = step(p, Policy{}, DeadlinePassed{}, Instant(999ms));
        CHECK(early.next.state == state);
        CHECK(early.next.deadline == Instant(1000ms));
        CHECK(early.actions.empty());
    }
}

TEST_CASE("a wait of centuries does not overflow") {
    Policy policy{.startsecs = Duration::max(), .stop_ladder = {{15, Duration::max()}}};
    sim::OneProcess world(policy, stubborn);
    world.start();
    world.run_for(1h);
    CHECK(world.state() == State::starting);
    world.stop();
    world.run_for(1h);
    CHECK(world.state() == State::stopping);
}

TEST_CASE("the names and numbers of the states are supervisord's") {
    auto check = [](State s, std::string const& words, int number) {
        CHECK(name(s) == words);
        CHECK(wire_number(s) == number);
    };
    check(State::stopped, "STOPPED", 0);
    check(State::starting, "STARTING", 10);
    check(State::running, "RUNNING", 20);
    check(State::backoff, "BACKOFF", 30);
    check(State::stopping, "STOPPING", 40);
    check(State::exited, "EXITED", 100);
    check(State::fatal, "FATAL", 200);
}

TEST_CASE("STARTING, RUNNING and BACKOFF are up; STARTING, RUNNING and STOPPING take signals") {
    std::string up_states, signallable;
    for (int i = 0; i <= static_cast<int>(State::fatal); ++i) {
        auto s = static_cast<State>(i);
        if (is_up(s)) up_states += std::string(name(s)) + " ";
        if (is_signallable(s)) signallable += std::string(name(s)) + " ";
    }
    CHECK(up_states == "STARTING RUNNING BACKOFF ");
    CHECK(signallable == "STARTING RUNNING STOPPING ");
}
