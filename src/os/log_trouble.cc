// os/log_trouble.cc: telling a trouble once.

#include "os/log_trouble.h"

#include <utility>

namespace lares::os {

std::optional<TroubleNews> TroubleTeller::failed(std::string const& words, Instant now) {
    retry_at_ = now + pause_;
    if (std::exchange(in_trouble_, true)) return std::nullopt;
    return TroubleNews{.ok = false, .words = words, .lost_bytes = lost_bytes_};
}

std::optional<TroubleNews> TroubleTeller::worked(std::string const& path) {
    if (!std::exchange(in_trouble_, false)) return std::nullopt;
    std::uint64_t lost = std::exchange(lost_bytes_, 0);
    std::string words = "'" + path + "' works again";
    if (lost > 0) words += "; " + std::to_string(lost) + " bytes were lost";
    return TroubleNews{.ok = true, .words = words, .lost_bytes = lost};
}

}  // namespace lares::os
