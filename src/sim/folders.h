// sim/folders.h: files that change, and who wanted to hear of it.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/folders.h"
#include "sim/kernel.h"

namespace lares::sim {

class Folders final : public ports::Folders {
public:
    explicit Folders(Kernel& kernel) : kernel_(kernel) {}

    /// Someone writes, replaces or removes the file.
    void change(std::string const& path);
    void crash() { watches_.clear(); }
    std::size_t watches() const { return watches_.size(); }

    void watch(ports::WatchId, std::vector<std::string> patterns, Duration quiet) override;
    void unwatch(ports::WatchId id) override { watches_.erase(id); }

private:
    struct Watch {
        std::vector<std::string> patterns;
        Duration quiet{0};
        int changes = 0;  // each one begins the quiet anew
    };

    Kernel& kernel_;
    std::map<ports::WatchId, Watch> watches_;
};

}  // namespace lares::sim
