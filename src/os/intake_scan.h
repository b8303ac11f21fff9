// os/intake_scan.h: what lies in a hot folder, as entries.
//
// Names are bytes. No symbolic link below the folder is followed, on no path: who may write there
// must not make us read elsewhere. Sub-folders on other file systems are not entered. Everything
// here may wait for a disk or a network: for the intake's own threads.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/intake.h"

namespace lares::os {

/// Which names are things. Beyond the spec's `ignore`: hidden names (".x", unless a `match` that
/// begins with a dot says so) and those of unfinished or helper files ("*.part", "*~", "*.tmp", …),
/// unless `match` asks for such names.
class NameRules {
public:
    explicit NameRules(ports::FolderSpec const&);
    bool accepts(std::string const& name) const;
    /// Whether a sub-folder of that name is looked into.
    bool enters(std::string const& name) const;

private:
    std::vector<std::string> match_, ignore_;
};

/// For the shown manual: the built-in patterns.
std::vector<std::string_view> ignored_by_default();

/// Whether anybody has the open file open for writing, by asking for a read lease on it; nothing
/// when the kernel does not let us ask (another's file and no privilege, a network file system).
enum class Writers { none, some, unknown };
Writers writers_of(int fd);

struct ScanHands {
    /// Before a folder is read: the place to put a watch, so that nothing falls between.
    std::function<void(std::string const& folder)> enter;
    std::function<void(ports::FolderEntry)> tell;
};
struct Scanned {
    bool is_whole = true;  // false: a part could not be read; what is missing is not gone
    std::string trouble;   // why; empty: nothing
};

/// Everything below `folder`, which is the spec's path or a folder in it.
Scanned scan(ports::FolderSpec const&, NameRules const&, std::string const& folder,
             ScanHands const&);

/// One path of the spec's folder as it is now. False: it is gone (or a part of the way is a link).
/// @param ask_writers  also whether somebody has it open for writing.
bool look_at(ports::FolderSpec const&, std::string const& path, bool ask_writers,
             ports::FolderEntry&);

/// The folder (below the spec's) and all folders in it, each told before what is in it is read.
void for_each_folder(ports::FolderSpec const&, std::string const& folder,
                     std::function<void(std::string const&)> const& tell);

/// Why notifications do not work at this path, by its file system: "nfs", "fuse", …; empty: they
/// do. An Error when the path is not there or not a folder.
Result<std::string> unnotified_file_system(std::string const& path);

}  // namespace lares::os
