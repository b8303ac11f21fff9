// os/adoption_test.cc: daemons that are killed, and what the next one finds. Real processes below a
// real keeper; each daemon is a function in a process of its own.

#include <doctest/doctest.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/keeper.h"
#include "os/files.h"
#include "os/process_world_test.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;
using ports::Adopted;
using ports::RunId;

namespace {

constexpr RunId run{1};

/// A daemon's processes below the keeper.
struct Daemon {
    Daemon(int link_fd, bool is_first) : link((Fd(link_fd))) {
        if (!is_first && !link.greet()) ::_exit(90);
        world.emplace(Processes::Options{.keeper = &link});
        link.start(world->loop,
                   {.ended_child = [this](int pid) { world->processes.on_ended_child(pid); },
                    .trouble = {}});
    }
    void die() {
        link.ready();
        ::raise(SIGKILL);
    }
    Processes& processes() { return world->processes; }
    template <class Kind>
    Kind await(RunId id) {
        world->until([&] { return world->find<Kind>(id) != nullptr; });
        auto const* found = world->find<Kind>(id);
        if (found == nullptr) ::_exit(91);
        return *found;
    }

    KeeperLink link;
    std::optional<World> world;
};

using Life = std::function<int(Daemon&)>;

class Lives final : public keeper::Starter {
public:
    explicit Lives(std::vector<Life> lives) : lives_(std::move(lives)) {}
    int start(int link, bool) override {
        auto number = begun_++;
        pid_t pid = ::fork();
        if (pid != 0) return pid;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        // Never destroyed: a World waits for the end of what it started.
        auto* daemon = new Daemon(link, number == 0);
        int status = number < lives_.size() ? lives_[number](*daemon) : 99;
        daemon->link.ready();
        ::_exit(status);
    }
    void choose_next(std::string const&) override {}
    void next_works() override {}

private:
    std::vector<Life> lives_;
    std::size_t begun_ = 0;
};

/// Runs the lives one after the other below one keeper; the last one's exit status.
int live(std::vector<Life> lives) {
    std::fflush(nullptr);
    pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        int ends[2];
        ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
        Lives starter(std::move(lives));
        int daemon = starter.start(ends[1], false);
        ::close(ends[1]);
        ::_exit(keeper::Keeper(starter, ends[0], daemon).run());
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// What a daemon remembers of a run, in a file of the test's.
struct Noted {
    int pid = 0;
    std::uint64_t start_ticks = 0;
};
void note(Temporary& folder, Noted noted) {
    folder.write("noted", std::to_string(noted.pid) + " " + std::to_string(noted.start_ticks));
}
ports::AdoptRequest as_noted(Temporary& folder) {
    ports::AdoptRequest request;
    std::ifstream(folder.path("noted")) >> request.pid >> request.start_ticks;
    request.out = out_channel;
    request.err = err_channel;
    request.uid = ::geteuid();
    return request;
}

/// A file system that counts no storage.
bool in_memory(std::string const& path) {
    struct statfs found{};
    return ::statfs(path.c_str(), &found) == 0 && found.f_type == TMPFS_MAGIC;
}

/// Spawns run 1 and notes it; what it writes stays in its pipes.
Life spawns(Temporary& folder, std::string script) {
    return [&folder, script](Daemon& daemon) {
        daemon.world->collector.be_lazy();
        auto wanted = shell(script);
        wanted.notify = true;
        daemon.processes().spawn(run, wanted);
        int pid = daemon.await<ports::Spawned>(run).pid;
        note(folder, {pid, daemon.processes().start_ticks(run)});
        daemon.die();
        return 80;
    };
}

}  // namespace

TEST_CASE("a program outlives its daemon with its pipes, and its end is told to the next one") {
    Temporary folder;
    auto second = [&](Daemon& daemon) {
        auto noted = as_noted(folder);
        if (daemon.processes().adopt(run, noted) != Adopted::running) return 10;
        daemon.processes().adoption_ended();
        if (daemon.processes().start_ticks(run) != noted.start_ticks) return 11;
        if (!daemon.processes().write_stdin(run, "hello\n")) return 12;
        auto end = daemon.await<ports::Exited>(run);
        if (end.pid != noted.pid || end.code != 7 || end.signal != 0 || end.status_unknown)
            return 13;
        if (daemon.world->collector.text(out_channel) != "before\nafter hello\n") return 14;
        if (daemon.world->collector.text(err_channel) != "error\n") return 15;
        if (daemon.world->find<ports::Spawned>(run)) return 16;
        return end.peak_memory_bytes > 0 ? 0 : 17;
    };
    CHECK(live({spawns(folder, "echo before; echo error >&2; read x; echo after $x; exit 7"),
                second}) == 0);
}

TEST_CASE("an end that was told but not noted is told again to the next daemon") {
    Temporary folder;
    auto first = [&](Daemon& daemon) {
        // It waits to be let go: an end told together with its Spawned would be noted already.
        daemon.processes().spawn(run, shell("read x; exit 9"));
        int pid = daemon.await<ports::Spawned>(run).pid;
        note(folder, {pid, daemon.processes().start_ticks(run)});
        if (!daemon.processes().write_stdin(run, "go\n")) return 81;
        siginfo_t end{};
        ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT);
        daemon.die();
        return 80;
    };
    auto second = [&](Daemon& daemon) {
        if (daemon.processes().adopt(run, as_noted(folder)) != Adopted::running) return 10;
        daemon.processes().adoption_ended();
        auto end = daemon.await<ports::Exited>(run);
        return end.code == 9 ? 0 : 11;
    };
    CHECK(live({first, second}) == 0);
}

TEST_CASE("an end that was noted is not there for the next daemon") {
    Temporary folder;
    auto first = [&](Daemon& daemon) {
        daemon.processes().spawn(run, shell("exit 9"));
        int pid = daemon.await<ports::Spawned>(run).pid;
        note(folder, {pid, 1});
        daemon.await<ports::Exited>(run);
        daemon.world->until([] { return true; });
        if (::kill(pid, 0) == 0) ::_exit(81);
        daemon.die();
        return 80;
    };
    auto second = [&](Daemon& daemon) {
        bool gone = daemon.processes().adopt(run, as_noted(folder)) == Adopted::gone;
        daemon.processes().adoption_ended();
        if (!daemon.link.untaken("run/").empty()) return 11;
        return gone ? 0 : 10;
    };
    CHECK(live({first, second}) == 0);
}

TEST_CASE("a run whose spawn was not noted is found by what the kernel noted, or was never made") {
    Temporary folder;
    auto second = [&](Daemon& daemon) {
        auto noted = as_noted(folder);
        ports::AdoptRequest blank = noted;
        blank.pid = 0;
        blank.start_ticks = 0;
        if (daemon.processes().adopt(RunId{2}, blank) != Adopted::never_made) return 10;
        if (daemon.processes().adopt(run, blank) != Adopted::spawned) return 11;
        daemon.processes().adoption_ended();
        if (daemon.await<ports::Spawned>(run).pid != noted.pid) return 12;
        if (!daemon.processes().signal(run, SIGTERM, ports::Target::group)) return 13;
        return daemon.await<ports::Exited>(run).signal == SIGTERM ? 0 : 14;
    };
    CHECK(live({spawns(folder, "exec sleep 1000"), second}) == 0);
}

TEST_CASE("a command that cannot be executed leaves no note of a process") {
    auto first = [&](Daemon& daemon) {
        daemon.processes().spawn(run, request({"/proc/version"}));
        daemon.await<ports::SpawnFailed>(run);
        daemon.die();
        return 80;
    };
    auto second = [&](Daemon& daemon) {
        if (!daemon.link.untaken("run/").empty()) return 10;
        return daemon.processes().adopt(run, {}) == Adopted::never_made ? 0 : 11;
    };
    CHECK(live({first, second}) == 0);
}

TEST_CASE("what nobody adopts is told to stop, reaped, and its descriptors are let go") {
    Temporary folder;
    auto second = [&](Daemon& daemon) {
        if (daemon.link.untaken("run/1/").size() != 4) return 10;  // in, out, err, notify
        daemon.processes().adoption_ended();
        int pid = as_noted(folder).pid;
        for (int i = 0; i < 1'000 && ::kill(pid, 0) == 0; i++) {
            daemon.world->loop.at(Loop::now() + std::chrono::milliseconds(10), [&] {});
            bool once = false;
            daemon.world->until([&] { return std::exchange(once, true); });
        }
        if (::kill(pid, 0) == 0) return 11;
        daemon.die();
        return 12;
    };
    auto third = [&](Daemon& daemon) { return daemon.link.untaken("run/").empty() ? 0 : 20; };
    CHECK(live({spawns(folder, "exec sleep 1000"), second, third}) == 0);
}

TEST_CASE("notifications of an adopted run are heard") {
    Temporary folder;
    auto second = [&](Daemon& daemon) {
        if (daemon.processes().adopt(run, as_noted(folder)) != Adopted::running) return 10;
        daemon.processes().adoption_ended();
        (void)daemon.processes().write_stdin(run, "go\n").ok();
        daemon.await<ports::Exited>(run);
        auto lines = daemon.world->notified(run);
        return lines == std::vector<std::string>{"READY=1"} ? 0 : 11;
    };
    std::string script =
        "read x; python3 -c 'import os,socket; s=socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); "
        "s.sendto(b\"READY=1\", \"\\0\"+os.environ[\"NOTIFY_SOCKET\"][1:])'";
    CHECK(live({spawns(folder, script), second}) == 0);
}

TEST_CASE("a job with files goes on without its daemon, and the next one hears its progress") {
    Temporary folder;
    std::string go = folder.path("go"), log = folder.path("jobs/1.log");
    auto first = [&](Daemon& daemon) {
        auto wanted = shell("read x; echo got $x; echo 10 % >&$LARES_PROGRESS; until [ -e " + go +
                            " ]; do sleep 0.01; done; echo 90 % >&$LARES_PROGRESS; read x; "
                            "echo got $x; exit 4");
        wanted.out.reset();
        wanted.err.reset();
        wanted.out_file = log;
        wanted.input = "one\ntwo\n";
        wanted.progress = true;
        daemon.processes().spawn(run, wanted);
        int pid = daemon.await<ports::Spawned>(run).pid;
        note(folder, {pid, daemon.processes().start_ticks(run)});
        daemon.world->until([&] { return !daemon.world->notified(run).empty(); });
        if (daemon.world->notified(run)[0] != "PROGRESS=10 %") ::_exit(82);
        daemon.die();
        return 80;
    };
    auto second = [&](Daemon& daemon) {
        if (daemon.link.untaken("run/1/") != std::vector<std::string>{"run/1/progress"}) return 10;
        auto noted = as_noted(folder);
        noted.out.reset();
        noted.err.reset();
        if (daemon.processes().adopt(run, noted) != Adopted::running) return 11;
        daemon.processes().adoption_ended();
        if (daemon.processes().start_ticks(run) != noted.start_ticks) return 12;
        folder.write("go", "");
        auto end = daemon.await<ports::Exited>(run);
        if (end.code != 4 || end.status_unknown) return 13;
        if (daemon.world->notified(run).back() != "PROGRESS=90 %") return 14;
        if (*read_file(log, 100) != "got one\ngot two\n") return 15;
        daemon.die();
        return 16;
    };
    auto third = [&](Daemon& daemon) { return daemon.link.untaken("run/").empty() ? 0 : 20; };
    CHECK(live({first, second, third}) == 0);
}

TEST_CASE("a job that ended while no daemon lived has its code, its times and its storage") {
    Temporary folder;
    auto first = [&](Daemon& daemon) {
        auto wanted = shell("head -c 300000 /dev/zero; sync " + folder.path("1.log") + "; exit 5");
        wanted.out.reset();
        wanted.err.reset();
        wanted.out_file = folder.path("1.log");
        daemon.processes().spawn(run, wanted);
        int pid = daemon.await<ports::Spawned>(run).pid;
        note(folder, {pid, daemon.processes().start_ticks(run)});
        siginfo_t end{};
        ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT);
        daemon.die();
        return 80;
    };
    auto second = [&](Daemon& daemon) {
        auto noted = as_noted(folder);
        noted.out.reset();
        noted.err.reset();
        if (daemon.processes().adopt(run, noted) != Adopted::running) return 10;
        daemon.processes().adoption_ended();
        auto end = daemon.await<ports::Exited>(run);
        if (end.code != 5 || end.status_unknown) return 11;
        bool is_counted = end.written_bytes >= 300'000 || in_memory(folder.path("1.log"));
        return is_counted ? 0 : 12;
    };
    CHECK(live({first, second}) == 0);
}

TEST_CASE("a process of another parent is watched, and how it ended stays unknown") {
    Temporary folder;
    // The child of a child that is gone: nobody here is its parent.
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t between = ::fork();
    if (between == 0) {
        pid_t left = ::fork();
        if (left == 0) {
            ::execlp("sleep", "sleep", "1000", nullptr);
            ::_exit(127);
        }
        [[maybe_unused]] ssize_t written = ::write(ends[1], &left, sizeof left);
        ::_exit(0);
    }
    pid_t pid = 0;
    REQUIRE(::read(ends[0], &pid, sizeof pid) == sizeof pid);
    ::waitpid(between, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);

    World world;
    auto facts = find_process(pid);
    REQUIRE(facts);
    ports::AdoptRequest request;
    request.pid = pid;
    request.start_ticks = facts->start_ticks + 1;
    CHECK(world.processes.adopt(run, request) == Adopted::gone);
    request.start_ticks = 0;
    CHECK(world.processes.adopt(run, request) == Adopted::gone);  // any process may have this pid
    request.start_ticks = facts->start_ticks;
    CHECK(world.processes.adopt(run, request) == Adopted::running);
    CHECK(world.processes.signal(run, SIGKILL, ports::Target::process).ok());
    world.until([&] { return world.find<ports::Exited>(run) != nullptr; });
    auto const* end = world.find<ports::Exited>(run);
    REQUIRE(end != nullptr);
    CHECK(end->status_unknown);
    CHECK(end->code == -1);
    CHECK(end->signal == 0);
    world.processes.noted(run);
}
