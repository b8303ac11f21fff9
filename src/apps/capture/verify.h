// apps/capture/verify.h: whether an archive is what its sidecars say, and putting right what a
// crash left; bags for those who keep it (BagIt, RFC 8493).

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/capture/dialect.h"
#include "base/result.h"

namespace lares::capture {

enum class Mend { no, yes };

struct Verified {
    std::int64_t files = 0, messages = 0, missed = 0, doubles = 0;
    std::size_t gaps = 0;
    std::vector<std::string> faults;  // that are still there
    std::vector<std::string> mended;
};

/// All sources of the archive, or one. With Mend::yes: unfinished files are finished, missing
/// sidecars made, messages that came twice taken out of the later place. What is damaged is told,
/// never changed. A source that is being captured is verified, not mended: its lock is held.
Result<Verified> verify(std::string const& archive, std::string const& only_source, Mend);

/// Makes `folder` a bag with the source's files as its payload, under other names for the same
/// bytes where the file system can. conflict: the folder is there.
Result<> make_bag(std::string const& archive, std::string const& source, std::string const& folder,
                  std::int64_t now_seconds);
/// Every file of the manifests, and no other in "data".
Result<Verified> verify_bag(std::string const& folder);

/// The lock of a source; conflict: it is being captured, with words by whom.
std::string lock_path(std::string const& archive, std::string const& source);

}  // namespace lares::capture
