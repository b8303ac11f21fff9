// os/log_taps.h: how many tapped bytes are under way from the log thread to the loop's.
//
// Put on the log thread, taken on the loop's. Beyond limits::tapped_bytes the log thread leaves the
// pipes of tapped channels alone until some are taken; their programs wait, nothing is dropped.

#pragma once

#include <cstddef>
#include <mutex>

namespace lares::os {

class LogTaps {
public:
    /// False: too much is under way; the next taken() that makes room says so.
    bool has_room();
    void put(std::size_t bytes);
    /// True when somebody waits for room and there is some now.
    bool taken(std::size_t bytes);

private:
    std::mutex mutex_;
    std::size_t under_way_ = 0;
    bool is_awaited_ = false;
};

}  // namespace lares::os
