// control/usage_meter.h: what the programs use, measured when somebody asks and not more often than
// every two seconds, however many ask.

#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/house.h"
#include "text/value.h"

namespace lares::control {

class UsageMeter {
public:
    /// A measurement is as good as new for so long.
    static constexpr Duration fresh_for{2'000};

    struct Entry {
        std::string group, name;
        ports::ProcessUsage usage;
    };
    struct Measured {
        WallTime at{};
        std::vector<Entry> entries;  // by name
        ports::ProcessUsage own;     // the daemon's
    };

    explicit UsageMeter(House& house) : house_(house) {}

    /// Calls back with one of now, or at most fresh_for old; maybe before this returns. The
    /// reference lasts for the call.
    void ask(std::function<void(Measured const&)>);

private:
    void take(std::vector<Entry> entries, std::vector<ports::ProcessUsage> const& found);

    House& house_;
    Measured last_;
    std::vector<std::function<void(Measured const&)>> waiting_;
};

/// {"at":..., "usage":[{name, group, pid, cpu_seconds, memory, fds, threads}]}
text::Value usage_value(UsageMeter::Measured const&);

}  // namespace lares::control
