// net/client/command_test.cc: real commands: what reaches them, what is taken from them, and that
// none outlives its time.

#include "net/client/command.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace lares::net {

namespace {

Result<ports::CommandAnswer> sh(std::string script, std::string input = {},
                                Duration timeout = Duration(20'000)) {
    ports::CommandCall call;
    call.argv = {"/bin/sh", "-c", std::move(script)};
    call.input = std::move(input);
    call.environment = {{"LARES_TITLE", "a b"}};
    call.timeout = timeout;
    return run_command(call);
}

TEST_CASE("a command gets its input and its variables, and both its outputs are kept") {
    auto done = sh("cat; echo $LARES_TITLE >&2; exit 3", "input\n");
    REQUIRE(done.ok());
    CHECK(done->code == 3);
    CHECK(done->signal == 0);
    CHECK(done->output == "input\na b\n");
}

TEST_CASE("a large input that is not read to its end harms nobody") {
    sigset_t pipe_signal;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);  // as on a lane
    auto done = sh("head -c 5; exec 0<&-; echo; echo done", std::string(1 << 20, 'x'));
    REQUIRE(done.ok());
    CHECK(done->output == "xxxxx\ndone\n");
    auto all = sh("wc -c", std::string(1 << 20, 'x'));
    REQUIRE(all.ok());
    CHECK(all->output == "1048576\n");
}

TEST_CASE("of a long output the last 4 KiB are kept") {
    auto done = sh("seq 1 100000; echo end");
    REQUIRE(done.ok());
    CHECK(done->output.size() == 4096);
    CHECK(done->output.ends_with("\n100000\nend\n"));
}

TEST_CASE("a command that takes too long is killed with its children") {
    char folder[] = "/tmp/lares-test-XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    std::string path = std::string(folder) + "/pid";
    auto done = sh("sleep 1000 & echo $! > " + path + "; wait", {}, Duration(300));
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == Error::Kind::io);
    CHECK(done.error().what == "'/bin/sh' took longer than 300 ms and was killed");
    pid_t child = 0;
    std::ifstream(path) >> child;
    REQUIRE(child > 0);
    // Its new parent reaps it at some moment; until then it is a zombie.
    auto is_running = [&] {
        std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
        std::string id, name, state;
        return bool(stat >> id >> name >> state) && state != "Z";
    };
    for (int i = 0; i < 500 && is_running(); ++i) ::usleep(10'000);  // a killed one ends soon
    CHECK_FALSE(is_running());
    ::unlink(path.c_str());
    ::rmdir(folder);
}

TEST_CASE("a child that is left behind with the output keeps nobody waiting") {
    auto done = sh("sleep 5 & echo $!");
    REQUIRE(done.ok());
    CHECK(done->code == 0);
    ::kill(std::atoi(done->output.c_str()), SIGKILL);
}

TEST_CASE("what cannot be started is invalid, and says why") {
    ports::CommandCall call;
    call.argv = {"/nowhere/page"};
    auto done = run_command(call);
    REQUIRE_FALSE(done.ok());
    CHECK(done.error().kind == Error::Kind::invalid);
    CHECK(done.error().what == "'/nowhere/page' cannot be started: No such file or directory");
    call.argv = {};
    CHECK_FALSE(run_command(call).ok());
}

TEST_CASE("a signal is told, and no descriptor of ours reaches the command") {
    auto done = sh("kill -KILL $$");
    REQUIRE(done.ok());
    CHECK(done->signal == SIGKILL);
    int leak = ::dup(2);  // without close-on-exec, as a library may leave one
    auto list = sh("ls /proc/self/fd | wc -l");
    ::close(leak);
    REQUIRE(list.ok());
    CHECK(list->output == "4\n");  // three, and the folder itself
}

}  // namespace

}  // namespace lares::net
