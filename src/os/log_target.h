// os/log_target.h: opening what a log path names, and writing to it without ever waiting for a
// reader.
//
// A path may name a regular file, or a fifo, terminal, device, or one of our own descriptors
// (/dev/stdout, /dev/fd/3, /proc/self/fd/1, or a symlink to them). Only a regular file that is
// reached by its own name may be renamed, truncated or removed; all else is a stream, also
// /dev/stdout where it is redirected to a file.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "os/fd.h"

namespace lares::os {

/// Which file a name or a descriptor stands for.
struct LogFileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(LogFileIdentity const&) const = default;
};

struct OpenedTarget {
    enum class Kind {
        file,    // regular, reached by its own name
        stream,  // anything else; never waits
        lent,    // a duplicate of our own descriptor, which others share: must be asked before
                 // writing
    };
    Fd fd;
    Kind kind = Kind::stream;
    LogFileIdentity identity;
    std::int64_t size = 0;  // of a file
    WallTime changed{};     // of a file
};

/// Opens `path` for appending; makes the file with `mode` (less umask) when it is missing, never a
/// directory. A fifo that nobody reads fails with unavailable.
Result<OpenedTarget> open_target(std::string const& path, unsigned mode);

/// Whether `path` leads to one of this process's own descriptors.
bool is_own_descriptor(std::string path);

/// Writes what goes without waiting. Returns how many bytes went; less than all with errno EAGAIN
/// when the reader is slow, with another errno when it failed.
std::size_t write_without_waiting(OpenedTarget const& target, std::string_view bytes);

/// The file that `path` names now; none when there is none.
LogFileIdentity identity_of(std::string const& path);

}  // namespace lares::os
