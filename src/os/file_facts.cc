// os/file_facts.cc: statx, and stat where that is not allowed.

#include "os/file_facts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace lares::os {

namespace {

template <class Time>
std::int64_t nanoseconds(Time const& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void fill(struct statx const& found, FileFacts& facts) {
    facts.device = makedev(found.stx_dev_major, found.stx_dev_minor);
    facts.inode = found.stx_ino;
    facts.birth_ns = (found.stx_mask & STATX_BTIME) != 0 ? nanoseconds(found.stx_btime) : 0;
    facts.size = static_cast<std::int64_t>(found.stx_size);
    facts.mtime_ns = nanoseconds(found.stx_mtime);
    facts.ctime_ns = nanoseconds(found.stx_ctime);
    facts.mode = found.stx_mode;
}

void fill(struct stat const& found, FileFacts& facts) {
    facts = {};
    facts.device = found.st_dev;
    facts.inode = found.st_ino;
    facts.size = found.st_size;
    facts.mtime_ns = nanoseconds(found.st_mtim);
    facts.ctime_ns = nanoseconds(found.st_ctim);
    facts.mode = found.st_mode;
}

bool read(int folder, char const* name, int flags, FileFacts& facts) {
    struct statx found;
    if (::statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found) == 0) {
        fill(found, facts);
        return true;
    }
    // A container's filter may know stat alone.
    if (errno != EPERM && errno != ENOSYS) return false;
    struct stat older;
    if (::fstatat(folder, name, &older, flags) != 0) return false;
    fill(older, facts);
    return true;
}

}  // namespace

bool read_facts(int folder, char const* name, FileFacts& facts) {
    return read(folder, name, AT_SYMLINK_NOFOLLOW, facts);
}

bool read_facts(int fd, FileFacts& facts) { return read(fd, "", AT_EMPTY_PATH, facts); }

bool is_that(FileFacts const& facts, ports::Intake::Identity const& identity) {
    bool is_born_then =
        facts.birth_ns == 0 || identity.birth_ns == 0 || facts.birth_ns == identity.birth_ns;
    return facts.device == identity.device && facts.inode == identity.inode && is_born_then;
}

ports::Intake::Identity identity_at(std::string const& path) {
    FileFacts facts;
    if (!read_facts(AT_FDCWD, path.c_str(), facts)) return {};
    return {facts.device, facts.inode, facts.birth_ns};
}

}  // namespace lares::os
