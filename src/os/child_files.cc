// os/child_files.cc: appending, sealing, and reading the last line.

#include "os/child_files.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// Enough for the longest line that is told and the end of the one before it.
constexpr std::size_t tail_bytes = 4u << 10;

using Cost = std::chrono::nanoseconds;

std::string path_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

Error output_error(std::string const& path, int number) {
    Error error = system_error("open", path, number);
    error.what = "couldn't open " + quoted(path) + " for its output: " + errno_name(number);
    if (number == ENXIO) error.what += " (it is a FIFO that nobody reads)";
    if (number == EISDIR) error.what += " (it is a directory)";
    if (number == ENOTDIR) error.what += " (a part of the path is not a directory)";
    if (number == EACCES || number == EPERM) error.what += " (we may not write there)";
    if (number == EROFS) error.what += " (the file system is read-only)";
    if (number == ENOSPC) error.what += " (no space left)";
    return error;
}

/// FIFOs without a reader must not hold up the spawner: they are refused instead.
int open_to_append(std::string const& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
                  0600);
}

/// ext4 then lays each folder in it into a place of its own instead of beside all others of the
/// disk. Elsewhere it means nothing, and is refused.
void spread_folders_of(std::string const& folder) {
    Fd there(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int flags = 0;
    if (!there || ::ioctl(there.get(), FS_IOC_GETFLAGS, &flags) != 0) return;
    flags |= FS_TOPDIR_FL;
    (void)::ioctl(there.get(), FS_IOC_SETFLAGS, &flags);
}

/// Processor time that making a file in a folder takes us.
Cost cost_of_a_file(std::string const& folder) {
    auto used = [] {
        timespec at{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
        return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
    };
    Cost took{};
    for (char const* name : {"/.first", "/.second"}) {  // the first may have to read the disk
        std::string path = folder + name;
        auto begin = used();
        Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        took = used() - begin;
        ::unlink(path.c_str());
    }
    return took;
}

/// For the files of a day. ext4 chooses a place by the name a folder is made under, so that is a
/// random one; and another, as long as making a file there is slow: without a journal ext4 passes
/// over the inodes that were freed in the last minutes one by one, 0.3 ms for each file that is
/// made where thousands were removed.
bool make_spread(std::string const& folder) {
    constexpr int most_tried = 8;
    constexpr Cost well = std::chrono::microseconds(60);
    std::vector<std::pair<Cost, std::string>> made;
    for (int i = 0; i < most_tried; ++i) {
        std::string path = folder + ".XXXXXX";
        if (::mkdtemp(path.data()) == nullptr) break;  // 0700
        made.emplace_back(cost_of_a_file(path), path);
        if (made.back().first < well) break;
    }
    std::ranges::sort(made);
    bool is_there = !made.empty() && ::rename(made.front().second.c_str(), folder.c_str()) == 0;
    for (auto const& [cost, path] : made)
        ::rmdir(path.c_str());  // but for the one that was renamed
    return is_there;
}

void make_folders_above(std::string const& path) {
    std::size_t last = path.rfind('/');
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        std::string folder = path.substr(0, slash);
        // Whatever stays missing is told by the open that follows.
        if (slash == last)
            (void)make_spread(folder);
        else if (::mkdir(folder.c_str(), 0700) == 0)
            spread_folders_of(folder);
    }
}

Result<> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write the input");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// The last whole line of `tail`, as told; with `is_over`, what stands behind it, if something
/// does.
struct LastLine {
    std::string_view text;
    std::size_t end = 0;
};
LastLine last_line(std::string_view tail, bool is_over) {
    std::size_t end = tail.rfind('\n');
    bool has_rest = is_over && (end == std::string_view::npos || end + 1 < tail.size());
    if (has_rest) end = tail.size();
    if (end == std::string_view::npos) return {};
    std::string_view line = tail.substr(0, end);
    std::size_t before = line.rfind('\n');
    if (before != std::string_view::npos) line.remove_prefix(before + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return {line.substr(0, limits::progress_line_bytes), end};
}

}  // namespace

Result<Fd> open_output_file(std::string const& path) {
    int fd = open_to_append(path);
    if (fd < 0 && errno == ENOENT) {
        make_folders_above(path);
        fd = open_to_append(path);
    }
    if (fd < 0) return output_error(path, errno);
    ::fcntl(fd, F_SETFL, O_APPEND);  // its process expects to wait, should that be a terminal
    return Fd(fd);
}

Result<> write_new_file(std::string const& path, std::string_view bytes) {
    auto file = TRY(open_output_file(path));
    // Only where something is: ext4 writes a file that was cut to the disk when it is closed.
    struct stat there{};
    bool is_empty = ::fstat(file.get(), &there) == 0 && there.st_size == 0;
    if (!is_empty && ::ftruncate(file.get(), 0) != 0) return output_error(path, errno);
    if (auto written = write_all(file.get(), bytes); !written) {
        int number = errno;
        ::unlink(path.c_str());
        return output_error(path, number);
    }
    return {};
}

namespace {

/// Others may pass through, to what is theirs and whose name they know; they see no names.
void let_pass(std::string const& folder) {
    Fd there(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat found{};
    bool is_ours = there && ::fstat(there.get(), &found) == 0 && found.st_uid == ::geteuid();
    constexpr mode_t pass = S_IXGRP | S_IXOTH;
    // What cannot be opened to him he is told by his own open.
    if (is_ours && (found.st_mode & pass) != pass)
        (void)::fchmod(there.get(), (found.st_mode & 07777) | pass);
}

}  // namespace

Result<> give_file(std::string const& path, std::string const& below, unsigned uid, unsigned gid) {
    Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) return system_error("open", path);
    // Readable by its owner before it is his: there is no moment at which others could read it.
    if (::fchmod(file.get(), 0400) != 0) return system_error("chmod", path);
    if (::fchown(file.get(), uid, gid) != 0) return system_error("chown", path);
    if (below.empty() || !path.starts_with(below + "/")) return {};
    let_pass(below);
    for (auto slash = path.find('/', below.size() + 1); slash != path.npos;
         slash = path.find('/', slash + 1))
        let_pass(path.substr(0, slash));
    return {};
}

Result<Fd> open_input_file(std::string const& path) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return system_error("open", path);
    return file;
}

Result<Fd> make_input_file(std::string_view bytes) {
    if (bytes.size() > limits::input_bytes)
        return Error{Error::Kind::invalid,
                     "the input has " + std::to_string(bytes.size()) + " bytes (at most " +
                         std::to_string(limits::input_bytes) + " can be given)"};
    if (bytes.empty()) {
        Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!nothing) return system_error("open", "/dev/null");
        return nothing;
    }
    Fd file(::memfd_create("lares-input", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) return system_error("make a file for the input");
    TRY(write_all(file.get(), bytes));
    ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

// The child's end is opened anew: writes through the descriptor that memfd_create gave are not told
// to inotify, and its own flags do not reach ours.
Result<ProgressFile> ProgressFile::open() {
    ProgressFile made;
    made.ours_.reset(::memfd_create("lares-progress", MFD_CLOEXEC));
    if (!made.ours_) return system_error("make a file for progress");
    made.end_.reset(::open(path_of(made.ours_.get()).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!made.end_) return system_error("open a file for progress");
    return made;
}

ProgressFile ProgressFile::take_over(Fd ours) {
    ProgressFile made;
    made.ours_ = std::move(ours);
    return made;
}

int ProgressFile::watch(int inotify_fd) const {
    return ::inotify_add_watch(inotify_fd, path_of(ours_.get()).c_str(), IN_MODIFY);
}

std::string ProgressFile::read(bool is_over) {
    struct stat found{};
    if (::fstat(ours_.get(), &found) != 0) return {};
    std::int64_t size = found.st_size;
    // A process may write it anew each time ("> /dev/fd/N"), so that it does not only grow.
    given_back_ = std::min(given_back_, size);
    if (size == 0) return {};
    std::int64_t from = std::max<std::int64_t>(0, size - static_cast<std::int64_t>(tail_bytes));
    std::string tail(tail_bytes, '\0');
    ssize_t got = ::pread(ours_.get(), tail.data(), tail.size(), from);
    tail.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    LastLine line = last_line(tail, is_over);
    std::int64_t end = from + static_cast<std::int64_t>(line.end);
    bool is_new = line.end > 0 && (line.text != told_ || end != told_end_);
    if (size - given_back_ > limits::progress_file_bytes &&
        ::fallocate(ours_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, given_back_,
                    from - given_back_) == 0)
        given_back_ = from;
    if (!is_new) return {};
    told_end_ = end;
    return told_ = line.text;
}

}  // namespace lares::os
