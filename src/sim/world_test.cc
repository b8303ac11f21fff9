// sim/world_test.cc: the simulated world keeps the promises of ports/, slowly and unhelpfully.

#include "sim/world.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "base/overloaded.h"

using namespace lares;
using namespace lares::sim;
using namespace std::chrono_literals;
using ports::ChannelId;
using ports::ProbeId;
using ports::RunId;
using Strings = std::vector<std::string>;

namespace {

std::string words(ports::Event const& event) {
    auto number = [](auto id) { return std::to_string(static_cast<std::uint64_t>(id)); };
    return std::visit(
        Overloaded{
            [&](ports::Spawned const& e) { return "spawned " + number(e.run); },
            [&](ports::SpawnFailed const& e) {
                return "failed " + number(e.run) + ": " + e.failure.words;
            },
            [&](ports::Exited const& e) {
                return "exited " + number(e.run) + " " + std::to_string(e.code) + "/" +
                       std::to_string(e.signal) + " at " +
                       std::to_string(e.at.time_since_epoch().count());
            },
            [&](ports::Notified const& e) {
                bool is_progress = e.key == "PROGRESS";
                return "notified " + number(e.run) + " " + e.key +
                       (is_progress ? " " + e.value : "");
            },
            [&](ports::ProbeDone const& e) {
                return "probe " + number(e.probe) + (e.ok ? " well" : " ill: " + e.why);
            },
            [&](ports::LogTrouble const& e) {
                return e.ok ? "log well, lost " + std::to_string(e.lost_bytes) : "log: " + e.words;
            },
            [&](ports::FilesChanged const& e) { return "changed " + e.path; },
            [&](ports::OutputSeen const& e) {
                return "output of " + number(e.run) + ": " + e.bytes;
            },
            [&](ports::OutputCaptured const& e) {
                return "captured of " + number(e.run) + ": " + e.bytes;
            },
            [&](ports::StdinDrained const& e) { return "stdin drained " + number(e.run); },
            [&](ports::StoreChanged const&) { return std::string("store"); },
            [&](ports::FolderSeen const&) { return std::string("folder"); },
            [&](ports::FolderTrouble const& e) { return "folder: " + e.words; },
            [&](ports::SignalReceived const& e) { return "signal " + std::to_string(e.number); },
            [&](ports::WallClockJumped const&) { return std::string("jumped"); },
            [&](ports::HttpRequested const& e) { return "request " + e.target; },
            [&](ports::HttpRefused const& e) { return "refused " + e.words; },
            [&](ports::StreamDrained const& e) { return "drained " + number(e.request); },
            [&](ports::HttpClosed const& e) { return "closed " + number(e.request); },
        },
        event);
}

/// A daemon that only listens.
class Listener final : public ports::Inbox {
public:
    explicit Listener(World& world, std::function<void()> turn = {}) : world_(world) {
        world.connect(*this, std::move(turn));
    }
    void push(ports::Event event) override {
        heard_.push_back(std::to_string(world_.now().time_since_epoch().count()) + " " +
                         words(event));
    }
    /// What was heard since the last call.
    Strings heard() { return std::exchange(heard_, {}); }

private:
    World& world_;
    Strings heard_;
};

void script(World& world, Script script) {
    world.processes.set_scripts([script](auto const&) { return script; });
}

ports::SpawnRequest request(std::string command = "/bin/web") {
    ports::SpawnRequest request;
    request.argv = {std::move(command)};
    request.name = "web";
    return request;
}

}  // namespace

TEST_CASE("a spawn is heard of when the fork is done, an exit with its own time") {
    World world;
    Listener listener(world);
    script(world, {.fork_takes = 20ms, .lives = 300ms, .code = 3});
    world.processes.spawn(RunId{1}, request());
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"20 spawned 1", "320 exited 1 3/0 at 320"});
    CHECK(world.turns() == 2);
}

TEST_CASE("a busy loop hears late, but of the true times") {
    std::set<Strings> ways;
    for (unsigned seed = 0; seed < 40; ++seed) {
        World world({.seed = seed, .late_at_most = 500ms});
        Listener listener(world);
        script(world, {.lives = 100ms});
        world.processes.spawn(RunId{1}, request());
        world.run_for(2s);
        auto heard = listener.heard();
        REQUIRE(heard.size() == 2);
        CHECK(heard[1].ends_with("exited 1 0/0 at 101"));
        ways.insert(heard);
    }
    CHECK(ways.size() > 5);
}

TEST_CASE("every kind of spawn failure can be had") {
    for (auto kind :
         {ports::SpawnFailure::Kind::not_found, ports::SpawnFailure::Kind::not_executable,
          ports::SpawnFailure::Kind::refused, ports::SpawnFailure::Kind::setup}) {
        World world;
        Listener listener(world);
        script(world, {.fails = ports::SpawnFailure{kind, "no"}});
        world.processes.spawn(RunId{1}, request());
        world.run_for(1s);
        CHECK(listener.heard() == Strings{"1 failed 1: no"});
        CHECK(world.processes.alive().empty());
    }
}

TEST_CASE("forks can be refused for a while") {
    World world;
    Listener listener(world);
    world.processes.refuse_forks_for(1s);
    world.processes.spawn(RunId{1}, request());
    world.run_for(1s);
    CHECK(listener.heard() ==
          Strings{"1 failed 1: Too many processes in process table to spawn 'web'"});
    world.processes.spawn(RunId{2}, request());
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"1001 spawned 2"});
}

TEST_CASE("pids are used again soon, never by two at a time") {
    World world;
    Listener listener(world);
    std::set<int> pids;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        script(world, i % 10 == 0 ? Script{} : Script{.lives = 10ms});
        world.processes.spawn(RunId{i}, request());
        world.run_for(20ms);
        std::set<int> alive;
        for (RunId run : world.processes.alive())
            CHECK(alive.insert(world.processes.runs().at(run).pid).second);
        pids.insert(world.processes.runs().at(RunId{i}).pid);
    }
    CHECK(pids.size() < 30);
    CHECK(world.processes.alive().size() == 10);
}

TEST_CASE("a signal ends a process after its time, unless it is ignored; KILL always does") {
    World world;
    Listener listener(world);
    script(world, {.ignores = {15}, .dies_in = 200ms});
    world.processes.spawn(RunId{1}, request());
    world.run_for(10ms);
    CHECK(world.processes.signal(RunId{1}, 15, ports::Target::group).ok());
    CHECK(world.processes.signal(RunId{1}, 17, ports::Target::process).ok());
    world.run_for(10s);
    CHECK(listener.heard() == Strings{"1 spawned 1"});
    CHECK(world.processes.signal(RunId{1}, 2, ports::Target::process).ok());
    world.run_for(100ms);
    CHECK(world.processes.signal(RunId{1}, 2, ports::Target::process).ok());
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"10210 exited 1 -1/2 at 10210"});

    script(world, {.ignores = {15, 9}, .dies_in = 1h});
    world.processes.spawn(RunId{2}, request());
    world.run_for(10ms);
    CHECK(world.processes.signal(RunId{2}, 9, ports::Target::process).ok());
    world.run_for(0ms);
    CHECK(world.processes.alive().empty());
}

TEST_CASE("a process may exit well on TERM") {
    World world;
    Listener listener(world);
    script(world, {.code_on_term = 0});
    world.processes.spawn(RunId{1}, request());
    world.run_for(10ms);
    world.processes.kill(RunId{1}, 15);
    world.run_for(0ms);
    CHECK(listener.heard().back() == "10 exited 1 0/0 at 10");
}

TEST_CASE("a signal before the fork is done, or after the end, finds nobody") {
    World world;
    Listener listener(world);
    script(world, {.fork_takes = 50ms, .lives = 50ms});
    world.processes.spawn(RunId{1}, request());
    auto before = world.processes.signal(RunId{1}, 15, ports::Target::process);
    CHECK(before.error().kind == Error::Kind::not_found);
    world.run_for(1s);
    CHECK(!world.processes.signal(RunId{1}, 15, ports::Target::process).ok());
    CHECK(world.complaints().empty());
    CHECK(!world.processes.signal(RunId{7}, 15, ports::Target::process).ok());
    CHECK(world.complaints().size() == 1);
}

TEST_CASE("readiness is told only by those that were asked to notify") {
    World world;
    Listener listener(world);
    script(world, {.ready_after = 300ms});
    auto asked = request();
    asked.notify = true;
    world.processes.spawn(RunId{1}, asked);
    world.processes.spawn(RunId{2}, request());
    world.run_for(1s);
    CHECK(listener.heard().back() == "301 notified 1 READY");
    CHECK(listener.heard().empty());
}

TEST_CASE("output is in the log when the exit is heard of") {
    World world;
    ports::LogSpec out, err;
    out.path = "/log/out";
    err.path = "/log/err";
    world.logs.open(ChannelId{1}, std::move(out));
    world.logs.open(ChannelId{2}, std::move(err));
    Listener listener(world);
    script(world,
           {.lives = 100ms, .output = {{0ms, "one "}, {50ms, "oops ", true}, {100ms, "two"}}});
    auto spec = request();
    spec.out = ChannelId{1};
    spec.err = ChannelId{2};
    world.processes.spawn(RunId{1}, spec);
    world.run_for(1s);
    CHECK(world.logs.text("/log/out") == "one two");
    CHECK(world.turns() == 2);  // output wakes nobody
    CHECK(world.logs.text("/log/err") == "oops ");
    spec.err_to_out = true;
    world.processes.spawn(RunId{2}, spec);
    world.run_for(1s);
    CHECK(world.logs.text("/log/out") == "one twoone oops two");
}

TEST_CASE("stdin takes what is read, refuses what is too much or closed") {
    World world;
    Listener listener(world);
    script(world, {.reads_stdin = false});
    CHECK(!world.processes.write_stdin(RunId{1}, "nobody").ok());
    world.processes.spawn(RunId{1}, request());
    // Its pipe is there before it is.
    CHECK(world.processes.write_stdin(RunId{1}, "early").ok());
    world.run_for(10ms);
    CHECK(world.processes.write_stdin(RunId{1}, std::string(limits::stdin_bytes - 5, 'x')).ok());
    CHECK(world.processes.write_stdin(RunId{1}, "y").error().kind == Error::Kind::unavailable);
    auto closed = request();
    closed.stdin_pipe = false;
    world.processes.spawn(RunId{2}, closed);
    world.run_for(10ms);
    CHECK(!world.processes.write_stdin(RunId{2}, "y").ok());
}

TEST_CASE("stdin that is taken late says so when it drained, and ends after what waits") {
    World world;
    Listener listener(world);
    script(world, {.stdin_takes = 50ms,
                   .answers = [](std::string const& line) { return "<" + line + ">\n"; },
                   .code_on_end_of_input = 3});
    auto wanted = request();
    wanted.out = ChannelId{1};
    world.logs.open(ChannelId{1}, {.kind = ports::LogSpec::Kind::none, .tap = true});
    world.processes.spawn(RunId{1}, wanted);
    world.run_for(10ms);
    std::string much(limits::stdin_bytes - 10, 'x');
    CHECK(world.processes.write_stdin(RunId{1}, "one\ntwo\nthr").ok());
    CHECK(!world.processes.write_stdin(RunId{1}, much).ok());
    world.run_for(60ms);
    CHECK(listener.heard() == Strings{"1 spawned 1", "60 output of 1: <one>\n",
                                      "60 output of 1: <two>\n", "60 stdin drained 1"});
    CHECK(world.processes.write_stdin(RunId{1}, "ee\n").ok());
    world.processes.close_stdin(RunId{1});
    CHECK(!world.processes.write_stdin(RunId{1}, "late").ok());
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"120 output of 1: <three>\n", "120 exited 1 3/0 at 120"});
}

TEST_CASE("a job has its input at once, tells its progress and its numbers") {
    World world;
    Listener listener(world);
    script(world, {.lives = 100ms,
                   .progress = {{10ms, "1 %"}, {10ms, "2 %"}, {50ms, "50 %"}, {1h, "never"}},
                   .cpu = 7ms,
                   .read_bytes = 10,
                   .written_bytes = 20});
    auto wanted = request();
    wanted.out_file = "/var/log/job";
    wanted.input = "payload";
    wanted.progress = true;
    world.processes.spawn(RunId{1}, wanted);
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"1 spawned 1", "11 notified 1 PROGRESS 2 %",
                                      "51 notified 1 PROGRESS 50 %", "101 exited 1 0/0 at 101"});
    CHECK(world.processes.runs().at(RunId{1}).in == "payload");
    CHECK(!world.processes.write_stdin(RunId{1}, "more").ok());
    wanted.input = std::string(limits::input_bytes + 1, 'x');
    world.processes.spawn(RunId{2}, wanted);
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"1001 failed 2: the input is too long"});
}

TEST_CASE("a log rotates by size and keeps so many backups") {
    World world;
    Listener listener(world);
    ports::LogSpec spec;
    spec.path = "/log";
    spec.maxbytes = 4;
    spec.backups = 2;
    world.logs.open(ChannelId{1}, std::move(spec));
    for (char const* bytes : {"aaaa", "bbbb", "cccc", "dd"}) world.logs.write(ChannelId{1}, bytes);
    CHECK(world.logs.text("/log") == "dd");
    CHECK(world.logs.text("/log.1") == "cccc");
    CHECK(world.logs.text("/log.2") == "bbbb");
    CHECK(!world.logs.disk().contains("/log.3"));
}

TEST_CASE("a full disk is told once, and once that it is over, with what was lost") {
    World world;
    Listener listener(world);
    ports::LogSpec spec;
    spec.path = "/log";
    world.logs.open(ChannelId{1}, std::move(spec));
    world.logs.set_disk_full(true);
    world.logs.write(ChannelId{1}, "abc");
    world.logs.write(ChannelId{1}, "de");
    world.run_for(1s);
    world.logs.set_disk_full(false);
    world.logs.write(ChannelId{1}, "f");
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"0 log: No space left on device", "1000 log well, lost 5"});
    CHECK(world.logs.text("/log") == "f");
}

TEST_CASE("a log can be read from both ends, cleared, and says once that it grew") {
    World world;
    Listener listener(world);
    ports::LogSpec spec;
    spec.path = "/log";
    world.logs.open(ChannelId{1}, std::move(spec));
    Strings told;
    world.logs.on_growth(ChannelId{1}, [&] { told.push_back("grew"); });
    world.logs.write(ChannelId{1}, "hello ");
    world.logs.write(ChannelId{1}, "world");
    auto tell = [&](ports::LogRead const& read) { told.push_back(read.bytes); };
    world.logs.read("/log", -5, 100, tell);
    world.logs.read("/log", 0, 5, tell);
    world.logs.read("/none", 0, 5, [&](auto const& read) { CHECK(!read.exists); });
    world.run_for(1s);
    std::ranges::sort(told);
    CHECK(told == Strings{"grew", "hello", "world"});
    world.logs.clear(ChannelId{1}, [&](Result<> done) { CHECK(done.ok()); });
    bool flushed = false;
    world.logs.flush([&] { flushed = true; });
    world.run_for(1s);
    CHECK(world.logs.text("/log").empty());
    CHECK(flushed);
}

TEST_CASE("a probe answers in time, or fails at its time-out; a cancelled one is silent") {
    World world;
    Listener listener(world);
    Duration takes = 300ms;
    world.probes.set_answers(
        [&](auto const&) { return ProbeAnswer{.ok = true, .why = "", .takes = takes}; });
    world.probes.probe(ProbeId{1}, {.timeout = 1s});
    takes = 2s;
    world.probes.probe(ProbeId{2}, {.timeout = 1s});
    world.probes.probe(ProbeId{3}, {.timeout = 1s});
    world.probes.cancel(ProbeId{3});
    world.run_for(1h);
    CHECK(listener.heard() == Strings{"300 probe 1 well", "1000 probe 2 ill: no answer in time"});
    CHECK(world.probes.under_way() == 0);
}

TEST_CASE("a change of a watched file is told when it has been quiet") {
    World world;
    Listener listener(world);
    world.folders.watch(ports::WatchId{1}, {"/etc/*.conf", "/srv/app"}, 500ms);
    world.folders.change("/etc/web.conf");
    world.run_for(400ms);
    world.folders.change("/etc/db.conf");
    world.folders.change("/etc/other");
    world.folders.change("/etc/below/web.conf");
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"900 changed /etc/db.conf"});
    world.folders.change("/srv/app");
    world.folders.unwatch(ports::WatchId{1});
    world.run_for(1s);
    CHECK(listener.heard().empty());
}

TEST_CASE("work is done one piece after the other and told in that order") {
    World world({.seed = 7});
    Listener listener(world);
    world.worker.set_takes(100ms);
    std::string order;
    for (std::string name : {"a", "b", "c"})
        world.worker.run([&order, name] { order += name; },
                         [&order, name] { order += name + "!"; });
    world.run_for(150ms);
    CHECK(order == "aa!");
    world.run_for(1s);
    CHECK(order == "aa!bb!cc!");
}

TEST_CASE("a request is told, and its one answer kept") {
    World world;
    Listener listener(world);
    std::vector<std::string> notes;
    CHECK(world.wire.listen({.server = 0}, notes).ok());
    auto id = world.wire.request({.server = 0, .method = "GET", .target = "/"});
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"0 request /"});
    CHECK(!world.wire.is_answered(id));
    world.wire.reply(id, {.status = 200, .body = "hello"});
    CHECK(world.wire.exchange(id).reply->body == "hello");
    CHECK(world.complaints().empty());
    world.wire.reply(id, {.status = 200});
    CHECK(world.complaints() == Strings{"1000 a reply that nobody waits for"});
}

TEST_CASE("a request to where nobody listens is never told") {
    World world;
    Listener listener(world);
    world.wire.request({.server = 3});
    world.run_for(1s);
    CHECK(listener.heard().empty());
    world.wire.fail_next_listen({Error::Kind::conflict, "in use"});
    std::vector<std::string> notes;
    CHECK(!world.wire.listen({.server = 3}, notes).ok());
    CHECK(world.wire.listen({.server = 3}, notes).ok());
    CHECK(world.wire.port_of(3) > 0);
}

TEST_CASE("a stream's reader takes what is sent, or stalls, or goes away") {
    World world;
    Listener listener(world);
    std::vector<std::string> notes;
    CHECK(world.wire.listen({.server = 0}, notes).ok());
    auto id = world.wire.request({.server = 0, .target = "/tail"});
    world.run_for(1ms);
    world.wire.open_stream(id, {.status = 200});
    world.wire.stream_send(id, "one ");
    world.run_for(1s);
    world.wire.set_reads(id, false);
    world.wire.stream_send(id, "two");
    world.run_for(1s);
    CHECK(listener.heard() == Strings{"0 request /tail", "2 drained 1"});
    world.wire.set_reads(id, true);
    world.run_for(0ms);
    CHECK(listener.heard() == Strings{"2001 drained 1"});
    CHECK(world.wire.exchange(id).streamed == "one two");
    world.wire.hang_up(id);
    world.wire.stream_send(id, "not known yet");
    world.run_for(1s);
    CHECK(listener.heard().size() == 1);
    CHECK(world.complaints().empty());
    world.run_for(1s);
    world.raise(1);
    world.run_for(0ms);
    world.wire.stream_send(id, "known");
    CHECK(world.complaints().size() == 1);
}

TEST_CASE("the loop sleeps until its wish or until something happens, and no longer") {
    World world;
    int turns = 0;
    Listener listener(world, [&] {
        if (++turns == 1) world.clock.wake_at(world.now() + 10s);
    });
    world.clock.wake_at(Instant(5s));
    world.run_for(1min);
    CHECK(turns == 2);
    world.raise(15);
    world.run_for(1h);
    CHECK(turns == 3);
    CHECK(listener.heard() == Strings{"60000 signal 15"});
}

TEST_CASE("a loop that never sleeps is found out") {
    World world;
    Listener listener(world, [&] { world.clock.wake_at(world.now()); });
    world.raise(1);
    world.run_for(1s);
    CHECK(world.complaints() == Strings{"0 time stands still"});
}

TEST_CASE("a run until something holds ends in that turn") {
    World world;
    Listener listener(world);
    script(world, {.lives = 5s});
    world.processes.spawn(RunId{1}, request());
    CHECK(world.run_until([&] { return world.processes.forks() == 1; }, 1h));
    CHECK(world.now() == Instant(1ms));
    CHECK(!world.run_until([] { return false; }, 1h));
    CHECK(world.now() == Instant(1h + 1ms));
}

TEST_CASE("the wall clock can be set and says so, the other time goes on") {
    World world;
    Listener listener(world);
    WallTime before = world.clock.wall();
    world.clock.jump(-1h);
    world.run_for(1s);
    CHECK(world.clock.wall() == before - 1h + 1s);
    CHECK(world.now() == Instant(1s));
    CHECK(listener.heard() == Strings{"0 jumped"});
}

TEST_CASE("two things in one turn come in either order, those of one run in theirs") {
    std::set<Strings> orders;
    for (unsigned seed = 0; seed < 40; ++seed) {
        World world({.seed = seed});
        Listener listener(world);
        script(world, {.lives = 0ms});
        world.processes.spawn(RunId{1}, request());
        world.processes.spawn(RunId{2}, request());
        world.run_for(1s);
        auto heard = listener.heard();
        REQUIRE(heard.size() == 4);
        for (char const* run : {"1", "2"}) {
            auto spawned = std::ranges::find(heard, std::string("1 spawned ") + run);
            auto exited = std::ranges::find(heard, std::string("1 exited ") + run + " 0/0 at 1");
            CHECK(spawned < exited);
        }
        orders.insert(heard);
    }
    CHECK(orders.size() == 6);  // all there are
}

TEST_CASE("the same seed makes the same run, another seed another") {
    auto run = [](unsigned seed) {
        World world({.seed = seed, .late_at_most = 100ms});
        Listener listener(world);
        world.processes.set_scripts([&](auto const&) {
            return Script{.fork_takes = Duration(world.kernel.pick(50)),
                          .lives = Duration(world.kernel.pick(1000))};
        });
        for (std::uint64_t i = 1; i <= 20; ++i) world.processes.spawn(RunId{i}, request());
        world.run_for(1min);
        CHECK(world.report().starts_with("seed " + std::to_string(seed)));
        return listener.heard();
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}
