// os/binary_check.cc: one short child, its output and its end.

#include "os/binary_check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "os/fd.h"
#include "os/loop.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr std::size_t answer_bytes = 4096;

/// Its pid, or an error number below zero.
int start(std::string const& path, Fd const& out) {
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, out.get(), 1);
    ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    // A group of its own, so that what it starts ends with it.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    std::string name = path, word = "version";
    char* arguments[] = {name.data(), word.data(), nullptr};
    pid_t pid = 0;
    int error = ::posix_spawn(&pid, path.c_str(), &files, &attributes, arguments, environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    return error != 0 ? -error : pid;
}

/// What it writes until it ends, or until `until`.
std::string read_answer(Fd const& from, Instant until, bool& in_time) {
    std::string answer;
    char bytes[512];
    in_time = false;
    while (answer.size() < answer_bytes) {
        auto left = until - Loop::now();
        pollfd watched{from.get(), POLLIN, 0};
        int found = ::poll(&watched, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (found < 0 && errno == EINTR) continue;
        if (found <= 0) return answer;
        ssize_t got = ::read(from.get(), bytes, sizeof bytes);
        if (got <= 0) {
            in_time = true;
            return answer;
        }
        answer.append(bytes, static_cast<std::size_t>(got));
    }
    return answer;
}

Error not_a_lares(std::string const& path, std::string const& why) {
    return {Error::Kind::invalid, quoted(path) + " " + why + "; nothing was changed"};
}

}  // namespace

Result<std::string> version_of_binary(std::string const& path, Duration limit) {
    Pipe pipe = TRY(make_pipe());
    int pid = start(path, pipe.write);
    if (pid < 0)
        return not_a_lares(path, std::string("cannot be executed: ") + std::strerror(-pid));
    pipe.write.reset();
    bool in_time = false;
    std::string answer = read_answer(pipe.read, Loop::now() + limit, in_time);
    if (!in_time) ::kill(-pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    std::string line = answer.substr(0, answer.find('\n'));
    if (!in_time)
        return not_a_lares(
            path, "did not answer 'version' within " + std::to_string(limit.count() / 1000) + " s");
    // Where no daemon listens, `version` tells only the command's own, and that is asked for.
    if (!line.starts_with("lares "))
        return not_a_lares(path, "is no Lares: it answered 'version' with " + quoted(line) +
                                     " where 'lares VERSION' was expected");
    return line;
}

std::string own_binary() {
    char path[4096];
    ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    std::string found(path, length > 0 ? static_cast<std::size_t>(length) : 0);
    std::string_view const gone = " (deleted)";
    if (found.ends_with(gone)) found.resize(found.size() - gone.size());
    return found;
}

}  // namespace lares::os
