// store/past.h: the past of a house's tasks, read from a database beside a daemon that may have it
// open.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/past.h"

namespace lares::store {

/// Of jobs and runs since `since` (seconds since 1970), in one snapshot; nothing is written. Of
/// each table the newest `most` rows. Errors: not_found, unavailable, io, with what helps.
Result<simulate::Past> read_past(std::string const& path, std::int64_t since,
                                 std::int64_t most = 2'000'000);

}  // namespace lares::store
