// os/fd.cc: making and closing descriptors.

#include "os/fd.h"

#include <fcntl.h>
#include <unistd.h>

#include "os/system_error.h"

namespace lares::os {

void Fd::reset(int number) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
}

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe");
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace lares::os
