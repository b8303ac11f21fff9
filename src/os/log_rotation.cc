// os/log_rotation.cc: names, ages and sizes of rotated logs.

#include "os/log_rotation.h"

#include <algorithm>

namespace lares::os {

std::string sibling_path(std::string_view log, int number, bool compressed) {
    std::string path(log);
    path += '.';
    path += std::to_string(number);
    if (compressed) path += ".gz";
    return path;
}

std::vector<Sibling> expired(std::vector<Sibling> const& siblings, Retention const& retention,
                             WallTime now) {
    std::vector<Sibling> out;
    std::int64_t total = 0;
    for (Sibling const& sibling : siblings) {
        total += sibling.bytes;
        bool too_old =
            retention.keep_for > Duration(0) && sibling.changed + retention.keep_for <= now;
        bool too_much = retention.keep_bytes > 0 && total > retention.keep_bytes;
        if (too_old || too_much) out.push_back(sibling);
    }
    return out;
}

std::optional<WallTime> next_expiry(std::vector<Sibling> const& siblings,
                                    Retention const& retention) {
    if (retention.keep_for <= Duration(0) || siblings.empty()) return std::nullopt;
    auto oldest = std::ranges::min_element(siblings, {}, &Sibling::changed);
    return oldest->changed + retention.keep_for;
}

std::size_t read_size(std::int64_t position, std::int64_t maxbytes) {
    if (maxbytes <= 0) return log_read_size;
    std::int64_t room = std::max<std::int64_t>(maxbytes - position, 0);
    return std::clamp(static_cast<std::size_t>(room), log_near_read_bytes, log_read_size);
}

}  // namespace lares::os
