// net/http_limits.h: how long and how much the HTTP server waits for, each with its reason.
//
// The figures shared with other rooms are in base/limits.h; these concern connections only. Times
// are a value, so that a test can live faster than the world.

#pragma once

#include <chrono>
#include <cstddef>

namespace lares::net {

/// Times of one connection. None of them runs while a request waits for its answer, nor on an idle
/// unix connection: supervisor's clients keep one open for hours.
struct HttpTimes {
    /// A request must be whole this long after its first byte...
    std::chrono::milliseconds request{10'000};
    /// ...plus the time its body takes at this speed, so that a slow line can send a large one and
    /// a dripping peer cannot hold the connection for ever.
    std::size_t body_bytes_per_second = 16u << 10;
    /// An inet connection without a request.
    std::chrono::milliseconds idle{3'600'000};
    /// One that has asked before and has been idle less long keeps its place when the house is
    /// full: a crowd of newcomers must not push out who works.
    std::chrono::milliseconds keeps_place{60'000};
    /// A peer that takes no byte of its answer. Streams are exempt: a paused `tail -f` is honest,
    /// and what it has unsent is bounded.
    std::chrono::milliseconds stalled{60'000};
    /// After the last byte of a closing connection we read on this long: closing with unread bytes
    /// makes the kernel send a reset, which can destroy the answer before the peer has read it.
    std::chrono::milliseconds linger{2'000};
    /// A peer that shut down its sending side (printf ... | nc -N) may still want an answer. TCP
    /// does not tell it from one that is gone, so it gets this long.
    std::chrono::milliseconds half_closed{1'000};
    /// Until the next try when the process has no descriptor left to accept with.
    std::chrono::milliseconds accept_again{1'000};
};

/// What all request bodies under way may announce together. One is at most
/// limits::http_body_bytes; a thousand of these would be 4 GB.
inline constexpr std::size_t all_bodies_bytes = 64u << 20;
/// The same for batches (limits::batch_bytes each), which only some clients send: one at work and
/// one on its way.
inline constexpr std::size_t all_batches_bytes = 64u << 20;
/// Read at once, into one buffer that all connections share: an idle one owns none.
inline constexpr std::size_t read_bytes = 64u << 10;
/// Taken in ahead of an answer that is not out yet (pipelining).
inline constexpr std::size_t ahead_bytes = 16u << 10;
/// Puts of one connection that the daemon has at a time, and how large each may be: together less
/// than one body of those that are read one by one.
inline constexpr std::size_t puts_under_way = 64;
inline constexpr std::size_t passing_put_bytes = 4u << 10;
/// Accepted in one turn of the loop, so that a flood of connections does not hold it.
inline constexpr int accepts_per_turn = 16;
/// Connections waiting to be accepted; the kernel caps it at net.core.somaxconn.
inline constexpr int backlog = 1'024;

}  // namespace lares::net
