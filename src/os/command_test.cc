// os/command_test.cc: every way a spawn can fail, and the words for it.

#include "os/command.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdio>

#include "os/process_world_test.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;
using Kind = ports::SpawnFailure::Kind;

namespace {

void check(ports::SpawnFailure const& failure, Kind kind, std::string const& words) {
    CHECK(failure.kind == kind);
    CHECK(failure.words == words);
}

bool am_root() { return ::geteuid() == 0; }

/// Nobody's numbers, which own no process here unless the tests made it.
ports::SpawnRequest::Identity stranger() { return {54'321, 54'322, "no-such-user"}; }

}  // namespace

TEST_CASE("a command that is not there is told in supervisord's words") {
    World world;
    check(world.failure(request({"/does/not/exist"})), Kind::not_found,
          "can't find command '/does/not/exist'");
    check(world.failure(request({"no-such-command"})), Kind::not_found,
          "can't find command 'no-such-command'");
    check(world.failure(request({})), Kind::setup, "command is empty");
    check(world.failure(request({"/it's"})), Kind::not_found, "can't find command \"/it's\"");
}

TEST_CASE("a command that cannot be executed is told in supervisord's words") {
    World world;
    Temporary folder;
    folder.write("plain", "#!/bin/sh\n");
    check(world.failure(request({folder.path("plain")})), Kind::not_executable,
          "command at '" + folder.path("plain") + "' is not executable");
    check(world.failure(request({"/usr"})), Kind::not_executable,
          "command at '/usr' is a directory");
    if (!am_root()) {
        folder.write("others", "#!/bin/sh\n", 0001);
        check(world.failure(request({folder.path("others")})), Kind::not_executable,
              "no permission to run command '" + folder.path("others") + "'");
    }
}

TEST_CASE("the first directory of the path that has the name decides") {
    World world;
    Temporary folder;
    folder.write("a/tool", "#!/bin/sh\necho a\n", 0755);
    folder.write("b/tool", "#!/bin/sh\necho b\n", 0755);
    folder.write("c/tool", "");
    auto with_path = [&](std::string path) {
        auto what = request({"tool"});
        what.path = std::move(path);
        return what;
    };
    CHECK(world.output(with_path("/nowhere:" + folder.path("b") + ":" + folder.path("a"))) ==
          "b\n");
    check(world.failure(with_path(folder.path("c") + ":" + folder.path("a"))), Kind::not_executable,
          "command at '" + folder.path("c/tool") + "' is not executable");
}

TEST_CASE("without a path the usual directories are searched") {
    World world;
    auto what = request({"true"});
    what.path.clear();
    CHECK(world.end_of(world.start(std::move(what))).code == 0);
}

TEST_CASE("a relative command is looked up where it will run") {
    World world;
    Temporary folder;
    folder.write("bin/tool", "#!/bin/sh\necho found\n", 0755);
    auto what = request({"bin/tool"});
    what.directory = folder.path("");
    CHECK(world.output(what) == "found\n");
    what.directory = "/";
    check(world.failure(what), Kind::not_found, "can't find command 'bin/tool'");
}

TEST_CASE("what the kernel will not execute is told with the cause") {
    World world;
    Temporary folder;
    folder.write("lost", "#!/no/such/interpreter\n", 0755);
    check(
        world.failure(request({folder.path("lost")})), Kind::not_executable,
        "couldn't exec " + folder.path("lost") + ": ENOENT (the interpreter it names is missing)");
    folder.write("text", "no first line\n", 0755);
    check(world.failure(request({folder.path("text")})), Kind::not_executable,
          "couldn't exec " + folder.path("text") +
              ": ENOEXEC (a script needs a first line like #!/bin/sh)");
    check(world.failure(request({"/bin/true", std::string(3u << 20, 'x')})), Kind::setup,
          "couldn't exec /bin/true: E2BIG (arguments and environment are too long)");
    folder.write("busy", "#!/bin/sh\n", 0755);
    Fd writer(::open(folder.path("busy").c_str(), O_WRONLY | O_CLOEXEC));
    check(world.failure(request({folder.path("busy")})), Kind::refused,
          "couldn't exec " + folder.path("busy") + ": ETXTBSY (it is being written)");
}

TEST_CASE("a directory that cannot be entered fails the set-up, with a hint") {
    World world;
    auto what = request({"/bin/true"});
    what.directory = "/does/not/exist";
    check(world.failure(what), Kind::setup,
          "couldn't chdir to /does/not/exist: ENOENT (create it, or change directory=)");
    what.directory = "/etc/passwd";
    check(world.failure(what), Kind::setup,
          "couldn't chdir to /etc/passwd: ENOTDIR (it is not a directory; change directory=)");
}

TEST_CASE("limits, processors and descriptors that cannot be had fail the set-up") {
    World world;
    auto limited = request({"/bin/true"});
    limited.limits = {{RLIMIT_CORE, 0, 0}, {RLIMIT_NOFILE, 20, 10}};
    check(world.failure(limited), Kind::setup, "couldn't set RLIMIT_NOFILE to 20:10: EINVAL");
    auto bound = request({"/bin/true"});
    bound.cpu_affinity = {1000};
    check(world.failure(bound), Kind::setup,
          "couldn't bind to the processors 1000: EINVAL (see lscpu for those there are)");
    auto notified = request({"/bin/true"});
    notified.notify_fd = 1;
    check(world.failure(notified), Kind::setup,
          "the notification descriptor 1 is stdin, stdout or stderr (choose 3 or more)");
    auto scored = request({"/bin/true"});
    scored.oom_score_adj = 5000;
    check(world.failure(scored), Kind::setup, "couldn't set oom_score_adj to 5000: EINVAL");
}

TEST_CASE("a process whose set-up failed leaves no zombie and does not disturb the next") {
    World world;
    auto what = request({"/bin/true"});
    what.directory = "/does/not/exist";
    for (int i = 0; i < 5; i++) CHECK(world.failure(what).kind == Kind::setup);
    CHECK(world.output(shell("echo fine")) == "fine\n");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no child at all
}

TEST_CASE("too many open files refuse a spawn, which succeeds when there are fewer") {
    World world;
    rlimit before;
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    Fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    rlimit tight{static_cast<rlim_t>(next.get()) + 2, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    auto failure = world.failure(request({"/bin/true"}));
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    check(failure, Kind::refused, "too many open files to spawn 'x'");
    CHECK(world.end_of(world.start(request({"/bin/true"}))).code == 0);
}

TEST_CASE("as root, a process can be another user's, with the groups that user has") {
    if (!am_root()) return;
    World world;
    auto what = request({"/bin/sleep", "1000"});
    what.user = stranger();
    int pid = world.pid_of(world.start(what));
    CHECK(status(pid, "Uid") == "54321\t54321\t54321\t54321");
    CHECK(status(pid, "Gid") == "54322\t54322\t54322\t54322");
    CHECK(status(pid, "Groups") == "54322");
    CHECK(status(::getpid(), "Uid") == "0\t0\t0\t0");
}

TEST_CASE("no thread of ours follows a child to its user, and we can still be dumped") {
    if (!am_root()) return;
    World world;
    auto what = request({"/bin/true"});
    what.user = stranger();
    world.end_of(world.start(what));
    for (std::string const& task : directories_in("/proc/self/task")) {
        std::ifstream lines(task + "/status");
        std::stringstream text;
        text << lines.rdbuf();
        CHECK(text.str().find("Uid:\t0\t0\t0\t0") != std::string::npos);
        CHECK(text.str().find("CoreDumping") != std::string::npos);
    }
    struct stat found;
    REQUIRE(::stat("/proc/self/environ", &found) == 0);
    CHECK(found.st_uid == 0);
    CHECK(::prctl(PR_GET_DUMPABLE) == 1);
}

TEST_CASE("a user that is us already changes nothing") {
    World world;
    auto what = request({"/bin/sleep", "1000"});
    what.user = {::geteuid(), 12'345, "whoever"};
    int pid = world.pid_of(world.start(what));
    CHECK(status(pid, "Gid") == status(::getpid(), "Gid"));
    CHECK(status(pid, "Groups") == status(::getpid(), "Groups"));
}

TEST_CASE("RLIMIT_NPROC refuses a further process of another user, in supervisord's words") {
    if (!am_root()) return;
    World world;
    auto what = request({"/bin/sleep", "1000"});
    what.user = stranger();
    what.limits = {{RLIMIT_NPROC, 2, 2}};
    // The kernel lets one more through: it counts a process after it asked whether it may be.
    for (int i = 0; i < 3; i++) world.pid_of(world.start(what));
    check(world.failure(what), Kind::refused, "Too many processes in process table to spawn 'x'");
}

TEST_CASE("a directory or command that only root may use is refused to another user") {
    if (!am_root()) return;
    World world;
    Temporary folder;
    folder.write("tool", "#!/bin/sh\n", 0700);
    ::chmod(folder.path("").c_str(), 0755);
    auto what = request({folder.path("tool")});
    what.user = stranger();
    check(world.failure(what), Kind::not_executable,
          "no permission to run command '" + folder.path("tool") + "'");
    ::chmod(folder.path("").c_str(), 0700);
    auto inside = request({"/bin/true"});
    inside.user = stranger();
    inside.directory = folder.path("");
    check(world.failure(inside), Kind::setup,
          "couldn't chdir to " + folder.path("") + ": EACCES (its user may not enter it)");
}

TEST_CASE("words of failures that this machine does not show") {
    auto what = request({"/bin/x"});
    what.user = ports::SpawnRequest::Identity{1000, 1000, "ann"};
    what.nice = -5;
    what.oom_score_adj = -100;
    auto words = [&](ChildStep step, int error) {
        return child_failure(what, "/bin/x", {step, error, 0}).words;
    };
    CHECK(words(ChildStep::nice, EACCES) == "couldn't set nice to -5: EACCES (only root may)");
    CHECK(words(ChildStep::oom_score_adj, EACCES) ==
          "couldn't set oom_score_adj to -100: EACCES (only root may)");
    CHECK(words(ChildStep::uid, EINVAL) == "couldn't setuid to 1000: EINVAL");
    CHECK(child_failure(what, "/bin/x", {ChildStep::uid, EAGAIN, 0}).kind == Kind::refused);
    CHECK(words(ChildStep::exec, EACCES) == "no permission to run command '/bin/x'");
    CHECK(words(ChildStep::exec, EAGAIN) == "Too many processes in process table to spawn 'x'");
    CHECK(fork_failure(what, ENOMEM).words == "not enough memory to spawn 'x'");
    CHECK(fork_failure(what, ENOMEM).kind == Kind::refused);
    CHECK(fork_failure(what, EINVAL).words == "unknown error during fork for 'x': EINVAL");
}

TEST_CASE("a daemon that is not root says so when it is asked for another user") {
    if (!am_root()) {
        World world;
        auto what = request({"/bin/true"});
        what.user = stranger();
        check(world.failure(what), Kind::setup,
              "couldn't setuid to 54321: Can't drop privilege as nonroot user "
              "(run lares as root, or leave out user=)");
        return;
    }
    // As root this can only be seen from a child that gave root up.
    std::fflush(nullptr);  // or the child would print what is buffered once more
    pid_t child = ::fork();
    if (child == 0) {
        bool right = ::setgid(54'322) == 0 && ::setuid(54'323) == 0;
        ports::SpawnRequest what;
        what.user = stranger();
        auto failure = child_failure(what, "/bin/true", {ChildStep::groups, EPERM, 0});
        right = right &&
                failure.words.find("Can't drop privilege as nonroot user") != std::string::npos;
        ::_exit(right ? 0 : 1);
    }
    int ended = -1;
    CHECK(::waitpid(child, &ended, 0) == child);
    CHECK(ended == 0);
}
