// apps/capture/recover.h: what a dead capture left unfinished, made into proper archive files; and
// where a source stands.
//
// For who holds the source's lock. Each step can be cut off and done again.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/capture/dialect.h"
#include "apps/capture/tally.h"
#include "base/result.h"

namespace lares::capture {

struct Recovered {
    std::string file;
    std::int64_t messages = 0;
    std::int64_t cut_bytes = 0;  // of a message that was not whole
};

/// Everything in the source's ".open". A file without a whole message is removed.
/// @param language  of its messages, for the sidecars.
Result<std::vector<Recovered>> recover(std::string const& archive, std::string const& source,
                                       Language const& language);

/// The last message that the archive has of a source.
struct Standing {
    Bound last;
    std::int64_t at_ms = 0;  // when its file was closed; when it was written last, if recovered
    std::string file;        // path, below the archive
};
/// None: the source has no message yet.
Result<std::optional<Standing>> find_standing(std::string const& archive,
                                              std::string const& source);

}  // namespace lares::capture
