// os/pidfile.cc: writing and removing the pidfile.

#include "os/pidfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/files.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr std::size_t pidfile_bytes = 64;

std::string line(int pid) { return std::to_string(pid) + "\n"; }

}  // namespace

Result<> write_pidfile(std::string const& path, int pid) {
    // In place and not by rename, which would put a regular file where /dev/null was.
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file) return system_error("write the pidfile", path);
    std::string text = line(pid);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return system_error("write the pidfile", path);
    }
    return {};
}

bool remove_pidfile(std::string const& path, int pid) {
    struct stat found;
    if (::lstat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return false;
    auto text = read_file(path, pidfile_bytes);
    return text && *text == line(pid) && ::unlink(path.c_str()) == 0;
}

}  // namespace lares::os
