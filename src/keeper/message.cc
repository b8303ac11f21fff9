// keeper/message.cc: sendmsg and recvmsg with descriptors.

#include "keeper/message.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lares::keeper {

namespace {

struct Head {
    std::uint32_t kind;
    std::uint32_t count;  // of the descriptors beside it
};
constexpr std::size_t most_descriptors = 253;  // the kernel's SCM_MAX_FD

void take_descriptors(msghdr& header, std::vector<int>& into) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; i++) {
            int number;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof number, sizeof number);
            into.push_back(number);
        }
    }
}

}  // namespace

bool send(int link, Kind kind, std::string_view body, int const* descriptors, std::size_t count) {
    if (body.size() > body_bytes || count > batch) {
        errno = EMSGSIZE;
        return false;
    }
    Head head{static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(count)};
    iovec parts[2] = {{&head, sizeof head}, {const_cast<char*>(body.data()), body.size()}};
    alignas(cmsghdr) char control[CMSG_SPACE(batch * sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    if (count > 0) {
        header.msg_control = control;
        header.msg_controllen = CMSG_SPACE(count * sizeof(int));
        cmsghdr* beside = CMSG_FIRSTHDR(&header);
        beside->cmsg_level = SOL_SOCKET;
        beside->cmsg_type = SCM_RIGHTS;
        beside->cmsg_len = CMSG_LEN(count * sizeof(int));
        std::memcpy(CMSG_DATA(beside), descriptors, count * sizeof(int));
    }
    ssize_t sent;
    while ((sent = ::sendmsg(link, &header, MSG_DONTWAIT | MSG_NOSIGNAL)) < 0 && errno == EINTR) {
    }
    return sent >= 0;
}

Received receive(int link, Message& message) {
    Head head{};
    message.body.resize(body_bytes);
    message.descriptors.clear();
    iovec parts[2] = {{&head, sizeof head}, {message.body.data(), message.body.size()}};
    alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))];
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t got;
    // Reset is told once, and before what still waits to be read: the other side died with
    // something unread. What it had said stands, and the end comes after it.
    while ((got = ::recvmsg(link, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0 &&
           (errno == EINTR || errno == ECONNRESET)) {
    }
    if (got < 0) return errno == EAGAIN ? Received::nothing : Received::closed;
    if (got == 0) return Received::closed;
    take_descriptors(header, message.descriptors);
    bool whole = static_cast<std::size_t>(got) >= sizeof head && !(header.msg_flags & MSG_TRUNC);
    message.kind = whole ? static_cast<Kind>(head.kind) : Kind{};
    message.body.resize(whole ? static_cast<std::size_t>(got) - sizeof head : 0);
    return Received::message;
}

}  // namespace lares::keeper
