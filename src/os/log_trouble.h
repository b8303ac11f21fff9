// os/log_trouble.h: a log that cannot be written says so once, and once more when it is over.
//
// Pure: counts what was lost and knows when the next try is due. The time comes in.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace lares::os {

/// What a person should hear; becomes a ports::LogTrouble.
struct TroubleNews {
    bool ok = false;
    std::string words;
    std::uint64_t lost_bytes = 0;
    bool operator==(TroubleNews const&) const = default;
};

class TroubleTeller {
public:
    /// A failed try is followed by no other for `pause`; a disk that is full now is so for a while.
    explicit TroubleTeller(Duration pause) : pause_(pause) {}

    bool may_try(Instant now) const { return !in_trouble_ || now >= retry_at_; }
    bool in_trouble() const { return in_trouble_; }
    /// Bytes that will never be in the log.
    void lost(std::uint64_t bytes) { lost_bytes_ += bytes; }
    /// News when the trouble begins; nothing while it lasts.
    std::optional<TroubleNews> failed(std::string const& words, Instant now);
    /// News when a trouble that was told is over.
    std::optional<TroubleNews> worked(std::string const& path);
    /// Lets the next write try at once.
    void hurry() { retry_at_ = Instant{}; }

private:
    Duration pause_;
    Instant retry_at_{};
    std::uint64_t lost_bytes_ = 0;
    bool in_trouble_ = false;
};

}  // namespace lares::os
