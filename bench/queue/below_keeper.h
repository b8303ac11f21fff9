// bench/queue/below_keeper.h: runs a measurement as a daemon below a real keeper, as in production.

#pragma once

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "keeper/keeper.h"
#include "os/keeper_link.h"
#include "os/signals.h"

namespace lares::bench {

/// Nobody comes after the measurement.
struct NoSuccessor final : keeper::Starter {
    int start(int, bool) override { return -1; }
    void choose_next(std::string const&) override {}
    void next_works() override {}
};

/// @returns the measurement's exit status.
inline int run_below_keeper(std::function<int(os::KeeperLink&)> const& measure) {
    os::block_signals();
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return 1;
    int daemon = ::fork();
    if (daemon == 0) {
        ::close(ends[0]);
        os::KeeperLink link((os::Fd(ends[1])));
        link.ready();
        int status = measure(link);
        std::fflush(nullptr);
        ::_exit(status);
    }
    ::close(ends[1]);
    NoSuccessor nobody;
    return keeper::Keeper(nobody, ends[0], daemon).run();
}

}  // namespace lares::bench
