// keeper/message.h: what the keeper and a daemon say to each other (docs/formats/keeper.md).
//
// One message is one datagram of a SOCK_SEQPACKET pair, in this machine's byte order, with
// descriptors beside it. A kind that the other side does not know is ignored, so that daemons of
// later versions can work under a keeper of this one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lares::keeper {

inline constexpr std::uint32_t protocol_version = 1;
/// A name of a held descriptor; longer ones are refused.
inline constexpr std::size_t name_bytes = 255;
/// Descriptors handed over by one message; the kernel allows 253.
inline constexpr std::size_t batch = 64;
/// The longest body: a batch of the longest names.
inline constexpr std::size_t body_bytes = batch * (name_bytes + 1);

enum class Kind : std::uint32_t {
    // From a daemon.
    hello = 1,  // version: what do you hold?
    keep = 2,   // a name, and its descriptor beside it
    drop = 3,   // a name
    peek = 4,   // a pid: how did this child of yours end?
    reap = 5,   // a pid: it is noted, or nobody's
    next = 6,   // a path: the binary of the next daemon
    ready = 7,  // clients are answered
    // From the keeper.
    welcome = 32,  // Welcome, after all that is held
    held = 33,     // names, each ended by a zero, and as many descriptors
    state = 34,    // State: the answer to peek
    orphan = 35,   // a pid that has ended: reap it, unless it is a run of yours
    refused = 36,  // a name that could not be kept
};

struct Welcome {
    std::uint32_t version;
    std::uint32_t deaths;  // of daemons before this one
};

/// waitid's answer for one child. Told once it has ended, or that it is no child of the keeper's.
struct State {
    std::int32_t pid;
    std::int32_t found;  // 0: no child of mine, 1: it lives, 2: it has ended
    std::int32_t code;   // CLD_EXITED, CLD_KILLED or CLD_DUMPED
    std::int32_t status;
    std::int64_t cpu_microseconds;
    std::int64_t peak_kilobytes;
};

struct Message {
    Kind kind{};
    std::string body;
    std::vector<int> descriptors;  // the receiver's; closed at exec
};

/// Never waits. False, with errno: it was not sent, nothing of it.
bool send(int link, Kind kind, std::string_view body, int const* descriptors = nullptr,
          std::size_t count = 0);
template <class T>
bool send_value(int link, Kind kind, T const& value) {
    return send(link, kind, {reinterpret_cast<char const*>(&value), sizeof value});
}

enum class Received { message, nothing, closed };
/// Never waits. What is no message of ours, or too long for one, comes as kind 0.
Received receive(int link, Message& message);

/// The body as a T; false when it has another size.
template <class T>
bool read_value(Message const& message, T& value) {
    if (message.body.size() != sizeof value) return false;
    __builtin_memcpy(&value, message.body.data(), sizeof value);
    return true;
}

}  // namespace lares::keeper
