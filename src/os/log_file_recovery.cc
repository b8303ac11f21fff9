// os/log_file_recovery.cc: the rest of what was being written when the daemon was killed.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "os/log_file.h"
#include "os/system_error.h"

namespace lares::os {

/// Somebody else (logrotate) may have moved it in between.
OpenedTarget LogFile::find_moved(LogFileIdentity file) const {
    for (Sibling const& sibling : find_siblings()) {
        std::string path = sibling_path(settings_.path, sibling.number, sibling.compressed);
        if (identity_of(path) != file) continue;
        if (auto opened = open_target(path, settings_.mode)) return std::move(*opened);
    }
    return {};
}

void LogFile::finish_writing(LogFileIdentity file, std::int64_t size, std::string_view bytes,
                             Moment at) {
    OpenedTarget moved;
    bool is_here = target_.fd && target_.identity == file;
    if (!is_here) moved = find_moved(file);
    OpenedTarget& target = is_here ? target_ : moved;
    if (!target.fd) return write(bytes, at);

    struct stat now{};
    if (::fstat(target.fd.get(), &now) != 0) return writing_.lost(bytes.size());
    // A smaller file was emptied by somebody: what was in it is gone, these bytes need not be.
    auto there =
        std::clamp<std::int64_t>(now.st_size - size, 0, static_cast<std::int64_t>(bytes.size()));
    bytes.remove_prefix(static_cast<std::size_t>(there));
    std::size_t done = write_without_waiting(target, bytes);
    int number = errno;
    if (is_here) position_ = now.st_size + static_cast<std::int64_t>(done);
    if (done > 0) host_.grown(id_);
    if (done == bytes.size()) return;
    writing_.lost(bytes.size() - done);
    fail(errno_words(number), at);
}

}  // namespace lares::os
