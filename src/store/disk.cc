// store/disk.cc: open, write, fsync, rename, and what each says when it fails.

#include "store/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace lares::store {

namespace {

Error failure(std::string const& call, std::string const& file) {
    Error::Kind kind = errno == ENOENT                      ? Error::Kind::not_found
                       : errno == EACCES || errno == EPERM  ? Error::Kind::denied
                       : errno == ENOSPC || errno == EDQUOT ? Error::Kind::unavailable
                                                            : Error::Kind::io;
    return {kind, call + " '" + file + "': " + std::strerror(errno)};
}

/// A descriptor that is closed in the end.
class Open {
public:
    Open(std::string const& file, int flags) : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~Open() {
        if (fd_ >= 0) ::close(fd_);
    }
    Open(Open const&) = delete;
    Open& operator=(Open const&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

Result<> synchronise(std::string const& path, int flags) {
    Open opened(path, flags);
    if (opened.fd() < 0) return failure("open", path);
    if (::fsync(opened.fd()) != 0) return failure("synchronise", path);
    return {};
}

}  // namespace

Result<> make_empty(std::string const& file) {
    remove_file(file);
    Open made(file, O_WRONLY | O_CREAT | O_EXCL);
    if (made.fd() < 0) return failure("make", file);
    return {};
}

Result<> write_whole(std::string const& file, std::string_view bytes) {
    remove_file(file);
    Open made(file, O_WRONLY | O_CREAT | O_EXCL);
    if (made.fd() < 0) return failure("make", file);
    while (!bytes.empty()) {
        ssize_t written = ::write(made.fd(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure("write", file);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(made.fd()) != 0) return failure("synchronise", file);
    return {};
}

Result<> put_in_place(std::string const& part, std::string const& file) {
    TRY(synchronise(part, O_RDONLY));
    if (::rename(part.c_str(), file.c_str()) != 0) return failure("rename to", file);
    return synchronise(folder_of(file), O_RDONLY | O_DIRECTORY);
}

Result<std::string> read_whole(std::string const& file, std::size_t most_bytes) {
    Open opened(file, O_RDONLY);
    if (opened.fd() < 0) return failure("open", file);
    std::string bytes;
    std::string piece(64u << 10, '\0');
    while (true) {
        ssize_t got = ::read(opened.fd(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure("read", file);
        if (got == 0) return bytes;
        bytes.append(piece, 0, static_cast<std::size_t>(got));
        if (bytes.size() > most_bytes)
            return Error{Error::Kind::invalid,
                         "'" + file + "' is larger than " + std::to_string(most_bytes) + " bytes"};
    }
}

void remove_file(std::string const& file) { ::unlink(file.c_str()); }

std::int64_t file_bytes(std::string const& file) {
    struct stat there{};
    return ::stat(file.c_str(), &there) == 0 ? there.st_size : -1;
}

Result<> make_private_folder(std::string const& folder) {
    for (std::size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
        std::string part = folder.substr(0, end);
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST)
            return failure("make folder", part);
        if (end == std::string::npos) return {};
    }
}

Result<> touch(std::string const& file) {
    if (::utimensat(AT_FDCWD, file.c_str(), nullptr, 0) != 0) return failure("touch", file);
    return {};
}

bool is_written_since(std::string const& file, WallTime time) {
    struct stat there{};
    if (::stat(file.c_str(), &there) != 0) return false;
    return std::chrono::seconds(there.st_mtim.tv_sec) >= time.time_since_epoch();
}

std::string folder_of(std::string const& path) {
    std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace lares::store
