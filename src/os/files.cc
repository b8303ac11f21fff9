// os/files.cc: reading files and folders.

#include "os/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

Result<std::string> read_file(std::string const& path, std::size_t most_bytes) {
    // Non-blocking, so that a fifo without a writer does not hold us for ever.
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return system_error("open", path);
    std::string bytes;
    char chunk[16 << 10];
    while (true) {
        ssize_t got = ::read(file.get(), chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EISDIR) {
            return Error{Error::Kind::invalid, "read '" + path + "': is a directory"};
        }
        if (got < 0) return system_error("read", path);
        if (got == 0) return bytes;
        bytes.append(chunk, static_cast<std::size_t>(got));
        if (bytes.size() > most_bytes) {
            return Error{Error::Kind::invalid, "read '" + path + "': longer than " +
                                                   std::to_string(most_bytes) + " bytes"};
        }
    }
}

Result<std::string> read_tail(std::string const& path, std::size_t bytes) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return system_error("open", path);
    struct stat found{};
    if (::fstat(file.get(), &found) != 0) return system_error("stat", path);
    if (!S_ISREG(found.st_mode))
        return Error{Error::Kind::invalid, "read '" + path + "': is no plain file"};
    auto at = std::max<off_t>(0, found.st_size - static_cast<off_t>(bytes));
    bytes = std::min(bytes, static_cast<std::size_t>(found.st_size - at));
    std::string tail(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
        ssize_t got =
            ::pread(file.get(), tail.data() + have, bytes - have, at + static_cast<off_t>(have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read", path);
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    tail.resize(have);
    return tail;
}

std::vector<std::string> glob(std::string const& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    std::ranges::sort(paths);  // by bytes: the order must not depend on the locale
    return paths;
}

bool is_directory(std::string const& path) {
    struct stat found;
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

std::vector<std::string> directories_in(std::string const& directory) {
    std::vector<std::string> paths;
    DIR* open = ::opendir(directory.c_str());
    if (!open) return paths;
    while (dirent const* entry = ::readdir(open)) {
        std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        std::string path = directory + "/" + name;
        struct stat found;
        if (::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) paths.push_back(path);
    }
    ::closedir(open);
    std::ranges::sort(paths);
    return paths;
}

std::string current_directory() {
    char path[PATH_MAX];
    return ::getcwd(path, sizeof path) ? path : "/";
}

std::string host_name() {
    utsname names;
    return ::uname(&names) == 0 ? names.nodename : "localhost";
}

std::string temporary_directory() {
    char const* chosen = ::getenv("TMPDIR");
    return chosen && is_directory(chosen) ? chosen : "/tmp";
}

}  // namespace lares::os
