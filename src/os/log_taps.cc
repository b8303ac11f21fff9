// os/log_taps.cc: counting what is under way.

#include "os/log_taps.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace lares::os {

bool LogTaps::has_room() {
    std::lock_guard lock(mutex_);
    if (under_way_ < limits::tapped_bytes) return true;
    is_awaited_ = true;
    return false;
}

void LogTaps::put(std::size_t bytes) {
    std::lock_guard lock(mutex_);
    under_way_ += bytes;
}

bool LogTaps::taken(std::size_t bytes) {
    std::lock_guard lock(mutex_);
    under_way_ -= std::min(bytes, under_way_);
    return under_way_ < limits::tapped_bytes && std::exchange(is_awaited_, false);
}

}  // namespace lares::os
