// apps/capture/pace.cc: the waits as numbers.

#include "apps/capture/pace.h"

#include <algorithm>

namespace lares::capture {

namespace {

Duration doubled(Duration first, int times, Duration most) {
    // 2^10 times the first is beyond every bound here.
    return std::min(first * (1 << std::min(times, 10)), most);
}

}  // namespace

Duration Backoff::after(Ending const& ending) {
    Duration wait{0};
    switch (ending.kind) {
    case Ending::Kind::stopped:
        return wait;
    case Ending::Kind::network:
    case Ending::Kind::stall:
    case Ending::Kind::by_peer:
        network_ = std::min(network_ + 1, int(network_most / network_step));
        wait = network_step * network_;
        break;
    case Ending::Kind::http:
        if (ending.status == 429 || ending.status == 420)
            wait = doubled(limited_first, limited_++, limited_most);
        else
            wait = doubled(http_first, http_++, http_most);
        break;
    }
    // A service may ask for more patience, for an hour at most, but never for less.
    auto const asked = std::min<Duration>(ending.retry_after.value_or(0ms), 1h);
    return std::max(wait, asked);
}

bool must_rotate(Rotation const& rotation, FilePace const& file, Instant now) {
    return file.bytes >= rotation.rotate_bytes || now >= file.opened + rotation.rotate_after;
}

bool must_flush(Rotation const& rotation, FilePace const& file, Instant now) {
    return file.oldest_unflushed && now >= *file.oldest_unflushed + rotation.flush_every;
}

Instant next_look(Rotation const& rotation, FilePace const& file) {
    auto look = file.opened + rotation.rotate_after;
    if (file.oldest_unflushed) look = std::min(look, *file.oldest_unflushed + rotation.flush_every);
    return look;
}

}  // namespace lares::capture
