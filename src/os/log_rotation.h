// os/log_rotation.h: the rules of rotated logs: their names, which to delete, how much to read.
//
// Pure: no clock, no file. os/log_file.cc carries out what is decided here. Names and order are
// supervisord's (f, f.1, f.2 ...); ".gz" behind them, retention and rotation by time are ours.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lares::os {

/// More backups than this are not kept: each costs two renames at every rotation.
inline constexpr int log_backups = 10'000;
/// What supervisord reads at once; a log exceeds its maxbytes by less than this.
inline constexpr std::size_t log_near_read_bytes = 128u << 10;
/// What is read at once while the log is far from its maxbytes.
inline constexpr std::size_t log_read_size = 1u << 20;

/// One rotated log.
struct Sibling {
    int number = 0;           // 1 is the newest
    bool compressed = false;  // f.1.gz
    std::int64_t bytes = 0;
    WallTime changed{};
    bool operator==(Sibling const&) const = default;
};

/// "f.3" or "f.3.gz".
std::string sibling_path(std::string_view log, int number, bool compressed);

struct Retention {
    Duration keep_for{0};         // 0: for ever
    std::int64_t keep_bytes = 0;  // all siblings together, the log itself not counted; 0: no limit
    bool is_asked() const { return keep_for > Duration(0) || keep_bytes > 0; }
};

/// Those of `siblings` (newest first) that `retention` does not let stay. Beyond keep_bytes the
/// older ones go, also those that would fit again.
std::vector<Sibling> expired(std::vector<Sibling> const& siblings, Retention const& retention,
                             WallTime now);

/// When the next of `siblings` becomes too old; none without keep_for or without siblings.
std::optional<WallTime> next_expiry(std::vector<Sibling> const& siblings,
                                    Retention const& retention);

/// How much to read for a log at `position`, so that one unsplit write does not carry it past
/// `maxbytes` (0: no limit) by log_near_read_bytes or more.
std::size_t read_size(std::int64_t position, std::int64_t maxbytes);

}  // namespace lares::os
