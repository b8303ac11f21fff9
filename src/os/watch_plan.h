// os/watch_plan.h: what must be watched to hear of changes to a file or glob.
//
// inotify watches what is there, by inode; a person names paths, which may not be there yet, lead
// through links, or be replaced as a whole. So for every pattern this finds each folder whose
// entries decide what the path means. Reads the file system; changes and watches nothing.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ports/event.h"

namespace lares::os {

/// Entries of a folder that somebody wants to hear of.
struct Interest {
    ports::WatchId watch{};
    std::string name;      // a glob; empty: this file itself
    bool is_file = false;  // the watched file itself, not only a step on the way to it
    bool operator==(Interest const&) const = default;
};

struct WatchNode {
    std::uint32_t mask = 0;  // IN_...
    std::vector<Interest> interests;
    bool operator==(WatchNode const&) const = default;
};

/// Which file a path was, and how it looked.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t bytes = 0;
    std::int64_t modified_nanoseconds = 0;
    bool operator==(FileIdentity const&) const = default;
};

struct WatchPlan {
    std::map<std::string, WatchNode> nodes;     // by path, free of links
    std::map<std::string, FileIdentity> files;  // that match now
    bool operator==(WatchPlan const&) const = default;
};

/// Adds what `pattern` (absolute) needs. A pattern that is a folder means the files in it.
void plan_watch(ports::WatchId, std::string const& pattern, WatchPlan& plan);

}  // namespace lares::os
