// os/durable_file.cc: the four steps, in the order in which a power cut may come between them.

#include "os/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

Result<> write_synchronised(std::string const& path, std::string_view bytes) {
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return system_error("open", path);
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return system_error("fsync", path);
    return {};
}

}  // namespace

Result<> replace_durably(std::string const& path, std::string_view bytes) {
    std::string fresh = path + ".new";
    auto written = write_synchronised(fresh, bytes);
    if (written && ::rename(fresh.c_str(), path.c_str()) != 0)
        written = system_error("rename", fresh);
    if (!written) {
        (void)::unlink(fresh.c_str());
        return written;
    }
    std::string directory = path.substr(0, path.rfind('/') + 1);
    Fd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || ::fsync(folder.get()) != 0) return system_error("fsync", directory);
    return {};
}

}  // namespace lares::os
