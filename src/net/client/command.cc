// net/client/command.cc: posix_spawn, two pipes and a pidfd. Safe on any thread: the child has no
// descriptor of ours but its three, and no signal blocked.

#include "net/client/command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace lares::net {

namespace {

using ports::CommandAnswer;
using ports::CommandCall;
using Clock = std::chrono::steady_clock;

constexpr std::size_t output_bytes = 4096;
constexpr char const* usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

std::string words_of(int error) { return std::generic_category().message(error); }

Error cannot_start(CommandCall const& call, int error) {
    return {Error::Kind::invalid, "'" + (call.argv.empty() ? "" : call.argv[0]) +
                                      "' cannot be started: " + words_of(error)};
}

struct Pipe {
    Descriptor read, write;
};
std::optional<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A small environment, and what the call adds.
std::vector<std::string> environment_of(CommandCall const& call) {
    std::vector<std::string> list;
    for (char const* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"}) {
        char const* value = std::getenv(name);
        if (value == nullptr && name == std::string_view("PATH")) value = usual_path;
        if (value != nullptr) list.push_back(std::string(name) + "=" + value);
    }
    for (auto const& [name, value] : call.environment) list.push_back(name + "=" + value);
    return list;
}

std::vector<char*> pointers(std::vector<std::string>& list) {
    std::vector<char*> all;
    for (auto& each : list) all.push_back(each.data());
    all.push_back(nullptr);
    return all;
}

/// 0, or why it could not be started.
int spawn(CommandCall const& call, int input, int output, pid_t& pid) {
    std::vector<std::string> words = call.argv, variables = environment_of(call);
    auto argv = pointers(words), environment = pointers(variables);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, input, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, 1);
    ::posix_spawn_file_actions_adddup2(&files, output, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int error = ::posix_spawnp(&pid, argv[0], &files, &attributes, argv.data(), environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    return error;
}

/// The parent's side of a running command.
struct Running {
    pid_t pid;
    Descriptor input, output, process;
    std::string_view left;  // of the input
    std::string said;
};

void write_some(Running& running) {
    ssize_t count = ::write(running.input.number(), running.left.data(), running.left.size());
    if (count > 0) running.left.remove_prefix(static_cast<std::size_t>(count));
    bool broke = count < 0 && errno != EAGAIN && errno != EINTR;  // EPIPE: it does not read
    if (broke || running.left.empty()) running.input.close();
}

/// False when nothing is there for now, or for good.
bool read_some(Running& running) {
    char buffer[output_bytes];
    ssize_t count = ::read(running.output.number(), buffer, sizeof buffer);
    if (count == 0) running.output.close();
    if (count <= 0) return false;
    running.said.append(buffer, static_cast<std::size_t>(count));
    if (running.said.size() > output_bytes)
        running.said.erase(0, running.said.size() - output_bytes);
    return true;
}

/// Feeds and reads it until it has ended; false: the time was up before.
bool follow(Running& running, Clock::time_point end) {
    while (true) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) return false;
        pollfd waits[] = {{running.process.number(), POLLIN, 0},
                          {running.output.number(), POLLIN, 0},
                          {running.input.number(), POLLOUT, 0}};  // one that is closed is ignored
        ::poll(waits, 3, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (waits[2].revents != 0) write_some(running);
        if (waits[1].revents != 0) read_some(running);
        if (waits[0].revents != 0) break;
    }
    // What it left in the pipe; not what children that it left behind still write.
    constexpr int most_reads = 16;  // a pipe's 64 KiB
    for (int i = 0; i < most_reads && running.output.is_open() && read_some(running); ++i) {
    }
    return true;
}

}  // namespace

Result<CommandAnswer> run_command(CommandCall const& call) {
    if (call.argv.empty() || call.argv[0].empty())
        return Error{Error::Kind::invalid, "the command is empty"};
    auto input = make_pipe(), output = make_pipe();
    if (!input || !output) return cannot_start(call, errno);
    pid_t pid = 0;
    int error = spawn(call, input->read.number(), output->write.number(), pid);
    if (error != 0) return cannot_start(call, error);
    input->read.close();
    output->write.close();
    ::fcntl(input->write.number(), F_SETFL, O_NONBLOCK);
    ::fcntl(output->read.number(), F_SETFL, O_NONBLOCK);
    Running running{pid,
                    std::move(input->write),
                    std::move(output->read),
                    Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
                    call.input,
                    {}};
    if (call.input.empty()) running.input.close();
    bool ended = running.process.is_open() && follow(running, Clock::now() + call.timeout);
    if (!ended) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended)
        return Error{Error::Kind::io, "'" + call.argv[0] + "' took longer than " +
                                          std::to_string(call.timeout.count()) +
                                          " ms and was killed"};
    CommandAnswer answer;
    answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    answer.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    answer.output = std::move(running.said);
    return answer;
}

}  // namespace lares::net
