// os/private_directory.cc: mkdir -p, with the last one for us alone.

#include "os/private_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

Result<> make_those_above(std::string const& path) {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        std::string above = path.substr(0, slash);
        if (::mkdir(above.c_str(), 0755) == 0) {
            (void)::chmod(above.c_str(), 0755);  // whatever our mask is
            continue;
        }
        // Above us there may be folders that we may not even look into; the last one will tell.
        if (errno != EEXIST && errno != EACCES && errno != EROFS)
            return system_error("mkdir", above);
    }
    return {};
}

}  // namespace

Result<> make_private_directory(std::string const& path, DirectoryOwner owner) {
    TRY(make_those_above(path));
    if (::mkdir(path.c_str(), 0700) == 0) {
        // By descriptor: nobody can put another in its place meanwhile.
        Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!directory) return system_error("open", path);
        if (::fchmod(directory.get(), 0700) != 0) return system_error("chmod", path);
        bool given = owner.uid && owner.gid;
        if (given && ::fchown(directory.get(), *owner.uid, *owner.gid) != 0)
            return system_error("chown", path);
        return {};
    }
    if (errno != EEXIST) return system_error("mkdir", path);
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return system_error("stat", path);
    if (!S_ISDIR(found.st_mode))
        return Error{Error::Kind::conflict, "'" + path + "' is in the way: it is not a directory"};
    bool is_ours_later = owner.uid && found.st_uid == *owner.uid;
    if (!is_ours_later && ::access(path.c_str(), W_OK | X_OK) != 0)
        return system_error("write in", path);
    return {};
}

}  // namespace lares::os
