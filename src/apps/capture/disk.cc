// apps/capture/disk.cc: system calls, each with its path in its Error.

#include "apps/capture/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/sha256.h"
#include "os/system_error.h"

namespace lares::capture::disk {

namespace {

using os::Fd;
using os::system_error;

constexpr std::size_t piece = 256u << 10;

std::string parent_of(std::string const& path) {
    auto slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

struct Close {
    void operator()(DIR* folder) const { closedir(folder); }
};

void list(std::string const& root, std::string const& below, bool goes_down,
          std::vector<std::string>& files, std::vector<std::string>& folders) {
    std::unique_ptr<DIR, Close> folder(opendir((root + "/" + below).c_str()));
    if (!folder) return;
    std::vector<std::string> inner;
    while (auto* entry = readdir(folder.get())) {
        std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        std::string path = below.empty() ? name : below + "/" + name;
        struct stat there{};
        if (lstat((root + "/" + path).c_str(), &there) != 0) continue;
        if (S_ISREG(there.st_mode)) files.push_back(path);
        if (S_ISDIR(there.st_mode) && name[0] != '.') inner.push_back(path);
    }
    folders.insert(folders.end(), inner.begin(), inner.end());
    if (!goes_down) return;
    for (auto const& each : inner) list(root, each, goes_down, files, folders);
}

}  // namespace

Result<> make_folders(std::string const& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        std::string part = path.substr(0, end);
        if (!part.empty() && ::mkdir(part.c_str(), 0750) != 0 && errno != EEXIST)
            return system_error("mkdir", part);
        if (end == path.npos) return {};
    }
}

Result<Fd> create(std::string const& path, Readers readers) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                 readers == Readers::owner ? 0600 : 0640));
    if (fd) return fd;
    if (errno == EEXIST) return Error{Error::Kind::conflict, "'" + path + "' is there already"};
    return system_error("open", path);
}

Result<Fd> open_to_append(std::string const& path) {
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd) return system_error("open", path);
    return fd;
}

Result<> write_all(int fd, std::string_view bytes, std::string const& path) {
    while (!bytes.empty()) {
        auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> synchronise(int fd, std::string const& path) {
    if (::fsync(fd) != 0) return system_error("fsync", path);
    return {};
}

Result<> synchronise_folder(std::string const& path) {
    Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return system_error("fsync", path);
    return {};
}

Result<> rename_new(std::string const& from, std::string const& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EEXIST) return Error{Error::Kind::conflict, "'" + to + "' is there already"};
    if (errno != EINVAL && errno != ENOSYS) return system_error("rename", from);
    // A file system without it: the name is taken by a link, which never replaces.
    if (::link(from.c_str(), to.c_str()) != 0) {
        if (errno == EEXIST) return Error{Error::Kind::conflict, "'" + to + "' is there already"};
        return system_error("link", from);
    }
    return remove(from);
}

Result<> rename_over(std::string const& from, std::string const& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from);
    return synchronise_folder(parent_of(to));
}

Result<> remove(std::string const& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("unlink", path);
    return {};
}

Result<> link_or_copy(std::string const& from, std::string const& to) {
    TRY(make_folders(parent_of(to)));
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    if (errno == EEXIST) return Error{Error::Kind::conflict, "'" + to + "' is there already"};
    auto fd = TRY(create(to));
    Result<> copied;
    TRY(read_pieces(from, [&](std::string_view bytes) {
        copied = write_all(fd.get(), bytes, to);
        return copied.ok();
    }));
    if (!copied) return copied;
    return synchronise(fd.get(), to);
}

bool exists(std::string const& path) {
    struct stat there{};
    return ::lstat(path.c_str(), &there) == 0;
}

Result<std::int64_t> size_of(std::string const& path) {
    struct stat there{};
    if (::stat(path.c_str(), &there) != 0) return system_error("stat", path);
    return static_cast<std::int64_t>(there.st_size);
}

Result<std::int64_t> changed_at(std::string const& path) {
    struct stat there{};
    if (::stat(path.c_str(), &there) != 0) return system_error("stat", path);
    return static_cast<std::int64_t>(there.st_mtim.tv_sec) * 1000 +
           there.st_mtim.tv_nsec / 1'000'000;
}

Result<> read_pieces(std::string const& path, std::function<bool(std::string_view)> const& take) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return system_error("open", path);
    std::string buffer(piece, '\0');
    for (;;) {
        auto got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read", path);
        if (got == 0) return {};
        if (!take(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
    }
}

Result<std::string> read_all(std::string const& path, std::size_t most_bytes) {
    std::string all;
    TRY(read_pieces(path, [&](std::string_view bytes) {
        all.append(bytes);
        return all.size() <= most_bytes;
    }));
    if (all.size() > most_bytes)
        return Error{Error::Kind::invalid,
                     "'" + path + "' is longer than " + std::to_string(most_bytes) + " bytes"};
    return all;
}

Result<std::string> digest(std::string const& path) {
    Sha256 sum;
    TRY(read_pieces(path, [&](std::string_view bytes) {
        sum.add(bytes);
        return true;
    }));
    return sum.hex();
}

Result<> replace(std::string const& path, std::string_view bytes, Readers readers) {
    std::string fresh = path + ".new";
    TRY(remove(fresh));
    auto fd = TRY(create(fresh, readers));
    TRY(write_all(fd.get(), bytes, fresh));
    TRY(synchronise(fd.get(), fresh));
    return rename_over(fresh, path);
}

std::vector<std::string> files_below(std::string const& folder) {
    std::vector<std::string> files, folders;
    list(folder, "", true, files, folders);
    std::ranges::sort(files);
    return files;
}
std::vector<std::string> files_in(std::string const& folder) {
    std::vector<std::string> files, folders;
    list(folder, "", false, files, folders);
    std::ranges::sort(files);
    return files;
}
std::vector<std::string> folders_in(std::string const& folder) {
    std::vector<std::string> files, folders;
    list(folder, "", false, files, folders);
    std::ranges::sort(folders);
    return folders;
}

Result<Lock> Lock::take(std::string const& path, std::string_view holder) {
    TRY(make_folders(parent_of(path)));
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!fd) return system_error("open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_error("flock", path);
        char words[200];
        auto got = std::max<ssize_t>(0, ::read(fd.get(), words, sizeof words));
        return Error{Error::Kind::conflict, std::string(words, static_cast<std::size_t>(got))};
    }
    if (::ftruncate(fd.get(), 0) != 0) return system_error("ftruncate", path);
    TRY(write_all(fd.get(), holder, path));
    return Lock(std::move(fd));
}

}  // namespace lares::capture::disk
