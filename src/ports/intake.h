// ports/intake.h: hot folders as the daemon sees them: what lies in them, and moving it.
//
// Everything that touches the folders happens on threads of the intake's own: a network file system
// that hangs stops no decision. What it sees comes as FolderSeen; what is stable, and what becomes
// of it, is decided in core/settle.h.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "ports/event.h"

namespace lares::ports {

struct FolderSpec {
    std::string path;
    bool recursive = false;
    bool wants_folders = false;         // sub-folders are things themselves (unit = folder)
    std::vector<std::string> match;     // globs of names; empty: all
    std::vector<std::string> ignore;    // globs of names; beyond them "*.part" and the like
    std::vector<std::string> excluded;  // absolute folders below it that are not looked into
    Duration poll{0};                   // 0: by notification where that works
    bool may_be_special = false;        // FIFOs and devices count, too
};

class Intake {
public:
    virtual ~Intake() = default;
    /// Begins with a FolderSeen of everything there (whole = true). A watch that is there already
    /// is replaced.
    virtual void watch(FolderId, FolderSpec) = 0;
    virtual void unwatch(FolderId) = 0;
    /// Looks at these paths again, also whether somebody has them open for writing; answered by one
    /// FolderSeen that names each of them, as an entry or as gone.
    virtual void look(FolderId, std::vector<std::string> paths) = 0;
    /// Reads the whole folder again; answered by a FolderSeen with whole = true.
    virtual void rescan(FolderId) = 0;

    struct Identity {
        std::uint64_t device = 0, inode = 0;  // inode 0: whatever is there
        // Compared where both are known: a number is used again as soon as its file is removed.
        std::int64_t birth_ns = 0;
    };
    /// Renames, or between file systems copies, syncs and then removes; never onto another file: a
    /// taken name gets "-1", "-2", … before its ending. Makes the folder of `to`. Gives the path it
    /// has now. Done already (what is at `from` is not `identity`, and it is at `to`): says so with
    /// success. not_found: it is at neither.
    virtual void move(std::string from, std::string to, Identity,
                      std::function<void(Result<std::string>)> done) = 0;
    /// Writes a file as a person would copy it in: under a hidden name, synced, then renamed; never
    /// onto another file, as move(). It belongs to whom the folder belongs. Gives its path.
    virtual void put(std::string path, std::string bytes,
                     std::function<void(Result<std::string>)> done) = 0;
    /// Removes the file (or folder with all in it) if it is still that one; gone already: success.
    virtual void remove(std::string path, Identity, std::function<void(Result<>)> done) = 0;
    /// sha256 of its contents, in hex.
    virtual void hash(std::string path, std::function<void(Result<std::string>)> done) = 0;
};

}  // namespace lares::ports
