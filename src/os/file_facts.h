// os/file_facts.h: what a file is, with the time when it was made.
//
// Of a name that was removed the next file may get the number; its birth tells the two apart
// (core/settle.h). stat(2) does not give it, statx(2) does, where the file system keeps it.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "ports/intake.h"

namespace lares::os {

struct FileFacts {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t birth_ns = 0;  // 0: not known
    std::int64_t size = 0, mtime_ns = 0, ctime_ns = 0;
    mode_t mode = 0;
};

/// Of a name in an open folder (AT_FDCWD: of a path), which is not followed when it is a link.
/// False: errno says why.
bool read_facts(int folder, char const* name, FileFacts&);
/// Of an open file.
bool read_facts(int fd, FileFacts&);

/// Whether it is the file of that identity; births count where both are known. Of zeros: none is.
bool is_that(FileFacts const&, ports::Intake::Identity const&);
/// All zeros: nothing is there.
ports::Intake::Identity identity_at(std::string const& path);

}  // namespace lares::os
