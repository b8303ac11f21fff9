// os/store_file.cc: write beside, sync, rename, sync the folder.

#include "os/store_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

std::string folder_of(std::string const& path) {
    auto slash = path.rfind('/');
    return slash == path.npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
}

Result<> write_whole(int fd, std::string_view bytes, std::string const& path) {
    while (!bytes.empty()) {
        auto count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(fd) != 0) return system_error("fsync", path);
    return {};
}

}  // namespace

Result<> store_file(std::string const& path, std::string_view bytes) {
    auto folder = folder_of(path);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_error("mkdir", folder);
    auto beside = path + ".new";
    Fd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return system_error("open", beside);
    auto written = write_whole(file.get(), bytes, beside);
    if (written && ::rename(beside.c_str(), path.c_str()) != 0)
        written = system_error("rename", path);
    if (!written) {
        ::unlink(beside.c_str());
        return written;
    }
    Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) (void)::fsync(directory.get());
    return {};
}

Result<> remove_file(std::string const& path) {
    if (::unlink(path.c_str()) != 0) return system_error("unlink", path);
    return {};
}

}  // namespace lares::os
