// os/cgroups_test.cc: where we are in the hierarchy, what is written, and what is missing.

#include "os/cgroups.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "os/child.h"
#include "os/process_world_test.h"
#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

namespace {

std::string const unified_mount =
    "25 24 0:22 / /sys rw,nosuid - sysfs sysfs rw\n"
    "35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

/// A directory that looks like a cgroup's.
struct FakeCgroup : Temporary {
    explicit FakeCgroup(std::string const& controllers) {
        write("cgroup.controllers", controllers + "\n");
        write("cgroup.subtree_control", "");
        for (char const* file : {"memory.max", "memory.high", "cpu.max", "cpu.weight", "pids.max",
                                 "io.weight", "cgroup.procs"}) {
            write(std::string("web/") + file, "");
        }
    }
    std::string text(std::string const& name) const {
        return std::move(read_file(path(name), 4096)).take();
    }
};

/// A place where this machine lets us make cgroups, even if without controllers.
std::string real_place() {
    auto own = find_own_cgroup(std::move(read_file("/proc/self/cgroup", 1 << 20)).take(),
                               std::move(read_file("/proc/self/mountinfo", 1 << 20)).take());
    return own && ::access(own->c_str(), W_OK) == 0 ? *own : "";
}

ports::SpawnRequest in_cgroup(ports::SpawnRequest what) {
    what.cgroup = ports::CgroupLimits{.name = "lares-test-" + std::to_string(::getpid())};
    return what;
}

}  // namespace

TEST_CASE("our own cgroup is found below the version 2 mount") {
    CHECK(find_own_cgroup("0::/system.slice/lares.service\n", unified_mount) ==
          "/sys/fs/cgroup/system.slice/lares.service");
    CHECK(find_own_cgroup("0::/\n", unified_mount) == "/sys/fs/cgroup");
    CHECK(find_own_cgroup("9:name=systemd:/\n8:pids:/\n0::/a\n",
                          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n") ==
          "/sys/fs/cgroup/unified/a");
}

TEST_CASE("a mount that shows only a part of the hierarchy is taken into account") {
    std::string mount = "35 25 0:30 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n";
    CHECK(find_own_cgroup("0::/docker/abc\n", mount) == "/sys/fs/cgroup");
    CHECK(find_own_cgroup("0::/docker/abc/x\n", mount) == "/sys/fs/cgroup/x");
    CHECK(!find_own_cgroup("0::/docker/abcd\n", mount));
}

TEST_CASE("without a version 2 hierarchy there is no own cgroup") {
    CHECK(!find_own_cgroup("4:memory:/x\n", unified_mount));
    CHECK(
        !find_own_cgroup("0::/\n", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"));
    CHECK(!find_own_cgroup("", ""));
    CHECK(Cgroups("").missing() == "no cgroup version 2 file system is mounted here");
}

TEST_CASE("missing controllers are named, with what to do") {
    FakeCgroup fake("hugetlb pids");
    CHECK(Cgroups(fake.path("")).missing() ==
          "the cgroup '" + fake.path("") +
              "' has no controller for memory, cpu (version 1 uses it here, or it was not "
              "delegated: boot with systemd.unified_cgroup_hierarchy=1, or run lares as a service "
              "with Delegate=yes)");
    FakeCgroup whole("cpuset cpu io memory hugetlb pids");
    CHECK(Cgroups(whole.path("")).missing() == "");
}

TEST_CASE("limits are written as the kernel reads them, and only wanted controllers are enabled") {
    FakeCgroup fake("cpu io memory pids");
    Cgroups cgroups(fake.path(""));
    auto made = cgroups.prepare({.name = "web", .memory_max = 1000, .cpu_max_percent = 150});
    CHECK(made.ok());
    CHECK(fake.text("cgroup.subtree_control") == "+memory +cpu");
    CHECK(fake.text("web/memory.max") == "1000");
    CHECK(fake.text("web/cpu.max") == "150000 100000");
    CHECK(fake.text("web/pids.max") == "max");  // of a directory that was there before
    CHECK(fake.text("web/io.weight") == "100");
}

TEST_CASE("a limit without its controller is refused in words, one without limits is not") {
    FakeCgroup fake("pids");
    Cgroups cgroups(fake.path(""));
    auto refused = cgroups.prepare({.name = "web", .memory_max = 1000});
    REQUIRE(!refused.ok());
    CHECK(refused.error().what.find("has no controller for memory (") != std::string::npos);
    CHECK(cgroups.prepare({.name = "web", .pids_max = 5}).ok());
    CHECK(cgroups.prepare({.name = "web"}).ok());
}

TEST_CASE("a cgroup's name is one file name") {
    FakeCgroup fake("memory");
    Cgroups cgroups(fake.path(""));
    for (char const* name : {"", "..", "a/b", "/x"}) {
        CHECK(!cgroups.prepare({.name = name}).ok());
    }
}

TEST_CASE("a cgroup that is still in use is removed later") {
    FakeCgroup fake("memory");
    Cgroups cgroups(fake.path(""));
    fake.make_directory("old/child");  // rmdir says ENOTEMPTY here, where cgroups say EBUSY
    fake.make_directory("new");
    cgroups.remove("new");
    CHECK(!is_directory(fake.path("new")));
    cgroups.remove("never-made");
}

TEST_CASE("a process is born in its cgroup, signalled with all its kin, and the cgroup removed") {
    std::string place = real_place();
    if (place.empty()) {
        MESSAGE("skipped: no cgroup version 2 directory that we may write to");
        return;
    }
    World world;
    auto what = in_cgroup(shell("setsid sleep 1000 & sleep 1000 & echo up; wait"));
    std::string directory = place + "/" + what.cgroup->name;
    auto id = world.start(std::move(what));
    world.pid_of(id);  // its output may be here before we hear of it
    world.until([&] { return world.collector.text(out_channel) == "up\n"; });
    CHECK(proc(world.pid_of(id), "cgroup")
              .find(world.find<ports::Spawned>(id) ? "lares-test-" : "") != std::string::npos);
    CHECK(proc(::getpid(), "cgroup").find("lares-test-") == std::string::npos);

    CHECK(world.processes.signal(id, SIGTERM, ports::Target::everything).ok());
    CHECK(world.end_of(id).signal == SIGTERM);
    // All hold the output pipe; it ends when the last one has.
    world.until([&] { return world.collector.open_pipes() == 0; });
    auto next = in_cgroup(shell("setsid sleep 1000 & echo up; wait"));
    auto again = world.start(std::move(next));
    world.pid_of(again);
    world.until([&] { return world.collector.text(out_channel) == "up\nup\n"; });
    CHECK(world.processes.signal(again, SIGKILL, ports::Target::everything).ok());
    CHECK(world.end_of(again).signal == SIGKILL);
    world.until([&] { return world.collector.open_pipes() == 0; });
    // The spawner removes it when the last one has really left, which it looks for at each spawn.
    for (int i = 0; i < 1000 && is_directory(directory); i++) {
        world.end_of(world.start(request({"/bin/true"})));
    }
    CHECK(!is_directory(directory));
}

TEST_CASE("where clone3 may not be called, the child moves itself into its cgroup") {
    std::string place = real_place();
    if (place.empty()) return;
    Cgroups cgroups(place);
    std::string name = "lares-test-moved-" + std::to_string(::getpid());
    Fd cgroup = std::move(cgroups.prepare({.name = name})).take();
    Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    Fd list(::openat(cgroup.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
    ChildPlan plan;
    char const* argv[] = {"sleep", "1000", nullptr};
    char const* environment[] = {nullptr};
    plan.file = "/bin/sleep";
    plan.argv = const_cast<char* const*>(argv);
    plan.environment = const_cast<char* const*>(environment);
    for (int& stream : plan.streams) stream = null.get();
    plan.cgroup_procs = list.get();
    plan.keep_below = list.get() + 1;
    ChildStack stack;
    ChildMade made = make_child(plan, stack);
    REQUIRE(made.clone_error == 0);
    CHECK(made.report.error == 0);
    CHECK(proc(made.pid, "cgroup").find(name) != std::string::npos);
    CHECK(cgroups.signal(name, SIGTERM).ok());
    ::waitpid(made.pid, nullptr, 0);
    cgroups.remove(name);
    CHECK(!is_directory(place + "/" + name));
}

TEST_CASE("a limit that this machine cannot give fails the set-up") {
    World world;
    if (world.processes.cgroups_missing().empty()) return;
    auto what = in_cgroup(request({"/bin/true"}));
    what.cgroup->memory_max = 1 << 30;
    what.cgroup->cpu_max_percent = 50;
    auto failure = world.failure(std::move(what));
    CHECK(failure.kind == ports::SpawnFailure::Kind::setup);
    CHECK(failure.words.starts_with("couldn't make the cgroup: "));
}
