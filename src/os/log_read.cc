// os/log_read.cc: reading a piece of a log.

#include "os/log_read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.h"
#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

std::string read_piece(int fd, std::int64_t offset, std::int64_t length, std::string& error) {
    std::string bytes(static_cast<std::size_t>(length), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        ssize_t size = ::pread(fd, bytes.data() + done, bytes.size() - done,
                               offset + static_cast<std::int64_t>(done));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) error = errno_words(errno);
        if (size <= 0) break;
        done += static_cast<std::size_t>(size);
    }
    bytes.resize(done);
    return bytes;
}

}  // namespace

ports::LogRead read_log(std::string const& path, std::int64_t offset, std::int64_t length) {
    ports::LogRead out;
    struct stat now{};
    if (::stat(path.c_str(), &now) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) out.error = errno_words(errno);
        return out;
    }
    out.exists = true;
    if (!S_ISREG(now.st_mode)) {
        out.error = "'" + path + "' is not a regular file";
        return out;
    }
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd || ::fstat(fd.get(), &now) != 0) {
        out.exists = errno != ENOENT;  // rotated away between the two calls
        if (out.exists) out.error = errno_words(errno);
        return out;
    }
    out.size = now.st_size;
    out.inode = now.st_ino;
    if (offset < 0) offset = std::max<std::int64_t>(out.size + offset, 0);
    length = std::min({length, limits::log_read_bytes, out.size - offset});
    if (length > 0) out.bytes = read_piece(fd.get(), offset, length, out.error);
    return out;
}

}  // namespace lares::os
