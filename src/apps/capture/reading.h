// apps/capture/reading.h: the messages of an archive file, as far as it can be read.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::capture {

/// Longer than any message: what has no end of line until there is passed over as damage.
constexpr std::size_t longest_message = 8u << 20;

struct FileReading {
    std::int64_t messages = 0;
    std::int64_t bytes = 0;      // of messages, without the ends of their lines
    bool is_whole = true;        // the packed stream has its end, and the last line too
    std::int64_t cut_bytes = 0;  // unpacked, after the last end of a line
    std::string trouble;         // what is wrong when it is not whole
};

/// Calls `take` with each message; blank lines and the CR of older files are left out. Stops early
/// when `take` returns false, and then does not judge what follows.
Result<FileReading> read_messages(std::string const& path,
                                  std::function<bool(std::string_view)> const& take);

/// Lines out of pieces. Pure.
class LineSplitter {
public:
    /// Gives each line that ended, without its end, blank ones too; false: `take` wanted no more.
    bool add(std::string_view bytes, std::function<bool(std::string_view)> const& take);
    std::string const& rest() const { return rest_; }
    void clear() { rest_.clear(); }

private:
    std::string rest_;
};

}  // namespace lares::capture
