// os/log_terminal_test.cc: a terminal as a log.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "os/log_world_test.h"

using namespace lares;
using namespace lares::os;
using namespace lares::os::log_world;

namespace {

constexpr ports::ChannelId log{1};
constexpr ports::RunId run{1};

/// A terminal; this is the side of who looks at it.
struct Terminal {
    Terminal() : screen(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)) {
        REQUIRE(::grantpt(screen.get()) == 0);
        REQUIRE(::unlockpt(screen.get()) == 0);
        name = ::ptsname(screen.get());
        // Somebody has it open, else there is nobody to press a key.
        user.reset(::open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
        termios raw{};
        ::tcgetattr(user.get(), &raw);
        raw.c_oflag = 0;
        ::tcsetattr(user.get(), TCSANOW, &raw);
    }
    std::string shown() {
        std::string out(1 << 16, '\0');
        ssize_t size = ::read(screen.get(), out.data(), out.size());
        out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return out;
    }
    Fd screen, user;
    std::string name;
};

std::string numbered(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "line " + std::to_string(i) + "\n";
    return lines;
}

}  // namespace

TEST_CASE("a terminal stopped by ^S holds up no other log, and gets everything after ^Q") {
    Folder folder;
    Terminal terminal;
    World world;
    world.mover.open(log, file_spec(terminal.name));
    world.mover.open(ports::ChannelId{2}, file_spec(folder / "other"));
    REQUIRE(::tcflow(terminal.user.get(), TCOOFF) == 0);  // what ^S does
    Fd out = world.attach(run, log);
    std::string lines = numbered(20'000);
    REQUIRE(write_all(out.get(), lines));
    Fd other = world.attach(ports::RunId{2}, ports::ChannelId{2});
    REQUIRE(write_all(other.get(), "other\n"));
    REQUIRE(world.wait([&] { return contents(folder / "other") == "other\n"; }));
    CHECK(terminal.shown().empty());

    REQUIRE(::tcflow(terminal.user.get(), TCOON) == 0);
    std::string shown;
    REQUIRE(world.wait([&] {
        shown += terminal.shown();
        return shown.size() >= lines.size();
    }));
    CHECK((shown == lines));
    CHECK(world.troubles.empty());
}

TEST_CASE("a terminal that is a log does not become our controlling terminal") {
    Terminal terminal;
    pid_t child = ::fork();
    if (child == 0) {
        // A session of its own has none yet, and would get the first that is opened carelessly.
        ::setsid();
        {
            World world;
            world.mover.open(log, file_spec(terminal.name));
            world.mover.write(log, "hello\n");
            world.flush();
        }
        ::_exit(Fd(::open("/dev/tty", O_RDWR | O_CLOEXEC)) ? 1 : 0);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(terminal.shown() == "hello\n");
}

TEST_CASE("a terminal whose window was closed is told of, and the program goes on") {
    World world;
    Fd out;
    {
        Terminal terminal;
        world.mover.open(log, file_spec(terminal.name));
        REQUIRE(world.flush());
        out = world.attach(run, log);
    }
    REQUIRE(write_all(out.get(), "to nobody\n"));
    REQUIRE(world.wait([&] { return !world.troubles.empty(); }));
    CHECK_FALSE(world.troubles[0].ok);
    REQUIRE(write_all(out.get(), "still to nobody\n"));
    out.reset();
    CHECK(world.drain(run));
}
