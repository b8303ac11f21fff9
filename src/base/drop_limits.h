// base/drop_limits.h: files that people drop into hot folders over HTTP.

#pragma once

#include <string_view>

namespace lares::limits {

/// PUT NAME/files/FILE below this. Such a body may be as large as a batch of jobs (batch_bytes):
/// it is in memory until it is on the disk.
inline constexpr std::string_view drop_target = "/api/v1/folders/";

}  // namespace lares::limits
