// apps/capture/rewrite.h: an archive file without some of its messages: doubles, or posts whose
// removal was asked for.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "apps/capture/dialect.h"
#include "apps/capture/tally.h"
#include "base/result.h"

namespace lares::capture {

/// Keeps the messages for which `keeps` is true; the sidecar (given as it is) names both states, so
/// that a crash between the two files leaves something that verify knows. Gives how many went.
/// For who holds the source's lock.
Result<std::int64_t> rewrite_without(
    std::string const& path, Sidecar, Language const&,
    std::function<bool(DialectReader&, Facts const&, std::string_view)> const& keeps,
    std::int64_t Sidecar::* counter);

}  // namespace lares::capture
