// os/notify.h: hearing from a process that it is ready: sd_notify(3)'s socket, s6's descriptor.
//
// A socket has an abstract name that the kernel chooses, so that every user can write to it and no
// file is left behind. What it says counts only from the run's own process tree: the kernel tells
// who sent it.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace lares::os {

struct NotifyLine {
    std::string key;
    std::string value;
    bool operator==(NotifyLine const&) const = default;
};

/// The lines "KEY=value" of one datagram; what is no such line is left out. BARRIER and the
/// descriptor store's are answered by the protocol alone and left out too.
std::vector<NotifyLine> parse_notification(std::string_view datagram);

class NotifySocket {
public:
    static Result<NotifySocket> open();
    /// A socket that a predecessor opened for a run that goes on. Its address is not known here.
    static NotifySocket take_over(Fd fd);

    int fd() const { return fd_.get(); }
    /// For NOTIFY_SOCKET: "@" and the name.
    std::string const& address() const { return address_; }

    /// Who may speak: the run's process and its descendants; also a sender that has ended already
    /// (a shell's `systemd-notify`) when its user is the run's.
    struct Speaker {
        int pid;
        unsigned uid;
    };
    /// Reads what is there, at most `most` datagrams. Descriptors sent along are closed, which is
    /// what a BARRIER waits for.
    void read(Speaker run, int most, std::function<void(NotifyLine)> const& tell);

private:
    Fd fd_;
    std::string address_;
};

}  // namespace lares::os
