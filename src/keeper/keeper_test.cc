// keeper/keeper_test.cc: the keeper with daemons that are functions.

#include "keeper/keeper.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "keeper/start.h"

using namespace lares::keeper;

namespace {

/// One daemon's life: its end of the pair, and its exit status. It runs in a process of its own.
using Life = std::function<int(int link)>;

class Lives final : public Starter {
public:
    explicit Lives(std::vector<Life> lives) : lives_(std::move(lives)) {}
    int start(int link, bool with_next) override {
        auto number = static_cast<std::size_t>(begun_++);
        pid_t pid = ::fork();
        if (pid != 0) return pid;
        ::setenv("WITH_NEXT", with_next ? next_.c_str() : "", 1);
        ::_exit(number < lives_.size() ? lives_[number](link) : 99);
    }
    void choose_next(std::string const& path) override { next_ = path; }
    void next_works() override { next_ += " works"; }

private:
    std::vector<Life> lives_;
    int begun_ = 0;
    std::string next_;
};

/// Runs a keeper over these daemons, one after the other, in a process of its own.
/// @returns its exit status.
int keep_over(std::vector<Life> lives, rlim_t files = 0) {
    std::fflush(nullptr);
    pid_t keeper = ::fork();
    if (keeper == 0) {
        ::rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        if (files > 0) limit.rlim_cur = files;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_BLOCK, &all, nullptr);
        int ends[2];
        ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
        Lives starter(std::move(lives));
        int daemon = starter.start(ends[1], false);
        ::close(ends[1]);
        ::_exit(Keeper(starter, ends[0], daemon).run());
    }
    int status = 0;
    ::waitpid(keeper, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// Waits for the next message of this kind; the others are left out.
bool hear(int link, Kind kind, Message& message) {
    while (true) {
        Received received = receive(link, message);
        if (received == Received::closed) return false;
        if (received == Received::message && message.kind == kind) return true;
        pollfd watched{link, POLLIN, 0};
        if (received == Received::nothing && ::poll(&watched, 1, 10'000) <= 0) return false;
    }
}

void say_ready(int link) {
    while (!send(link, Kind::ready, {})) {
        pollfd watched{link, POLLOUT, 0};
        if (::poll(&watched, 1, 10'000) <= 0) ::_exit(97);
    }
}

int die() {
    ::raise(SIGKILL);
    return 98;
}

bool is_there(int pid) { return ::kill(pid, 0) == 0; }

}  // namespace

TEST_CASE("the keeper ends with the exit status of a daemon that ended by itself") {
    CHECK(keep_over({[](int) { return 2; }}) == 2);
    CHECK(keep_over({[](int link) {
              say_ready(link);
              return 7;
          }}) == 7);
}

TEST_CASE("a first daemon that a signal ends before it was ready is not started again") {
    CHECK(keep_over({[](int) { return die(); }, [](int) { return 3; }}) == 128 + SIGKILL);
}

TEST_CASE("what a killed daemon had kept is handed to the next one") {
    auto first = [](int link) {
        int ends[2];
        if (::pipe(ends) != 0) return 1;
        if (::write(ends[1], "left", 4) != 4) return 2;
        send(link, Kind::keep, "run/1/out", &ends[0], 1);
        send(link, Kind::keep, "gone", &ends[1], 1);
        send(link, Kind::drop, "gone");
        say_ready(link);
        return die();
    };
    auto second = [](int link) {
        Message message;
        send_value(link, Kind::hello, protocol_version);
        if (!hear(link, Kind::held, message)) return 10;
        if (message.body != std::string("run/1/out\0", 10) || message.descriptors.size() != 1)
            return 11;
        char bytes[8];
        if (::read(message.descriptors[0], bytes, 8) != 4) return 12;
        if (::read(message.descriptors[0], bytes, 8) != 0) return 13;  // nobody holds the other end
        Welcome welcome{};
        if (!hear(link, Kind::welcome, message) || !read_value(message, welcome)) return 14;
        return welcome.deaths == 1 ? 0 : 15;
    };
    auto second_ready = [=](int link) {
        int found = second(link);
        say_ready(link);
        return found;
    };
    CHECK(keep_over({first, second_ready}) == 0);
}

TEST_CASE("hundreds of descriptors are handed over, each once") {
    constexpr int count = 700;  // below the usual limit of a process
    auto first = [](int link) {
        int null = ::open("/dev/null", O_RDWR);
        for (int i = 0; i < count; i++) {
            while (!send(link, Kind::keep, "run/" + std::to_string(i) + "/in", &null, 1)) {
                pollfd watched{link, POLLOUT, 0};
                if (::poll(&watched, 1, 10'000) <= 0) return 1;
            }
        }
        say_ready(link);
        return die();
    };
    auto second = [](int link) {
        Message message;
        send_value(link, Kind::hello, protocol_version);
        std::size_t names = 0, descriptors = 0;
        while (hear(link, Kind::held, message) || message.kind != Kind::welcome) {
            for (char c : message.body) names += c == '\0';
            descriptors += message.descriptors.size();
            for (int number : message.descriptors) ::close(number);
            if (descriptors == count) break;
        }
        say_ready(link);
        return names == count && descriptors == count ? 0 : 9;
    };
    CHECK(keep_over({first, second}) == 0);
}

TEST_CASE("a keeper full of descriptors refuses more, and can still start a daemon") {
    auto first = [](int link) {
        int null = ::open("/dev/null", O_RDWR);
        for (int i = 0; i < 300; i++) {
            while (!send(link, Kind::keep, std::to_string(i), &null, 1)) {
                pollfd watched{link, POLLOUT, 0};
                if (::poll(&watched, 1, 10'000) <= 0) return 1;
            }
        }
        Message message;
        if (!hear(link, Kind::refused, message)) return 2;
        say_ready(link);
        return die();
    };
    auto second = [](int link) {
        say_ready(link);
        return 0;
    };
    CHECK(keep_over({first, second}, 200) == 0);
}

TEST_CASE("a daemon that asks much before it reads gets every answer") {
    auto only = [](int link) {
        constexpr int asked = 5'000;
        for (int i = 0; i < asked; i++) {
            while (!send_value(link, Kind::peek, 1'000'000 + i)) {
                pollfd watched{link, POLLOUT, 0};
                if (::poll(&watched, 1, 10'000) <= 0) return 1;
            }
        }
        Message message;
        State state{};
        for (int i = 0; i < asked; i++) {
            if (!hear(link, Kind::state, message) || !read_value(message, state)) return 2;
            if (state.pid != 1'000'000 + i) return 3;
        }
        say_ready(link);
        return 0;
    };
    CHECK(keep_over({only}) == 0);
}

TEST_CASE("a grandchild's exit status waits for the next daemon, until that reaps it") {
    auto first = [](int link) {
        pid_t child = ::fork();
        if (child == 0) ::_exit(42);
        siginfo_t end{};
        ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED | WNOWAIT);
        int ends[2];
        if (::pipe(ends) != 0 || ::write(ends[1], &child, sizeof child) < 0) return 1;
        send(link, Kind::keep, "pid", &ends[0], 1);
        say_ready(link);
        return die();
    };
    auto second = [](int link) {
        Message message;
        send_value(link, Kind::hello, protocol_version);
        int child = 0, orphan = 0;
        if (!hear(link, Kind::held, message)) return 10;
        if (::read(message.descriptors[0], &child, sizeof child) != sizeof child) return 11;
        if (!hear(link, Kind::orphan, message) || !read_value(message, orphan)) return 12;
        if (orphan != child) return 13;
        State state{};
        for (int twice = 0; twice < 2; twice++) {
            send_value(link, Kind::peek, child);
            if (!hear(link, Kind::state, message) || !read_value(message, state)) return 14;
            if (state.found != 2 || state.code != CLD_EXITED || state.status != 42) return 15;
        }
        send_value(link, Kind::reap, child);
        send_value(link, Kind::peek, child);
        if (!hear(link, Kind::state, message) || !read_value(message, state)) return 16;
        if (state.found != 0 || is_there(child)) return 17;
        say_ready(link);
        return 0;
    };
    CHECK(keep_over({first, second}) == 0);
}

TEST_CASE("signals go on to the daemon; those for the end wait for one that is ready") {
    auto takes = [](int number) {
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, number);
        timespec limit{10, 0};
        return ::sigtimedwait(&set, nullptr, &limit) == number;
    };
    int until_the_end[2];
    REQUIRE(::pipe(until_the_end) == 0);
    auto first = [=](int link) {
        if (::fork() == 0) {  // something to keep, which ends with us all
            char byte;
            ::close(until_the_end[1]);
            ::_exit(::read(until_the_end[0], &byte, 1) < 0 ? 1 : 0);
        }
        say_ready(link);
        ::kill(::getppid(), SIGUSR2);
        if (!takes(SIGUSR2)) return 1;
        ::kill(::getppid(), SIGTERM);  // while this one still lives
        if (!takes(SIGTERM)) return 2;
        return die();
    };
    auto second = [=](int link) {
        ::kill(::getppid(), SIGTERM);
        Message message;
        send_value(link, Kind::peek, 1);
        if (!hear(link, Kind::state, message)) return 3;
        sigset_t pending;
        ::sigpending(&pending);
        if (::sigismember(&pending, SIGTERM)) return 4;  // not before it is ready
        say_ready(link);
        return takes(SIGTERM) ? 0 : 5;
    };
    CHECK(keep_over({first, second}) == 0);
    ::close(until_the_end[0]);
    ::close(until_the_end[1]);
}

TEST_CASE("asked to end, a keeper with nothing to keep does not start another daemon") {
    auto only = [](int link) {
        say_ready(link);
        ::kill(::getppid(), SIGTERM);
        Message message;
        send_value(link, Kind::peek, 1);
        if (!hear(link, Kind::state, message)) return 1;
        return die();
    };
    CHECK(keep_over({only, [](int) { return 50; }}) == 128 + SIGTERM);
}

TEST_CASE("the next binary is tried, and the former one is taken again when that one fails") {
    auto first = [](int link) {
        say_ready(link);
        send(link, Kind::next, "/new");
        return die();
    };
    auto broken = [](int) { return ::getenv("WITH_NEXT") == std::string("/new") ? 127 : die(); };
    auto former = [](int link) {
        say_ready(link);
        return ::getenv("WITH_NEXT") == std::string() ? 5 : 6;
    };
    CHECK(keep_over({first, broken, former}) == 5);
    auto sound = [](int link) {
        say_ready(link);
        return ::getenv("WITH_NEXT") == std::string("/new") ? die() : 7;
    };
    CHECK(keep_over({first, sound, former}) == 5);
}

TEST_CASE("a later daemon that ends by itself before it is ready is started again") {
    auto first = [](int link) {
        say_ready(link);
        return die();
    };
    auto refuses = [](int) { return 2; };
    auto works = [](int link) {
        say_ready(link);
        return 11;
    };
    CHECK(keep_over({first, refuses, refuses, works}) == 11);
}

TEST_CASE("a daemon that is killed again and again is not kept waiting long") {
    auto killed = [](int link) {
        say_ready(link);
        return die();
    };
    std::vector<Life> lives(8, killed);  // 0 + 7 * 100 ms; crashes would wait for 12 s
    lives.emplace_back([](int link) {
        say_ready(link);
        return 12;
    });
    auto begun = std::chrono::steady_clock::now();
    CHECK(keep_over(lives) == 12);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(8));
}

TEST_CASE("unknown and broken messages are ignored") {
    auto only = [](int link) {
        send(link, Kind{4711}, "what");
        send(link, Kind::peek, "x");
        if (::send(link, "abc", 3, 0) != 3) return 1;
        send(link, Kind::keep, "without a descriptor");
        Message message;
        if (!hear(link, Kind::refused, message)) return 2;
        if (message.body != "without a descriptor") return 3;
        say_ready(link);
        return 0;
    };
    CHECK(keep_over({only}) == 0);
}

TEST_CASE("starts after early ends are slowed down, up to five seconds") {
    CHECK(delay_after(0) == 0);
    CHECK(delay_after(1) == 0);
    CHECK(delay_after(2) == 100);
    CHECK(delay_after(3) == 200);
    CHECK(delay_after(7) == 3200);
    CHECK(delay_after(8) == 5000);
    CHECK(delay_after(1'000'000) == 5000);
}

TEST_CASE("names are held once, are bounded, and close what they named") {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    Held held;
    CHECK(held.keep("a", ends[0]));
    CHECK(held.find("a") == ends[0]);
    CHECK(!held.keep("", ::dup(ends[1])));
    CHECK(!held.keep(std::string(256, 'x'), ::dup(ends[1])));
    CHECK(!held.keep(std::string("a\0b", 3), ::dup(ends[1])));
    CHECK(held.keep("a", ends[1]));
    CHECK(::fcntl(ends[0], F_GETFD) == -1);
    CHECK(held.names() == std::vector<std::string>{"a"});
    held.drop("a");
    held.drop("a");
    CHECK(::fcntl(ends[1], F_GETFD) == -1);
    CHECK(held.find("a") == -1);
}

TEST_CASE("what is in the environment is taken only from the process above, and only once") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    ::setenv("LARES_KEEPER",
             (std::to_string(ends[0]) + " " + std::to_string(::getpid()) + " background").c_str(),
             1);
    CHECK(!take_inherited());  // a number left over
    CHECK(::getenv("LARES_KEEPER") == nullptr);
    ::setenv("LARES_KEEPER",
             (std::to_string(ends[0]) + " " + std::to_string(::getppid()) + " background").c_str(),
             1);
    auto inherited = take_inherited();
    REQUIRE(inherited);
    CHECK(inherited->link == ends[0]);
    CHECK(inherited->background);
    CHECK((::fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(!take_inherited());
    ::close(ends[0]);
    ::close(ends[1]);
}
