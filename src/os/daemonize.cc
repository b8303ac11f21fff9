// os/daemonize.cc: fork, setsid, and a byte from the child to the waiting parent.

#include "os/daemonize.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "os/system_error.h"

namespace lares::os {

namespace {

[[noreturn]] void wait_for(pid_t child, Fd go_ahead) {
    char byte;
    ssize_t got;
    while ((got = ::read(go_ahead.get(), &byte, 1)) < 0 && errno == EINTR) {
    }
    if (got == 1) ::_exit(0);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

}  // namespace

Result<Detachment> Detachment::begin() {
    Pipe pipe = TRY(make_pipe());
    std::fflush(nullptr);  // or both of us would print what is buffered
    pid_t child = ::fork();
    if (child < 0) return system_error("fork");
    if (child > 0) {
        pipe.write.reset();
        wait_for(child, std::move(pipe.read));
    }
    ::setsid();
    Detachment made;
    made.go_ahead_ = std::move(pipe.write);
    return made;
}

Result<> Detachment::finish() {
    Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return system_error("open", "/dev/null");
    std::fflush(nullptr);
    for (int fd : {0, 1, 2}) {
        if (::dup2(null.get(), fd) < 0) return system_error("redirect to /dev/null");
    }
    // A parent that was killed meanwhile is not our concern.
    [[maybe_unused]] ssize_t written = ::write(go_ahead_.get(), "", 1);
    go_ahead_.reset();
    return {};
}

}  // namespace lares::os
