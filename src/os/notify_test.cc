// os/notify_test.cc: processes that say they are ready.

#include "os/notify.h"

#include <doctest/doctest.h>

#include "os/files.h"
#include "os/process_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::testing;

namespace {

/// Python's sender: the socket's abstract name begins with a NUL where the address has '@'.
std::string const send_function =
    "import os, socket, sys, time\n"
    "def send(text, address=None):\n"
    "    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
    "    s.sendto(text.encode(), '\\0' + (address or os.environ['NOTIFY_SOCKET'])[1:])\n";

ports::SpawnRequest python(std::string script) {
    auto what = request({"python3", "-c", send_function + std::move(script)});
    what.notify = true;
    return what;
}

/// Ended children of any of our threads.
std::ptrdiff_t zombies() {
    std::ptrdiff_t count = 0;
    for (std::string const& task : directories_in("/proc/self/task")) {
        std::istringstream pids(std::move(read_file(task + "/children", 1 << 20)).take());
        for (int pid; pids >> pid;) count += status(pid, "State").starts_with("Z");
    }
    return count;
}

}  // namespace

TEST_CASE("a notification is taken apart into lines of KEY=value") {
    using Lines = std::vector<NotifyLine>;
    CHECK(parse_notification("READY=1") == Lines{{"READY", "1"}});
    CHECK(parse_notification("READY=1\nSTATUS=a=b c\n") ==
          Lines{{"READY", "1"}, {"STATUS", "a=b c"}});
    CHECK(parse_notification("BARRIER=1\nFDSTORE=1\nFDNAME=x\nWATCHDOG=1") ==
          Lines{{"WATCHDOG", "1"}});
    CHECK(parse_notification("ready=1\n=x\nREADY\n\n A=1").empty());
    std::string many;
    for (int i = 0; i < 1000; i++) many += "A=1\n";
    CHECK(parse_notification(many).size() == 64);
}

TEST_CASE("what a process tells its notification socket is heard in order") {
    World world;
    auto id = world.start(python("send('READY=1\\nSTATUS=well')\nsend('WATCHDOG=1')"));
    world.end_of(id);
    CHECK(world.notified(id) == std::vector<std::string>{"READY=1", "STATUS=well", "WATCHDOG=1"});
    CHECK(world.collector.text(err_channel) == "");
}

TEST_CASE("what was said just before the end is heard before the end") {
    World world;
    auto what = request({"python3", "-c", send_function + "send('READY=1')\nos.write(9, b'\\n')"});
    what.notify = true;
    what.notify_fd = 9;
    auto id = world.start(std::move(what));
    // The loop hears of nothing before all has happened.
    while (zombies() == 0) ::usleep(1000);
    world.end_of(id);
    CHECK(world.notified(id) == std::vector<std::string>{"READY=1", "READY=1"});
}

TEST_CASE("a process without notification gets no socket") {
    World world;
    CHECK(world.output(shell("echo \"[$NOTIFY_SOCKET]\"")) == "[]\n");
}

TEST_CASE("a socket given in the environment is replaced by the run's own") {
    World world;
    auto what = shell("echo $NOTIFY_SOCKET");
    what.notify = true;
    what.environment.push_back("NOTIFY_SOCKET=@other");
    std::string address = world.output(std::move(what));
    CHECK(address.starts_with("@"));
    CHECK(address != "@other\n");
}

TEST_CASE("a child of the process may speak for it") {
    World world;
    auto what = python(
        "if os.fork() == 0:\n    send('READY=1')\n    time.sleep(1000)\n"
        "os.setpgid(0, 0)\ntime.sleep(1000)");
    auto id = world.start(std::move(what));
    world.until([&] { return !world.notified(id).empty(); });
    CHECK(world.notified(id) == std::vector<std::string>{"READY=1"});
}

TEST_CASE("the tool for shells, which has ended when we look, is believed") {
    World world;
    auto what = shell("systemd-notify --ready --status=up || exit 9; sleep 0.01");
    what.notify = true;
    auto id = world.start(std::move(what));
    auto end = world.end_of(id);
    if (end.code != 9) {
        CHECK(world.notified(id) == std::vector<std::string>{"READY=1", "STATUS=up"});
    }
}

TEST_CASE("a stranger is not heard") {
    World world;
    auto what = shell("echo $NOTIFY_SOCKET; sleep 1000");
    what.notify = true;
    auto id = world.start(std::move(what));
    world.until([&] { return world.collector.text(out_channel).ends_with("\n"); });
    std::string address = world.collector.text(out_channel);
    address.pop_back();
    // Another run of ours, alive while it is looked at.
    auto other = python("send('READY=1', '" + address + "')\nprint('sent', flush=True)\n" +
                        "send('STATUS=me')\ntime.sleep(1000)");
    auto other_id = world.start(std::move(other));
    world.until([&] { return !world.notified(other_id).empty(); });
    CHECK(world.notified(id).empty());
}

TEST_CASE("another user's process can notify") {
    if (::geteuid() != 0) return;
    World world;
    auto what =
        request({"perl", "-MSocket", "-e",
                 "socket(S, AF_UNIX, SOCK_DGRAM, 0); my $n = substr($ENV{NOTIFY_SOCKET}, 1);"
                 "send(S, 'READY=1', 0, pack_sockaddr_un(\"\\0$n\")) or die \"$!\";"});
    what.notify = true;
    what.user = {54'321, 54'321, "no-such-user"};
    auto id = world.start(std::move(what));
    world.end_of(id);
    CHECK(world.collector.text(err_channel) == "");
    CHECK(world.notified(id) == std::vector<std::string>{"READY=1"});
}

TEST_CASE("a flood of notifications leaves others their turn and all of it arrives") {
    World world;
    auto id = world.start(python("for i in range(2000): send('STATUS=%d' % i)"));
    world.end_of(id);
    auto lines = world.notified(id);
    REQUIRE(lines.size() == 2000);
    CHECK(lines.back() == "STATUS=1999");
}

TEST_CASE("descriptors sent along are closed, which ends a barrier") {
    World world;
    auto what = python(
        "import array\n"
        "r, w = os.pipe()\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "s.connect('\\0' + os.environ['NOTIFY_SOCKET'][1:])\n"
        "s.sendmsg([b'BARRIER=1'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,"
        " array.array('i', [w]))])\n"
        "os.close(w)\n"
        "os.read(r, 1)\nprint('passed')");
    auto id = world.start(std::move(what));
    CHECK(world.end_of(id).code == 0);
    CHECK(world.collector.text(out_channel) == "passed\n");
    CHECK(world.notified(id).empty());
}

TEST_CASE("a newline on the notification descriptor says ready, once") {
    World world;
    for (int fd : {3, 5, 9, 42}) {
        auto what = request({"python3", "-c",
                             "import os, time, sys\nfd = int(sys.argv[1])\n"
                             "print(sorted(os.listdir('/proc/self/fd'))[:4])\n"
                             "os.write(fd, b'x')\nos.write(fd, b'y\\n')\n"
                             "time.sleep(1000)",
                             std::to_string(fd)});
        what.notify_fd = fd;
        auto id = world.start(std::move(what));
        world.until([&] { return !world.notified(id).empty(); });
        CHECK(world.notified(id) == std::vector<std::string>{"READY=1"});
        CHECK(proc(world.pid_of(id), "stat") != "");
    }
}

TEST_CASE("a notification descriptor closed without a newline says nothing") {
    World world;
    auto what = shell("exec 7>&-; echo done");
    what.notify_fd = 7;
    auto id = world.start(std::move(what));
    world.end_of(id);
    CHECK(world.notified(id).empty());
}
