// ports/folders.h: hearing of changes to files and folders.

#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "ports/event.h"

namespace lares::ports {

class Folders {
public:
    virtual ~Folders() = default;
    /// Watches files or globs (in existing or later folders); FilesChanged comes once a change has
    /// been followed by `quiet` without another, and again for later changes. A file replaced by
    /// rename, written in place, created or removed counts; one only read or touched by chmod not.
    virtual void watch(WatchId, std::vector<std::string> patterns, Duration quiet) = 0;
    virtual void unwatch(WatchId) = 0;
};

}  // namespace lares::ports
