// os/notify.cc: datagrams with credentials.

#include "os/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>

#include "os/process_tree.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

/// One message; systemd takes 4096 bytes too. More is cut off by the kernel and not believed.
constexpr std::size_t datagram_bytes = 4096;
constexpr std::size_t lines_in_datagram = 64;
constexpr std::size_t most_descriptors = 253;  // the kernel's SCM_MAX_FD

bool is_key(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_protocol_only(std::string_view key) { return key == "BARRIER" || key.starts_with("FD"); }

/// Closes every descriptor that came along and finds who sent it.
std::optional<ucred> take_control(msghdr& message) {
    std::optional<ucred> sender;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) {
            sender.emplace();
            std::memcpy(&*sender, CMSG_DATA(part), sizeof *sender);
        }
        if (part->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0);
             at += sizeof(int)) {
            int number;
            std::memcpy(&number, CMSG_DATA(part) + at, sizeof number);
            Fd closes(number);
        }
    }
    return sender;
}

bool may_speak(NotifySocket::Speaker run, ucred const& sender) {
    if (sender.pid == run.pid) return true;
    auto facts = find_process(sender.pid);
    if (!facts) return sender.uid == run.uid;
    return facts->group == run.pid || is_descendant(sender.pid, run.pid);
}

}  // namespace

std::vector<NotifyLine> parse_notification(std::string_view datagram) {
    std::vector<NotifyLine> lines;
    while (!datagram.empty() && lines.size() < lines_in_datagram) {
        std::string_view line = datagram.substr(0, datagram.find('\n'));
        datagram.remove_prefix(std::min(line.size() + 1, datagram.size()));
        std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        std::string_view key = line.substr(0, equals);
        if (!is_key(key) || is_protocol_only(key)) continue;
        lines.push_back({std::string(key), std::string(line.substr(equals + 1))});
    }
    return lines;
}

Result<NotifySocket> NotifySocket::open() {
    NotifySocket made;
    made.fd_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made.fd_) return system_error("make a notification socket");
    int on = 1;
    ::setsockopt(made.fd_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    // An address without a name: the kernel gives it a free abstract one (unix(7), autobind).
    if (::bind(made.fd_.get(), generic, sizeof address.sun_family) != 0) {
        return system_error("name a notification socket");
    }
    socklen_t length = sizeof address;
    ::getsockname(made.fd_.get(), generic, &length);
    std::size_t name_bytes = length - offsetof(sockaddr_un, sun_path);
    made.address_ = "@" + std::string(address.sun_path + 1, name_bytes - 1);
    return made;
}

NotifySocket NotifySocket::take_over(Fd fd) {
    NotifySocket made;
    made.fd_ = std::move(fd);
    return made;
}

void NotifySocket::read(Speaker run, int most, std::function<void(NotifyLine)> const& tell) {
    char bytes[datagram_bytes];
    alignas(cmsghdr) char
        control[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(most_descriptors * sizeof(int))];
    for (int i = 0; i < most; i++) {
        iovec part{bytes, sizeof bytes};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        ssize_t got = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got < 0) return;
        auto sender = take_control(message);
        if (!sender || (message.msg_flags & MSG_TRUNC) || !may_speak(run, *sender)) continue;
        for (auto& line : parse_notification({bytes, static_cast<std::size_t>(got)})) {
            tell(std::move(line));
        }
    }
}

}  // namespace lares::os
