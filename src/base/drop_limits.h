// base/drop_limits.h: files that people send over HTTP, into hot folders and along with messages.

#pragma once

#include <string_view>

namespace lares::limits {

/// PUT NAME/files/FILE below this. Such a body may be as large as a batch of jobs (batch_bytes):
/// it is in memory until it is on the disk.
inline constexpr std::string_view drop_target = "/api/v1/folders/";
/// POST of a message: 20 MB of attachments are 27 MB in base64.
inline constexpr std::string_view message_target = "/api/v1/messages";

}  // namespace lares::limits
