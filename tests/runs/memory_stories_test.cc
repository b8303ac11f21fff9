// memory_stories_test.cc: what a person sees when the daemon is killed, and sometimes its keeper.

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "stage.h"

using namespace lares::runs;
using namespace std::chrono_literals;
using lares::Duration;
using lares::text::Array;
namespace sim = lares::sim;
namespace ports = lares::ports;

namespace {

/// One line of a status, to be compared.
std::string line(Row const& row) {
    return row.who + " " + lares::supervise::name(row.state) + " " + std::to_string(row.pid) + " " +
           std::to_string(row.restarts) + " " + row.why + " " + row.waits_for;
}

std::string lines(Stage& stage) {
    std::string all;
    for (auto const& row : stage.status()) all += line(row) + "\n";
    return all;
}

bool is_sound(Stage& stage) {
    for (auto const& complaint : stage.world.complaints()) MESSAGE(complaint);
    return stage.world.complaints().empty() && stage.lost() == 0;
}

std::string job_of(ports::SpawnRequest const& request) {
    constexpr std::string_view name = "LARES_JOB=";
    for (auto const& variable : request.environment)
        if (variable.starts_with(name)) return variable.substr(name.size());
    return "";
}

}  // namespace

TEST_SUITE_BEGIN("stories");

TEST_CASE("killed and followed, the daemon knows of every process what it knew before") {
    Stage stage(
        configuration("[program:up]\ncommand = up\n[program:stopped]\ncommand = stopped\n"
                      "[program:fails]\ncommand = fails\n[program:rests]\ncommand = rests\n"
                      "startsecs = 0\nautorestart = no\n"
                      "[program:slow]\ncommand = slow\nstopwaitsecs = 100\n"));
    stage.world.processes.set_scripts([](ports::SpawnRequest const& request) {
        sim::Script script;
        if (request.argv[0] == "fails") script.lives = 10ms;
        if (request.argv[0] == "rests") script.lives = 3s;
        if (request.argv[0] == "slow") script.dies_in = 20s;
        return script;
    });
    REQUIRE(stage.start());
    stage.run_for(4s);
    stage.call("supervisor.stopProcess", {"stopped", true});
    stage.call("supervisor.stopProcess", {"slow", false});
    stage.run_for(1s);
    auto before = lines(stage);
    REQUIRE(stage.state("slow") == "STOPPING");
    REQUIRE(stage.state("rests") == "EXITED");
    REQUIRE(stage.state("stopped") == "STOPPED");
    stage.kill_now();
    CHECK(lines(stage) == before);
    stage.kill_now();
    CHECK(lines(stage) == before);
    stage.run_for(30s);
    CHECK(stage.state("slow") == "STOPPED");
    CHECK(stage.state("fails") == "FATAL");
    CHECK(stage.spawns("up") == 1);
    CHECK(stage.spawns("fails") == 4);
    CHECK(stage.log().find("took over 2 processes from the daemon that ended (pid 4711)") !=
          std::string::npos);
    CHECK(is_sound(stage));
}

TEST_CASE("an exit while no daemon lives is seen by the next one, with its status") {
    Stage stage(configuration("[program:p]\ncommand = p\nautorestart = no\n"));
    stage.world.processes.set_scripts(
        [](ports::SpawnRequest const&) { return sim::Script{.lives = 5s, .code = 7}; });
    REQUIRE(stage.start());
    stage.run_for(4s);
    // Between the exit and the turn that hears of it.
    stage.world.kernel.run_until(stage.world.now() + 2s);
    stage.kill_now();
    stage.run_for(1s);
    CHECK(stage.state("p") == "EXITED");
    CHECK(stage.log().find("exited: p (exit status 7; not expected)") != std::string::npos);
    CHECK(is_sound(stage));
}

TEST_CASE("at whichever door the daemon is killed while it starts, all programs run once") {
    int doors = 0;
    for (int at = 1; at < 400; ++at) {
        // At each door several times: a fork under way may have been made by then, or not.
        Stage stage(configuration("[program:a]\ncommand = a\npre_start = pre\n"
                                  "[program:b]\ncommand = b\ndepends_on = a\n"),
                    {.seed = static_cast<unsigned>(at)});
        stage.world.processes.set_scripts([](ports::SpawnRequest const& request) {
            return sim::Script{.lives = request.argv[0] == "pre" ? std::optional<Duration>(1s)
                                                                 : std::nullopt};
        });
        stage.kill_at((at + 3) / 4);
        REQUIRE(stage.start());
        stage.run_for(10s);
        CAPTURE(at);
        CHECK(stage.state("a") == "RUNNING");
        CHECK(stage.state("b") == "RUNNING");
        CHECK(stage.world.processes.alive().size() == 2);
        CHECK(stage.world.processes.forks() == 3);  // with pre_start, once
        CHECK(is_sound(stage));
        if (stage.deaths() > 0) doors = at;
    }
    CHECK(doors > 60);
}

TEST_CASE(
    "at whichever door the daemon is killed while it ends, everything ends, once and in order") {
    for (int at = 1; at < 120; ++at) {
        Stage stage(
            configuration("[program:a]\ncommand = a\npriority = 1\npost_stop = post\n"
                          "stopwaitsecs = 600\n"
                          "[program:b]\ncommand = b\npriority = 2\nstopwaitsecs = 600\n"));
        stage.world.processes.set_scripts([](ports::SpawnRequest const& request) {
            sim::Script script{.dies_in = 1s};
            if (request.argv[0] == "post") script.lives = 1s;
            return script;
        });
        REQUIRE(stage.start());
        stage.run_for(5s);
        stage.world.raise(15);
        stage.kill_at(at);
        stage.run_for(20s);
        CAPTURE(at);
        CHECK(stage.finished());
        CHECK(stage.exit_code() == 0);
        CHECK(stage.world.processes.alive().empty());
        CHECK(stage.spawns("a") == 1);
        CHECK(stage.spawns("b") == 1);
        CHECK(is_sound(stage));
    }
}

TEST_CASE("a shutdown that was promised, or has stopped anything, goes on to its end") {
    for (int at = 1; at < 120; ++at) {
        Stage stage(configuration("[program:a]\ncommand = a\n[program:b]\ncommand = b\n"));
        stage.world.processes.set_scripts(
            [](ports::SpawnRequest const&) { return sim::Script{.dies_in = 1s}; });
        REQUIRE(stage.start());
        stage.run_for(5s);
        auto id = stage.call("supervisor.shutdown");
        stage.kill_at(at);
        stage.run_for(20s);
        CAPTURE(at);
        bool has_begun = !stage.answer(id).empty() || stage.world.processes.alive().size() < 2;
        CHECK(stage.finished() == has_begun);
        if (stage.finished()) CHECK(stage.world.processes.alive().empty());
        CHECK(is_sound(stage));
    }
}

TEST_CASE("a restart that waits for the end of its process is not lost") {
    for (int at = 1; at < 60; ++at) {
        Stage stage(configuration("[program:p]\ncommand = p\n"));
        stage.world.processes.set_scripts(
            [](ports::SpawnRequest const&) { return sim::Script{.dies_in = 2s}; });
        REQUIRE(stage.start());
        stage.run_for(5s);
        auto id = stage.call("lares.restart", {Array{"p"}, false, false});
        stage.kill_at(at);
        stage.run_for(20s);
        CAPTURE(at);
        bool promised = !stage.answer(id).empty();
        CHECK(stage.state("p") == "RUNNING");
        if (promised) CHECK(stage.world.processes.forks() == 2);
        CHECK(is_sound(stage));
    }
}

TEST_CASE("what was scaled stays scaled, and what was being scaled away goes") {
    Stage stage(
        configuration("[program:w]\ncommand = w\nnumprocs = 1\n"
                      "process_name = w%(process_num)s\n"));
    stage.world.processes.set_scripts(
        [](ports::SpawnRequest const&) { return sim::Script{.dies_in = 5s}; });
    REQUIRE(stage.start());
    stage.run_for(2s);
    stage.call("lares.scale", {"w", 4});
    stage.run_for(3s);
    stage.kill_now();
    stage.run_for(2s);
    CHECK(stage.status().size() == 4);
    stage.call("lares.scale", {"w", 2});
    stage.run_for(1s);
    stage.kill_now();
    stage.run_for(20s);
    CHECK(stage.status().size() == 2);
    CHECK(stage.world.processes.alive().size() == 2);
    CHECK(is_sound(stage));
}

TEST_CASE("when the keeper dies as well, what lives on is adopted and the rest starts anew") {
    Stage stage(
        configuration("[program:a]\ncommand = a\n"
                      "[program:b]\ncommand = b\nautorestart = no\n"
                      "[program:s]\ncommand = s\non_orphan = stop\n"));
    REQUIRE(stage.start());
    stage.run_for(5s);
    int pid = stage.world.processes.runs().at(*stage.world.processes.find_alive("a")).pid;
    stage.kill_with_keeper();
    stage.run_for(5s);
    CHECK(stage.state("a") == "RUNNING");
    CHECK(stage.spawns("a") == 1);
    CHECK(stage.status()[0].pid == pid);
    CHECK(stage.spawns("s") == 2);
    CHECK(stage.log().find("'a' (pid " + std::to_string(pid) +
                           ") outlived the daemon and its keeper; it goes on, and what it writes "
                           "from now on is lost (on_orphan = adopt)") != std::string::npos);
    stage.world.processes.kill(*stage.world.processes.find_alive("b"), 9);
    stage.run_for(5s);
    CHECK(stage.state("b") == "EXITED");
    CHECK(is_sound(stage));
}

TEST_CASE("a program that a person stopped stays stopped, and one he started comes up") {
    auto text = configuration(
        "[program:off]\ncommand = off\n"
        "[program:on]\ncommand = on\nautostart = no\n"
        "[program:forgets]\ncommand = forgets\nremember = no\n",
        "remember = yes\n");
    Stage stage(text);
    REQUIRE(stage.start());
    stage.run_for(3s);
    stage.call("supervisor.stopProcess", {"off"});
    stage.call("supervisor.stopProcess", {"forgets"});
    stage.call("supervisor.startProcess", {"on"});
    stage.run_for(3s);
    stage.world.processes.kill(*stage.world.processes.find_alive("on"), 9);
    stage.kill_with_keeper();
    stage.run_for(3s);
    CHECK(stage.state("off") == "STOPPED");
    CHECK(stage.state("on") == "RUNNING");
    CHECK(stage.state("forgets") == "RUNNING");
    for (auto const& row : stage.status())
        if (row.who == "off:off") CHECK(row.why == "stopped by hand, remembered");
    stage.call("supervisor.startProcess", {"off"});
    stage.run_for(3s);
    stage.kill_with_keeper();
    stage.run_for(3s);
    CHECK(stage.state("off") == "RUNNING");
    CHECK(stage.spawns("off") == 2);
}

TEST_CASE(
    "a memory that is full is told of once, stops nothing, and is told of when it works again") {
    Stage stage(configuration("[program:p]\ncommand = p\n"));
    stage.world.memory.set_full(true);
    REQUIRE(stage.start());
    stage.run_for(5s);
    CHECK(stage.state("p") == "RUNNING");
    stage.call("supervisor.stopProcess", {"p"});
    stage.run_for(5s);
    auto log = stage.log();
    auto first = log.find("the disk is full");
    CHECK(first != std::string::npos);
    CHECK(log.find("the disk is full", first + 1) == std::string::npos);
    stage.world.memory.set_full(false);
    stage.call("supervisor.startProcess", {"p"});
    stage.run_for(5s);
    CHECK(stage.log().find("what outlives the daemon can be kept again") != std::string::npos);
}

TEST_CASE(
    "at whichever door the daemon is killed between two attempts at a job, one lives at a time") {
    int doors = 0;
    for (int at = 1; at < 240; ++at) {
        // Slow commits that are never alone: an attempt's end and the next one's start share one.
        Stage stage(configuration("[task:t]\ncommand = t\nretries = 9\nretry_backoff = 0s..0s\n"
                                  "[task:other]\ncommand = other\nworkers = 9\n"),
                    {.seed = static_cast<unsigned>(at)});
        auto& world = stage.world;
        world.zones.set("", {});
        world.store.set_takes(5ms, 30ms, 2ms);
        world.processes.set_scripts([&](ports::SpawnRequest const& request) {
            if (request.argv[0] == "other") return sim::Script{.lives = 9ms};
            for (auto run : world.processes.alive())
                if (world.processes.runs().at(run).request.argv[0] == "t")
                    world.kernel.complain("a second attempt while one lives");
            auto attempt = std::ranges::count_if(world.processes.runs(), [](auto const& one) {
                auto const& argv = one.second.request.argv;  // none: of the one that begins
                return !argv.empty() && argv[0] == "t" && one.second.pid != 0;
            });
            return sim::Script{.lives = 15ms, .code = attempt < 4 ? 1 : 0};
        });
        REQUIRE(stage.start());
        stage.run_for(1s);
        auto job = stage.call("lares.put", {"t", lares::text::Struct{}});
        std::function<void()> put_other = [&] {
            if (world.kernel.time() > lares::Instant(2s)) return;
            stage.call("lares.put", {"other", lares::text::Struct{}});
            world.kernel.after(11ms, put_other);
        };
        put_other();
        stage.run_until([&] { return !stage.answer(job).empty(); }, 1s);
        stage.kill_at((at + 1) / 2);
        stage.run_for(60s);
        CAPTURE(at);
        for (auto const& [id, one] : world.store.disk().jobs)
            CHECK(one.state == lares::job::State::done);
        CHECK(is_sound(stage));
        if (stage.deaths() > 0) doors = at;
    }
    CHECK(doors > 200);
}

/// Eight jobs of two workers with a slow disk, killed at a door; each fails so often at first.
struct AheadRun {
    int ahead = 0;  // of those that were asked for: while the job's start was not on the disk
};

/// Those that were made: a fork under way when the daemon dies may never be.
int runs_of(Stage& stage, std::string const& job) {
    return static_cast<int>(
        std::ranges::count_if(stage.world.processes.runs(), [&job](auto const& one) {
            return one.second.pid != 0 && job_of(one.second.request) == job;
        }));
}

void run_ahead(Stage& stage, AheadRun& run, int fails, int door) {
    auto& world = stage.world;
    world.zones.set("", {});
    world.store.set_takes(5ms, 30ms, 2ms);
    world.processes.set_scripts([&stage, &world, &run, fails](ports::SpawnRequest const& request) {
        auto job = job_of(request);
        for (auto id : world.processes.alive())
            if (job_of(world.processes.runs().at(id).request) == job)
                world.kernel.complain("a second attempt while one lives");
        auto row = world.store.disk().jobs.find(std::stoull(job));
        run.ahead += row->second.state == lares::job::State::ready;
        return sim::Script{.lives = 3ms, .signal = runs_of(stage, job) < fails ? 11 : 0};
    });
    REQUIRE(stage.start());
    stage.run_for(1s);
    std::vector<ports::RequestId> puts;
    for (int job = 0; job < 8; ++job)
        puts.push_back(stage.call("lares.put", {"t", lares::text::Struct{}}));
    stage.run_until([&] { return !stage.answer(puts.back()).empty(); }, 1s);
    stage.kill_at(door);
    stage.run_for(60s);
}

TEST_CASE(
    "at whichever door the daemon is killed while jobs begin ahead of the disk, none runs twice") {
    int doors = 0, ahead = 0;
    for (int at = 1; at < 240; ++at) {
        Stage stage(configuration("[task:t]\ncommand = t\nworkers = 2\nretries = 5\n"
                                  "retry_backoff = 0s..0s\n"),
                    {.seed = static_cast<unsigned>(at)});
        int const fails = at % 3;
        AheadRun run;
        run_ahead(stage, run, fails, (at + 1) / 2);
        CAPTURE(at);
        auto const& disk = stage.world.store.disk();
        CHECK(disk.jobs.size() == 8);
        std::map<std::string, int> starts;
        for (auto const& [id, event] : disk.events)
            starts[event.subject] += event.kind == "job.started";
        for (auto const& [id, one] : disk.jobs) {
            CHECK(one.state == lares::job::State::done);
            CHECK(one.crashes == fails);  // each is counted, and once
            CHECK(runs_of(stage, std::to_string(id)) == fails + 1);
            CHECK(starts["job/" + std::to_string(id)] >= fails + 1);
        }
        CHECK(is_sound(stage));
        if (stage.deaths() > 0) doors = at;
        ahead += run.ahead;
    }
    CHECK(doors > 150);
    CHECK(ahead > 1'000);
}

TEST_CASE("while nothing outlives the daemon, a job waits for its start to be on the disk") {
    Stage stage(configuration("[task:t]\ncommand = t\nworkers = 2\n"), {.seed = 1});
    AheadRun run;
    stage.world.memory.set_full(true);
    run_ahead(stage, run, 0, 0);
    CHECK(stage.world.processes.forks() == 8);
    CHECK(run.ahead == 0);
}

TEST_SUITE_END();
