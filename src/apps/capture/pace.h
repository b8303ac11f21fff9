// apps/capture/pace.h: when to flush, to rotate, to connect again, and to call a stream stalled.
//
// Pure. The waits before connecting again are those that X publishes for its streams, and hold for
// every other service as well: network errors 250 ms more each time up to 16 s, HTTP errors 5 s
// doubling up to 320 s, 429 and 420 ("you are being rate limited") 60 s doubling.

#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace lares::capture {

using namespace std::chrono_literals;

/// How a connection ended, or was refused.
struct Ending {
    enum class Kind { network, stall, http, by_peer, stopped };
    Kind kind = Kind::network;
    int status = 0;                         // of http
    std::optional<Duration> retry_after{};  // what the service asked for
};

class Backoff {
public:
    /// How long to wait now. A stall or an end by the peer is a network error.
    Duration after(Ending const&);
    /// Messages came: whatever went wrong before counts no longer.
    void succeeded() { network_ = http_ = limited_ = 0; }

    static constexpr Duration network_step = 250ms, network_most = 16s;
    static constexpr Duration http_first = 5s, http_most = 320s;
    /// 429 and 420. X names no end to the doubling; 16 minutes are longer than its windows.
    static constexpr Duration limited_first = 60s, limited_most = 960s;

private:
    int network_ = 0, http_ = 0, limited_ = 0;
};

/// What an archive file is bounded by.
struct Rotation {
    Duration rotate_after = 900s;         // since it was opened, also when nothing comes
    std::int64_t rotate_bytes = 1 << 30;  // of messages, before they are packed
    Duration flush_every = 5s;
};

struct FilePace {
    Instant opened{};
    std::optional<Instant> oldest_unflushed;  // none: all is flushed
    std::int64_t bytes = 0;
};

bool must_rotate(Rotation const&, FilePace const&, Instant now);
bool must_flush(Rotation const&, FilePace const&, Instant now);
/// When to look again though nothing comes.
Instant next_look(Rotation const&, FilePace const&);

/// X sends a blank line every 20 s, its older streams every 30 s: 90 s of silence are a stall.
constexpr Duration default_stall = 90s;

}  // namespace lares::capture
