// os/processes_test.cc: real processes: how they begin, what they are given, how they end.

#include "os/processes.h"

#include <dirent.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>

#include "os/process_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;
using namespace std::chrono_literals;
using ports::Target;

namespace {

ports::SpawnRequest sleeper() { return request({"/bin/sleep", "1000"}); }

std::vector<std::string> open_files(int pid) {
    std::vector<std::string> names;
    DIR* directory = ::opendir(("/proc/" + std::to_string(pid) + "/fd").c_str());
    while (dirent const* entry = ::readdir(directory)) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    ::closedir(directory);
    std::ranges::sort(names);
    return names;
}

std::string link_of(int pid, std::string const& name) {
    char target[4096];
    ssize_t length =
        ::readlink(("/proc/" + std::to_string(pid) + "/" + name).c_str(), target, sizeof target);
    return {target, static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
}

/// Children of all our threads: living ones and zombies.
std::vector<int> children() {
    std::vector<int> pids;
    std::string tasks = "/proc/self/task";
    DIR* directory = ::opendir(tasks.c_str());
    while (dirent const* entry = ::readdir(directory)) {
        if (entry->d_name[0] == '.') continue;
        std::istringstream list(
            proc(::getpid(), std::string("task/") + entry->d_name + "/children"));
        for (int pid; list >> pid;) pids.push_back(pid);
    }
    ::closedir(directory);
    return pids;
}

}  // namespace

TEST_CASE("a process's output, exit code and times come back") {
    World world;
    Instant before = Loop::now();
    auto id = world.start(shell("echo out; echo err >&2; exit 3"));
    auto end = world.end_of(id);
    CHECK(end.code == 3);
    CHECK(end.signal == 0);
    CHECK(!end.core_dumped);
    CHECK(end.pid == world.find<ports::Spawned>(id)->pid);
    CHECK(world.find<ports::Spawned>(id)->at >= before);
    CHECK(end.at >= world.find<ports::Spawned>(id)->at);
    CHECK(end.at <= Loop::now());
    CHECK(world.collector.text(out_channel) == "out\n");
    CHECK(world.collector.text(err_channel) == "err\n");
}

TEST_CASE("an exit tells the processor time that was used") {
    World world;
    auto end =
        world.end_of(world.start(shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")));
    CHECK(end.cpu > 0ms);
}

TEST_CASE("a process ended by a signal has code -1 and the signal's number") {
    World world;
    auto id = world.start(sleeper());
    world.pid_of(id);
    CHECK(world.processes.signal(id, SIGUSR1, Target::process).ok());
    auto end = world.end_of(id);
    CHECK(end.code == -1);
    CHECK(end.signal == SIGUSR1);
}

TEST_CASE("Spawned comes first of all that is heard of a run, and Exited last") {
    World world;
    for (int i = 0; i < 50; i++) {
        auto what = shell("echo x; systemd-notify READY=1 2>/dev/null; exit 0");
        what.notify = true;
        world.start(std::move(what));
    }
    world.until([&] {
        return std::ranges::count_if(world.events.all, [](auto const& e) {
                   return std::holds_alternative<ports::Exited>(e);
               }) == 50;
    });
    std::map<ports::RunId, std::string> heard;
    for (auto const& event : world.events.all) {
        if (auto const* e = std::get_if<ports::Spawned>(&event)) heard[e->run] += 'S';
        if (auto const* e = std::get_if<ports::Exited>(&event)) heard[e->run] += 'E';
        if (auto const* e = std::get_if<ports::Notified>(&event)) heard[e->run] += 'N';
    }
    for (auto const& [run, letters] : heard) {
        CHECK(letters.front() == 'S');
        CHECK(letters.find('E') == letters.size() - 1);
    }
}

TEST_CASE("what a process wrote is taken before its exit is told") {
    World world;
    world.collector.be_lazy();
    auto id =
        world.start(shell("i=0; while [ $i -lt 1000 ]; do echo 0123456789; i=$((i+1)); done"));
    world.end_of(id);
    CHECK(world.collector.text(out_channel).size() == 11'000);
}

TEST_CASE("a process has its own group in our session, and is our direct child") {
    World world;
    int pid = world.pid_of(world.start(sleeper()));
    CHECK(::getpgid(pid) == pid);
    CHECK(::getsid(pid) == ::getsid(0));
    CHECK(status(pid, "PPid") == std::to_string(::getpid()));
}

TEST_CASE("a process begins with default signals and none blocked") {
    ::signal(SIGXFSZ, SIG_IGN);
    World world;
    int pid = world.pid_of(world.start(sleeper()));
    CHECK(status(pid, "SigIgn") == "0000000000000000");
    CHECK(status(pid, "SigBlk") == "0000000000000000");
    ::signal(SIGXFSZ, SIG_DFL);
    CHECK(status(::getpid(), "SigIgn") != "0000000000000000");  // our own PIPE stays ignored
}

TEST_CASE("a process has no descriptor but its three, whatever we have open") {
    Fd low(::open("/dev/null", O_RDONLY));  // as inherited from a careless shell
    Fd high(::fcntl(low.get(), F_DUPFD, 900));
    World world;
    int pid = world.pid_of(world.start(sleeper()));
    CHECK(open_files(pid) == std::vector<std::string>{"0", "1", "2"});
    CHECK(link_of(pid, "fd/0").starts_with("pipe:"));
    CHECK(link_of(pid, "fd/1").starts_with("pipe:"));
    CHECK(link_of(pid, "fd/1") != link_of(pid, "fd/2"));
}

TEST_CASE("outputs can be joined, or thrown away, and stdin can be /dev/null") {
    World world;
    auto joined = sleeper();
    joined.err_to_out = true;
    joined.err.reset();
    int pid = world.pid_of(world.start(std::move(joined)));
    CHECK(link_of(pid, "fd/1").starts_with("pipe:"));
    CHECK(link_of(pid, "fd/1") == link_of(pid, "fd/2"));

    auto silent = sleeper();
    silent.out.reset();
    silent.err.reset();
    silent.stdin_pipe = false;
    auto id = world.start(std::move(silent));
    pid = world.pid_of(id);
    for (char const* fd : {"fd/0", "fd/1", "fd/2"}) CHECK(link_of(pid, fd) == "/dev/null");
    CHECK(world.processes.signal(id, SIGTERM, Target::process).ok());
    CHECK(world.end_of(id).signal == SIGTERM);
}

TEST_CASE("directory, umask, environment and arguments are as asked") {
    World world;
    auto what = request({"sh", "-c", "pwd; umask; echo \"$1,$A,$PATH\"", "sh", "one two"});
    what.directory = "/usr";
    what.umask = 027;
    what.environment = {"A=b c", "PATH=/usr/bin:/bin"};
    CHECK(world.output(std::move(what)) == "/usr\n0027\none two,b c,/usr/bin:/bin\n");
}

TEST_CASE("limits, nice, oom_score_adj and processors are as asked") {
    World world;
    auto what = sleeper();
    what.limits = {{RLIMIT_NOFILE, 77, 88}, {RLIMIT_CORE, 0, 0}};
    what.nice = 7;
    what.oom_score_adj = 321;
    what.cpu_affinity = {0};
    int pid = world.pid_of(world.start(std::move(what)));
    rlimit files, core;
    REQUIRE(::prlimit(pid, RLIMIT_NOFILE, nullptr, &files) == 0);
    REQUIRE(::prlimit(pid, RLIMIT_CORE, nullptr, &core) == 0);
    CHECK(files.rlim_cur == 77);
    CHECK(files.rlim_max == 88);
    CHECK(core.rlim_max == 0);
    CHECK(::getpriority(PRIO_PROCESS, static_cast<id_t>(pid)) == 7);
    CHECK(proc(pid, "oom_score_adj") == "321\n");
    CHECK(status(pid, "Cpus_allowed_list") == "0");
    CHECK(proc(::getpid(), "oom_score_adj") != "321\n");
}

TEST_CASE("a process gets the files limit we give to all, unless it asks for its own") {
    World world({.files_limit = ports::Limit{RLIMIT_NOFILE, 99, 111}});
    CHECK(world.output(shell("ulimit -Sn; ulimit -Hn")) == "99\n111\n");
    auto own = shell("ulimit -Sn");
    own.limits = {{RLIMIT_NOFILE, 55, 66}};
    own.out = ports::ChannelId{7};
    world.end_of(world.start(std::move(own)));
    CHECK(world.collector.text(ports::ChannelId{7}) == "55\n");
}

TEST_CASE("signals reach the process alone, or its group") {
    World world;
    auto script =
        "trap 'echo outer' USR1; "
        "sh -c 'trap \"echo inner; exit\" USR1; echo up; while :; do sleep 0.01; done' & "
        "wait; wait";
    auto id = world.start(shell(script));
    world.pid_of(id);
    auto text = [&] { return world.collector.text(out_channel); };
    world.until([&] { return text().find("up") != std::string::npos; });

    CHECK(world.processes.signal(id, SIGUSR1, Target::process).ok());
    world.until([&] { return text().find("outer") != std::string::npos; });
    CHECK(text().find("inner") == std::string::npos);

    CHECK(world.processes.signal(id, SIGUSR1, Target::everything).ok());
    world.until([&] { return text().find("inner") != std::string::npos; });
}

TEST_CASE("a process that is gone, or never was, cannot be signalled") {
    World world;
    auto id = world.start(shell("exit 0"));
    world.end_of(id);
    for (auto target : {Target::process, Target::group, Target::everything}) {
        auto sent = world.processes.signal(id, SIGTERM, target);
        REQUIRE(!sent.ok());
        CHECK(sent.error().kind == Error::Kind::not_found);
    }
    CHECK(!world.processes.signal(ports::RunId{4711}, SIGTERM, Target::process).ok());
}

TEST_CASE("a signal number that does not exist is refused without harm") {
    World world;
    auto id = world.start(sleeper());
    world.pid_of(id);
    CHECK(!world.processes.signal(id, 4711, Target::process).ok());
    CHECK(!world.processes.signal(id, 4711, Target::group).ok());
}

TEST_CASE("what is written to stdin arrives in order, however slowly it is read") {
    World world;
    std::string sent;
    for (int i = 0; sent.size() < 600'000; i++) sent += std::to_string(i) + "\n";
    auto id =
        world.start(shell("sleep 0.05; head -c " + std::to_string(sent.size()) + " | md5sum"));
    for (std::size_t at = 0; at < sent.size(); at += 70'000) {
        CHECK(world.processes.write_stdin(id, std::string_view(sent).substr(at, 70'000)).ok());
    }
    world.end_of(id);
    std::string got = world.collector.text(out_channel);
    auto file = ::popen("md5sum > /tmp/lares-test-md5-$PPID", "w");
    ::fwrite(sent.data(), 1, sent.size(), file);
    ::pclose(file);
    std::string path = "/tmp/lares-test-md5-" + std::to_string(::getpid());
    std::ifstream expected(path);
    std::string line;
    std::getline(expected, line);
    ::unlink(path.c_str());
    CHECK(got == line + "\n");
}

TEST_CASE("stdin that is not read is bounded: more is refused, not held") {
    World world;
    auto id = world.start(sleeper());
    world.pid_of(id);
    std::string chunk(limits::stdin_bytes / 2, 'x');
    int taken = 0;
    while (taken < 10 && world.processes.write_stdin(id, chunk).ok()) taken++;
    CHECK(taken >= 2);
    CHECK(taken <= 3);
    auto refused = world.processes.write_stdin(id, chunk);
    REQUIRE(!refused.ok());
    CHECK(refused.error().kind == Error::Kind::unavailable);
}

TEST_CASE("stdin that the process closed is closed for us too") {
    World world;
    auto id = world.start(shell("exec 0<&-; echo closed; sleep 1000"));
    world.pid_of(id);  // Spawned may come after the first output, and our end closes only then
    world.until([&] { return world.collector.text(out_channel) == "closed\n"; });
    auto written = world.processes.write_stdin(id, "x");
    REQUIRE(!written.ok());
    CHECK(written.error().what == "stdin is closed");
    CHECK(!world.processes.write_stdin(id, "x").ok());
    auto silent = sleeper();
    silent.stdin_pipe = false;
    CHECK(!world.processes.write_stdin(world.start(std::move(silent)), "x").ok());
}

TEST_CASE("the end of stdin comes only with our end or the process's") {
    World world;
    auto id = world.start(request({"cat"}));
    world.pid_of(id);
    CHECK(world.processes.write_stdin(id, "hello\n").ok());
    world.until([&] { return world.collector.text(out_channel) == "hello\n"; });
    CHECK(!world.find<ports::Exited>(id));
}

TEST_CASE("quick processes in great number leave no descriptor and no zombie behind") {
    World world;
    world.end_of(world.start(request({"/bin/true"})));
    auto before = open_files(::getpid());
    constexpr int count = 2'000;
    std::set<ports::RunId> failed;
    std::vector<ports::RunId> ids;
    for (int done = 0; done < count; done += 100) {
        for (int i = 0; i < 100; i++) {
            auto what = request({i % 10 == 0 ? "/does/not/exist" : "/bin/true"});
            what.notify = i % 2 == 0;
            if (i % 3 == 0) what.notify_fd = 5;
            ids.push_back(world.start(std::move(what)));
        }
        world.until([&] {
            return std::ranges::all_of(ids, [&](auto id) {
                return world.find<ports::Exited>(id) || world.find<ports::SpawnFailed>(id);
            });
        });
        ids.clear();
        world.until([&] { return world.collector.open_pipes() == 0; });
    }
    CHECK(open_files(::getpid()) == before);
    CHECK(children().empty());
}

TEST_CASE("orphans of our processes are reaped, and no known exit is lost by it") {
    World world({.adopt_orphans = true});
    SignalSource signals(world.loop, world.events, [&] { world.processes.reap_orphans(); });
    std::vector<ports::RunId> ids;
    for (int i = 0; i < 50; i++) ids.push_back(world.start(shell("(sleep 0.05 & ); exit 4")));
    for (auto id : ids) CHECK(world.end_of(id).code == 4);
    // The orphans hold the pipes open until they end.
    world.until([&] { return world.collector.open_pipes() == 0; });
    world.until([&] { return children().empty(); });
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);  // the other tests' orphans are not ours
}
