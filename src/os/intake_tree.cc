// os/intake_tree.cc: one entry after the other, deepest last for copies, first for removal.

#include "os/intake_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr std::size_t piece_bytes = 1u << 20;
constexpr int most_depth = 128;

Error failed(std::string_view call, std::string const& path) {
    int number = errno;
    Error error = system_error(call, path, number);
    bool is_full = number == ENOSPC || number == EROFS || number == EDQUOT;
    if (is_full) error.kind = Error::Kind::unavailable;
    return error;
}

Result<std::vector<std::string>> names_in(std::string const& folder) {
    DIR* open = ::opendir(folder.c_str());
    if (!open) return failed("read", folder);
    std::vector<std::string> names;
    while (dirent const* item = ::readdir(open)) {
        std::string name = item->d_name;
        if (name != "." && name != "..") names.push_back(std::move(name));
    }
    ::closedir(open);
    std::ranges::sort(names);
    return names;
}

Result<> copy_span(int from, int to, off_t begin, off_t end, std::vector<char>& piece,
                   std::string const& name) {
    for (off_t at = begin; at < end;) {
        std::size_t want = std::min(piece.size(), static_cast<std::size_t>(end - at));
        ssize_t got = ::pread(from, piece.data(), want, at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", name);
        if (got == 0) return {};  // cut meanwhile
        for (ssize_t done = 0; done < got;) {
            ssize_t put = ::pwrite(to, piece.data() + done, got - done, at + done);
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return failed("write", name);
            done += put;
        }
        at += got;
    }
    return {};
}

Result<> copy_contents(int from, int to, std::string const& name) {
    struct stat found;
    if (::fstat(from, &found) != 0) return failed("read", name);
    std::vector<char> piece(piece_bytes);
    for (off_t at = 0; at < found.st_size;) {
        off_t data = ::lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break;  // only a hole is left
        if (data < 0) data = at;                // a file system without holes
        off_t hole = ::lseek(from, data, SEEK_HOLE);
        if (hole < 0) hole = found.st_size;
        TRY(copy_span(from, to, data, hole, piece, name));
        at = hole;
    }
    if (::ftruncate(to, found.st_size) != 0) return failed("write", name);
    return {};
}

void copy_attributes(int to, struct stat const& of) {
    // Where we may not give files away the copy is ours, as with cp -p.
    if (::fchown(to, of.st_uid, of.st_gid) != 0 && ::fchown(to, -1, of.st_gid) != 0) errno = 0;
    ::fchmod(to, of.st_mode & 07777);
    timespec times[2] = {of.st_atim, of.st_mtim};
    ::futimens(to, times);
}

Result<> copy_file(std::string const& from, std::string const& to, struct stat const& found) {
    Fd in(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!in) return failed("open", from);
    Fd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out) return failed("create", to);
    TRY(copy_contents(in.get(), out.get(), from));
    copy_attributes(out.get(), found);
    if (::fsync(out.get()) != 0) return failed("write", to);
    return {};
}

Result<> copy_link(std::string const& from, std::string const& to) {
    char target[PATH_MAX];
    ssize_t length = ::readlink(from.c_str(), target, sizeof target);
    if (length < 0) return failed("read", from);
    if (::symlink(std::string(target, length).c_str(), to.c_str()) != 0)
        return failed("create", to);
    return {};
}

Result<> copy_at(std::string const& from, std::string const& to, int depth) {
    struct stat found;
    if (::lstat(from.c_str(), &found) != 0) return failed("open", from);
    if (S_ISREG(found.st_mode)) return copy_file(from, to, found);
    if (S_ISLNK(found.st_mode)) return copy_link(from, to);
    if (!S_ISDIR(found.st_mode)) {
        if (::mknod(to.c_str(), found.st_mode, found.st_rdev) != 0) return failed("create", to);
        return {};
    }
    if (depth > most_depth) return Error{Error::Kind::invalid, "'" + from + "' is too deep"};
    if (::mkdir(to.c_str(), 0700) != 0) return failed("make folder", to);
    for (std::string const& name : TRY(names_in(from))) {
        TRY(copy_at(from + "/" + name, to + "/" + name, depth + 1));
    }
    Fd folder(::open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return failed("open", to);
    copy_attributes(folder.get(), found);
    if (::fsync(folder.get()) != 0) return failed("write", to);
    return {};
}

Result<> collect(std::string const& folder, int depth, std::vector<std::string>& files) {
    for (std::string const& name : TRY(names_in(folder))) {
        std::string path = folder + "/" + name;
        struct stat found;
        if (::lstat(path.c_str(), &found) != 0) continue;
        if (!S_ISDIR(found.st_mode)) {
            files.push_back(path);
        } else if (depth < most_depth) {
            TRY(collect(path, depth + 1, files));
        }
    }
    return {};
}

}  // namespace

Result<> copy_tree(std::string const& from, std::string const& to) { return copy_at(from, to, 0); }

Result<> remove_tree(std::string const& path) {
    struct stat found;
    if (::lstat(path.c_str(), &found) != 0) {
        if (errno == ENOENT) return {};
        return failed("remove", path);
    }
    if (S_ISDIR(found.st_mode)) {
        for (std::string const& name : TRY(names_in(path))) TRY(remove_tree(path + "/" + name));
        if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
        return {};
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
    return {};
}

Result<std::vector<std::string>> files_below(std::string const& folder) {
    std::vector<std::string> files;
    TRY(collect(folder, 0, files));
    std::ranges::sort(files);
    return files;
}

}  // namespace lares::os
