// daemon/folder_payload.h: what a job is told of the file it is for, and the key by which the same
// file makes one job.

#pragma once

#include <string>
#include <string_view>

#include "core/settle.h"

namespace lares::daemon {

/// JSON: {"file":"/abs/path","name":"x.pdf","folder":"in","size":n}, and "sha256" when it is known;
/// of a set "files": [paths in the order of the patterns], of a folder "count": files in it. A path
/// that is not UTF-8 comes with U+FFFD in it, and exactly as "path_base64".
std::string folder_payload(std::string_view folder, settle::Claim const&, std::string_view hash);

/// The same for this very content at this path, whatever daemon asks, and after a restart.
std::string folder_once(std::string_view folder, settle::Claim const&);

}  // namespace lares::daemon
