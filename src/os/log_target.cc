// os/log_target.cc: opening and writing log targets.

#include "os/log_target.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <optional>

#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr int flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

struct Resolved {
    std::string folder;  // without symlinks
    std::string name;
};

std::optional<Resolved> resolve_folder(std::string const& path) {
    auto slash = path.rfind('/');
    std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
    if (folder.empty()) folder = "/";
    std::array<char, PATH_MAX> whole;
    if (!::realpath(folder.c_str(), whole.data())) return std::nullopt;
    return Resolved{whole.data(), slash == std::string::npos ? path : path.substr(slash + 1)};
}

bool is_descriptor_folder(std::string const& folder) {
    return folder.starts_with("/proc/") && folder.ends_with("/fd");
}

/// The place in a folder of descriptors that `path` leads to through any number of symlinks.
std::optional<Resolved> find_descriptor(std::string path) {
    for (int step = 0; step < 40; ++step) {
        auto at = resolve_folder(path);
        if (!at) return std::nullopt;
        if (is_descriptor_folder(at->folder)) return at;
        std::array<char, PATH_MAX> target;
        ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
        if (size <= 0) return std::nullopt;
        std::string next(target.data(), static_cast<std::size_t>(size));
        path = next.starts_with('/') ? next : at->folder + "/" + next;
    }
    return std::nullopt;
}

Error open_error(std::string const& path, int number) {
    struct stat now{};
    if (number == ENXIO && ::stat(path.c_str(), &now) == 0 && S_ISFIFO(now.st_mode)) {
        return {Error::Kind::unavailable, "nobody reads this fifo"};
    }
    return {system_error("open", path, number).kind, errno_words(number)};
}

OpenedTarget describe(Fd fd, OpenedTarget::Kind kind) {
    OpenedTarget target{.fd = std::move(fd), .kind = kind};
    struct stat now{};
    if (::fstat(target.fd.get(), &now) != 0) return target;
    target.identity = {now.st_dev, now.st_ino};
    if (!S_ISREG(now.st_mode)) return target;
    if (kind == OpenedTarget::Kind::stream) target.kind = OpenedTarget::Kind::file;
    target.size = now.st_size;
    target.changed = WallTime(std::chrono::seconds(now.st_mtim.tv_sec) +
                              std::chrono::milliseconds(now.st_mtim.tv_nsec / 1'000'000));
    return target;
}

/// A socket cannot be opened again through /proc, nor can what another user opened for us.
Result<OpenedTarget> borrow(std::string const& path, Resolved const& at, int opening_failed_with) {
    int number = -1;
    std::from_chars(at.name.data(), at.name.data() + at.name.size(), number);
    struct stat named{}, ours{};
    bool same = number >= 0 && ::stat(path.c_str(), &named) == 0 && ::fstat(number, &ours) == 0 &&
                named.st_dev == ours.st_dev && named.st_ino == ours.st_ino;
    if (!same) return open_error(path, opening_failed_with);
    Fd fd(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!fd) return open_error(path, errno);
    return describe(std::move(fd), OpenedTarget::Kind::lent);
}

Result<OpenedTarget> open_descriptor(std::string const& path, Resolved const& at) {
    Fd fd(::open(path.c_str(), flags));
    if (!fd) return borrow(path, at, errno);
    OpenedTarget target = describe(std::move(fd), OpenedTarget::Kind::stream);
    target.kind = OpenedTarget::Kind::stream;
    return target;
}

/// A lent descriptor may block for all who share it; only what poll() promises is written.
std::size_t write_lent(int fd, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        std::string_view rest = bytes.substr(done, PIPE_BUF);
        ssize_t size = ::send(fd, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0 && errno == ENOTSOCK) {
            pollfd ready{fd, POLLOUT, 0};
            if (::poll(&ready, 1, 0) == 0) {
                errno = EAGAIN;
                return done;
            }
            size = ::write(fd, rest.data(), rest.size());
        }
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return done;
        done += static_cast<std::size_t>(size);
    }
    return done;
}

}  // namespace

bool is_own_descriptor(std::string path) { return find_descriptor(std::move(path)).has_value(); }

Result<OpenedTarget> open_target(std::string const& path, unsigned mode) {
    if (auto at = find_descriptor(path)) return open_descriptor(path, *at);
    // Without O_CREAT first: with it the kernel may refuse files and fifos of other users in sticky
    // folders (fs.protected_regular, fs.protected_fifos).
    Fd fd(::open(path.c_str(), flags));
    if (!fd && errno == ENOENT) fd.reset(::open(path.c_str(), flags | O_CREAT, mode));
    if (!fd) return open_error(path, errno);
    return describe(std::move(fd), OpenedTarget::Kind::stream);
}

std::size_t write_without_waiting(OpenedTarget const& target, std::string_view bytes) {
    if (target.kind == OpenedTarget::Kind::lent) return write_lent(target.fd.get(), bytes);
    std::size_t done = 0;
    while (done < bytes.size()) {
        ssize_t size = ::write(target.fd.get(), bytes.data() + done, bytes.size() - done);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return done;
        done += static_cast<std::size_t>(size);
    }
    return done;
}

LogFileIdentity identity_of(std::string const& path) {
    struct stat now{};
    if (::stat(path.c_str(), &now) != 0) return {};
    return {now.st_dev, now.st_ino};
}

}  // namespace lares::os
