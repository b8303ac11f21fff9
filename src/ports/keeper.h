// ports/keeper.h: the process above the daemon, as far as the daemon asks it for something.

#pragma once

#include <string>

#include "base/result.h"

namespace lares::ports {

class Keeper {
public:
    virtual ~Keeper() = default;
    /// Whether the file is a Lares that runs here: executes `PATH version` and waits for its
    /// answer, at most five seconds; for a worker. An empty path: the file this daemon was started
    /// from, as it is now. The Error says what is wrong with it.
    virtual Result<std::string> try_binary(std::string const& path) = 0;
    /// Ends this process soon, as abruptly as kill -9 would, and has the next daemon started from
    /// that file. unavailable: there is no keeper.
    virtual Result<> upgrade(std::string const& path) = 0;
};

}  // namespace lares::ports
