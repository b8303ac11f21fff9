// os/signals.cc: signalfd on the loop.

#include "os/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace lares::os {

namespace {

sigset_t handled() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) {
        ::sigaddset(&set, number);
    }
    return set;
}

}  // namespace

void block_signals() {
    sigset_t set = handled();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    // An ignored CHLD, inherited from who started us, would make the kernel throw exits away.
    ::signal(SIGCHLD, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
}

SignalSource::SignalSource(Loop& loop, ports::Inbox& inbox, std::function<void()> on_child)
    : loop_(loop), inbox_(inbox), on_child_(std::move(on_child)) {
    sigset_t set = handled();
    // How our own children end is told by their pidfds.
    if (!on_child_) ::sigdelset(&set, SIGCHLD);
    fd_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    CHECK(fd_);  // one of the first descriptors of the process
    loop_.on_readable(fd_.get(), [this] { read(); });
}

SignalSource::~SignalSource() { loop_.forget(fd_.get()); }

void SignalSource::read() {
    signalfd_siginfo info;
    while (::read(fd_.get(), &info, sizeof info) == sizeof info) {
        int number = static_cast<int>(info.ssi_signo);
        if (number == SIGCHLD && on_child_) on_child_();
        inbox_.push(ports::SignalReceived{number});
    }
}

}  // namespace lares::os
