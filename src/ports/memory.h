// ports/memory.h: what the daemon knows, kept where its own death does not reach.
//
// Written before it is acted upon: after kill -9 at any instruction the next daemon finds the last
// record of every key whole, never half of one.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lares::ports {

class Memory {
public:
    virtual ~Memory() = default;
    /// Replaces what is kept under `key` ("unit/web:web_00"). Costs a few microseconds and waits
    /// for no disk. A record is at most 64 KB and may hold any bytes.
    virtual void keep(std::string_view key, std::string_view record) = 0;
    virtual void drop(std::string_view key) = 0;
    /// What a predecessor left, in the order first kept; empty after the first call.
    virtual std::vector<std::pair<std::string, std::string>> take_left() = 0;
    /// Why nothing can be kept (a full or read-only disk), in words; empty when all is well.
    virtual std::string trouble() const = 0;
};

}  // namespace lares::ports
