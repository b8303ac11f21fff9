// bin/above.cc: putting a keeper above us.

#include "bin/above.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/limits.h"
#include "os/binary_check.h"
#include "os/resource_limits.h"

namespace lares::bin {

namespace {

constexpr Duration upgrade_check_limit{5'000};

}  // namespace

Origin own_origin() {
    unsigned mask = ::umask(0);
    ::umask(mask);
    return {os::Fd(::open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), mask};
}

Result<std::unique_ptr<Above>> find_keeper(cli::UpRequest const& request,
                                           Invocation const& invocation, bool background,
                                           ports::Limit const& files, Origin const& origin) {
    auto above = std::make_unique<Above>();
    if (invocation.inherited) {
        // Executed by a descriptor, the process would be called by its number.
        std::string name = invocation.arguments[0];
        ::prctl(PR_SET_NAME, name.substr(name.rfind('/') + 1).c_str());
        // All that was kept arrives at once, whatever the configuration asks for now.
        os::allow_open_files(limits::processes * 8);
        above->link = std::make_unique<os::KeeperLink>(os::Fd(invocation.inherited->link));
        TRY(above->link->greet());
        return above;
    }
    if (request.no_keeper) return above;
    int link = keeper::begin_below_keeper({.arguments = invocation.arguments,
                                           .background = background,
                                           .files_soft = files.soft,
                                           .files_hard = files.hard,
                                           .mask = origin.umask,
                                           .directory = origin.directory.get()});
    if (link < 0)
        return Error{Error::Kind::unavailable,
                     std::string("cannot put a keeper above the daemon: ") + std::strerror(errno) +
                         " ('lares up --no-keeper' starts without one)"};
    above->link = std::make_unique<os::KeeperLink>(os::Fd(link));
    return above;
}

Result<std::string> Upgrades::try_binary(std::string const& path) {
    return os::version_of_binary(path.empty() ? os::own_binary() : path, upgrade_check_limit);
}

Result<> Upgrades::upgrade(std::string const& path) {
    if (link_.is_lost())
        return Error{
            Error::Kind::unavailable,
            "the keeper is gone, so nobody could start the next daemon; restart the service"};
    TRY(link_.choose_next(path.empty() ? os::own_binary() : path));
    end_soon_();
    return {};
}

void Listeners::keep(std::string const& name, int fd) {
    // Not held, it serves as well; only a daemon after us has to open it anew.
    (void)store_.keep(name, fd);
}

void Listeners::drop(std::string const& name) { store_.drop(name); }

net::ListenerStore::Found Listeners::take(std::string const& prefix) {
    auto names = store_.untaken(prefix);
    if (names.empty()) return {};
    return {names.front(), net::Socket(store_.take(names.front()).release())};
}

}  // namespace lares::bin
