// os/log_compress.h: making f.1.gz of f.1 without ever showing half of one.
//
// The bytes are compressed on a worker into a file of another name; naming the result and deleting
// the source is left to the log thread, which alone renames, so the two never meet.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "os/fd.h"
#include "os/log_target.h"

namespace lares::os {

/// One rotated log to be compressed. It may be renamed meanwhile, and is known by its identity.
struct Compression {
    std::string log;     // f
    std::string source;  // its name when it was found, for messages
    Fd fd;               // opened then, since the next rotation may give that name to another
    LogFileIdentity identity;
    std::int64_t bytes = 0;  // of the source
};

/// Where the compressed bytes of one of `log`'s siblings lie until they are whole.
std::string compression_path(std::string const& log);

/// The oldest of f.1 ... f.`backups` that is a plain file; none when all are compressed.
std::optional<Compression> find_compression(std::string const& log, int backups);

/// Compresses into compression_path(), with the source's owner, mode and times, and waits for the
/// disk. Ends early when `stopping`. Whatever fails leaves nothing behind.
Result<> compress(Compression const&, std::atomic<bool> const& stopping);

/// Gives the compressed bytes their name and deletes the source, wherever in f.1 ... f.`backups` it
/// is by now. not_found: it vanished meanwhile; conflict: it grew. The compressed bytes are then
/// thrown away.
Result<> finish_compression(Compression const&, int backups);

}  // namespace lares::os
