// os/identity.cc: the calls, in the order in which each is still allowed.

#include "os/identity.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lares::os {

namespace {

Error failed(char const* call) {
    return {Error::Kind::denied, std::string(call) + ": " + std::strerror(errno)};
}

}  // namespace

Result<> become_user(std::string const& name, unsigned uid, unsigned gid) {
    if (::geteuid() == uid) return {};
    if (::geteuid() != 0) return Error{Error::Kind::denied, "Can't drop privilege as nonroot user"};
    if (::initgroups(name.c_str(), gid) != 0) return failed("initgroups");
    if (::setgid(gid) != 0) return failed("setgid");
    if (::setuid(uid) != 0) return failed("setuid");
    return {};
}

Result<> set_umask_and_directory(unsigned mask, std::string const& directory) {
    ::umask(static_cast<mode_t>(mask));
    if (directory.empty() || ::chdir(directory.c_str()) == 0) return {};
    return Error{Error::Kind::io,
                 "cannot change to directory '" + directory + "': " + std::strerror(errno)};
}

}  // namespace lares::os
